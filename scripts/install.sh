#!/bin/sh
# Installs polycrate from a release page:
#
#   curl -fsSL https://PAGE/install.sh | sh -s -- --url https://PAGE
#
# --url URL      the page with the archives and SHA256SUMS; POLYCRATE_RELEASE_URL names it too
# --prefix DIR   installs to DIR/bin; ~/.local unless told
#
# The old executable is replaced at the very end, in one step: when anything is wrong before that, nothing has changed.

set -eu

main() {
  url=${POLYCRATE_RELEASE_URL:-}
  prefix=${HOME:-}/.local
  read_words "$@"
  [ -n "$url" ] || refuse "no release page is given" "add \`--url URL\`, or set POLYCRATE_RELEASE_URL"
  [ "$prefix" != /.local ] || refuse "HOME is not set" "add \`--prefix DIR\`"
  archive=polycrate-$(platform).tar.gz
  scratch=$(mktemp -d "${TMPDIR:-/tmp}/polycrate-install.XXXXXX")
  new=""
  trap 'rm -rf "$scratch" "$new"' EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
  download SHA256SUMS
  expected=$(sed -n "s/^\([0-9a-f]\{64\}\) [ *]$archive\$/\1/p" "$scratch/SHA256SUMS")
  [ -n "$expected" ] || refuse "$url has no $archive" "see which platforms its SHA256SUMS lists"
  download "$archive"
  actual=$(sha256 <"$scratch/$archive")
  [ "${actual%% *}" = "$expected" ] ||
    refuse "$archive is not what SHA256SUMS says: it is damaged or was changed" "try again later, and tell who made the release"
  tar -xzf "$scratch/$archive" -C "$scratch" polycrate || refuse "$archive cannot be unpacked" "see that tar and gzip are installed"
  install_executable
}

read_words() {
  while [ $# -gt 0 ]; do
    case $1 in
      --url=*) url=${1#*=} ;;
      --prefix=*) prefix=${1#*=} ;;
      --url | --prefix)
        [ $# -gt 1 ] || refuse "\`$1\` has no value" "write it behind"
        if [ "$1" = --url ]; then url=$2; else prefix=$2; fi
        shift
        ;;
      *) refuse "\`$1\` is not known here" "known are --url URL and --prefix DIR" ;;
    esac
    shift
  done
  url=${url%/}
}

platform() {
  system=$(uname -s)
  machine=$(uname -m)
  case $machine in
    x86_64 | amd64) processor=x64 ;;
    aarch64 | arm64) processor=arm64 ;;
    *) refuse "there is no executable for the processor $machine" "build it from the sources" ;;
  esac
  case $system in
    Linux) if is_musl; then echo "linux-$processor-musl"; else echo "linux-$processor"; fi ;;
    Darwin) echo "darwin-$(darwin_processor)" ;;
    MINGW* | MSYS* | CYGWIN*) refuse "there is no executable for Windows" "install it inside of WSL" ;;
    *) refuse "there is no executable for $system" "build it from the sources" ;;
  esac
}

# ldd of musl prints its name and fails; Debian's package of musl, next to the C library, does not change what ldd is.
is_musl() {
  case $(ldd --version 2>&1 || true) in
    *musl*) return 0 ;;
    *) return 1 ;;
  esac
}

# A shell under Rosetta takes the processor for another.
darwin_processor() {
  if [ "$(sysctl -n sysctl.proc_translated 2>/dev/null || true)" = 1 ]; then echo arm64; else echo "$processor"; fi
}

download() {
  if command -v curl >/dev/null; then
    curl -fsSL --retry 2 -o "$scratch/$1" "$url/$1" || not_downloaded "$1"
  elif command -v wget >/dev/null; then
    wget -q -O "$scratch/$1" "$url/$1" || not_downloaded "$1"
  else
    refuse "neither curl nor wget is installed" "install one of them"
  fi
}

not_downloaded() {
  refuse "$url/$1 cannot be downloaded" "see that the address is right and can be reached from here"
}

sha256() {
  if command -v sha256sum >/dev/null; then
    sha256sum
  elif command -v shasum >/dev/null; then
    shasum -a 256
  elif command -v openssl >/dev/null; then
    openssl dgst -sha256 -r
  else
    refuse "nothing here can check a SHA-256 hash" "install sha256sum, shasum or openssl"
  fi
}

# Beside the old one first: only within one file system a rename is one step, and a running polycrate keeps its file.
install_executable() {
  { mkdir -p "$prefix/bin" && new=$(mktemp "$prefix/bin/.polycrate.XXXXXX"); } 2>/dev/null ||
    refuse "$prefix/bin cannot be written" "add \`--prefix DIR\` with a folder of yours"
  { cat "$scratch/polycrate" >"$new" && chmod 755 "$new"; } ||
    refuse "$prefix/bin has no room for it" "make room, or add \`--prefix DIR\`"
  version=$("$new" version) || refuse "the executable does not run here" "$(running_hint)"
  mv -f "$new" "$prefix/bin/polycrate"
  new=""
  printf 'polycrate %s is installed: %s\n' "$version" "$prefix/bin/polycrate"
  case :$PATH: in
    *:"$prefix/bin":*) ;;
    *) printf "hint: it is not on PATH: export PATH=\"%s/bin:\$PATH\"\n" "$prefix" ;;
  esac
}

running_hint() {
  case $archive in
    *musl*) echo "on Alpine it needs a library: apk add libstdc++" ;;
    *) echo "what it printed above says more" ;;
  esac
}

# refuse WHAT HINT: the subshell of a command substitution ends the script too, thanks to set -e.
refuse() {
  printf 'error: %s\nhint: %s\n' "$1" "$2" >&2
  exit 1
}

# Called in the last line, so that a script that was cut short does nothing.
main "$@"
