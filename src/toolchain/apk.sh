#!/bin/sh
# `apk` for Dockerfiles that were written for an Alpine image: this one is Debian, so it runs apt-get, and prints the command.

set -eu

main() {
  [ $# -gt 0 ] || usage
  command=""
  packages=""
  while [ $# -gt 0 ]; do
    case $1 in
      -t | --virtual | -X | --repository) shift ;; # they have a value, which is ignored
      -*) ;;
      *) if [ -z "$command" ]; then command=$1; else packages="$packages $(debian_names "$1")"; fi ;;
    esac
    [ $# -eq 0 ] || shift
  done
  # shellcheck disable=SC2086 # one word for each package
  case $command in
    update) run apt-get update ;;
    upgrade) install_with upgrade ;;
    add) [ -z "${packages# }" ] || install_with "install --no-install-recommends" ;;
    del) [ -z "${packages# }" ] || run apt-get remove --yes $packages ;;
    search) run apt-cache search $packages ;;
    info) run dpkg-query --show $packages ;;
    cache) ;;
    *) usage ;;
  esac
}

# Fetches package lists if there are none, and removes them again, as `--no-cache` does.
install_with() {
  lists=$(find /var/lib/apt/lists -name '*_Packages*' 2>/dev/null | head -n 1)
  [ -n "$lists" ] || run apt-get update
  # shellcheck disable=SC2086 # one word for each package
  run env DEBIAN_FRONTEND=noninteractive apt-get --yes $1 $packages
  [ -n "$lists" ] || rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin
  rm -f /var/cache/apt/archives/*.deb
}

run() {
  echo "apk: this image is Debian; running: $*" >&2
  "$@"
}

# Names that differ; versions of Alpine do not exist in Debian.
debian_names() {
  name=${1%%[=<>~@]*}
  [ "$name" = "$1" ] || echo "apk: this image is Debian; ignoring the Alpine version in \`$1\`" >&2
  case $name in
    .*) ;; # a virtual package
    alpine-sdk | build-base) echo build-essential ;;
    bind-tools) echo bind9-dnsutils ;;
    docker) echo docker.io ;;
    g++ | gcc | make | git) echo "$name" ;;
    gcompat | libc6-compat) ;;
    linux-headers) echo linux-libc-dev ;;
    mariadb-client | mysql-client) echo default-mysql-client ;;
    musl-dev) echo libc6-dev ;;
    nodejs-current | nodejs-lts) echo nodejs ;;
    openssh) echo openssh-client openssh-server ;;
    openssh-client-default | openssh-client-common) echo openssh-client ;;
    openssl-dev) echo libssl-dev ;;
    py-pip | py3-pip) echo python3-pip ;;
    py3-*) echo "python3-${name#py3-}" ;;
    shadow) echo passwd ;;
    zlib-dev) echo zlib1g-dev ;;
    *) echo "$name" ;;
  esac
}

usage() {
  echo "apk: this image is Debian; add, del, update, upgrade, search and info are passed on to apt-get" >&2
  exit 64
}

main "$@"
