#!/bin/sh
# Installs polycrate from a release page:
#
#   curl -fsSL https://PAGE/install.sh | sh -s -- --url https://PAGE
#
# --url URL      the page with the archives and SHA256SUMS; default: POLYCRATE_RELEASE_URL
# --prefix DIR   install to DIR/bin, manual pages and completions to DIR/share; default: ~/.local
#
# An existing executable is replaced atomically: if anything fails before that, nothing has changed. Manual pages and completions
# follow it; polycrate works without them.

set -eu

main() {
  url=${POLYCRATE_RELEASE_URL:-}
  prefix=${HOME:-}/.local
  read_words "$@"
  [ -n "$url" ] || refuse "missing release page" "pass \`--url URL\`, or set POLYCRATE_RELEASE_URL"
  [ "$prefix" != /.local ] || refuse "HOME is not set" "pass \`--prefix DIR\`"
  archive=polycrate-$(platform).tar.gz
  scratch=$(mktemp -d "${TMPDIR:-/tmp}/polycrate-install.XXXXXX")
  new=""
  trap 'rm -rf "$scratch" "$new"' EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
  download SHA256SUMS
  expected=$(sed -n "s/^\([0-9a-f]\{64\}\) [ *]$archive\$/\1/p" "$scratch/SHA256SUMS")
  [ -n "$expected" ] || refuse "$url has no $archive" "its SHA256SUMS lists the available platforms"
  download "$archive"
  actual=$(sha256 <"$scratch/$archive")
  [ "${actual%% *}" = "$expected" ] ||
    refuse "the checksum of $archive does not match SHA256SUMS" "try again later, and report it to the publisher of the release"
  tar -xzf "$scratch/$archive" -C "$scratch" || refuse "$archive cannot be unpacked" "make sure that tar and gzip are installed"
  install_executable
  install_share
}

read_words() {
  while [ $# -gt 0 ]; do
    case $1 in
      --url=*) url=${1#*=} ;;
      --prefix=*) prefix=${1#*=} ;;
      --url | --prefix)
        [ $# -gt 1 ] || refuse "flag \`$1\` requires a value" "use \`$1 VALUE\`"
        if [ "$1" = --url ]; then url=$2; else prefix=$2; fi
        shift
        ;;
      *) refuse "unexpected argument \`$1\`" "the flags are --url URL and --prefix DIR" ;;
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
    *) refuse "there is no executable for the architecture $machine" "build it from source" ;;
  esac
  case $system in
    Linux) if is_musl; then echo "linux-$processor-musl"; else echo "linux-$processor"; fi ;;
    Darwin) echo "darwin-$(darwin_processor)" ;;
    MINGW* | MSYS* | CYGWIN*) refuse "there is no executable for Windows" "install it in WSL" ;;
    *) refuse "there is no executable for $system" "build it from source" ;;
  esac
}

# musl's ldd prints its name and fails. Debian's musl package, installed next to glibc, does not replace ldd.
is_musl() {
  case $(ldd --version 2>&1 || true) in
    *musl*) return 0 ;;
    *) return 1 ;;
  esac
}

# In a shell under Rosetta, uname reports the wrong architecture.
darwin_processor() {
  if [ "$(sysctl -n sysctl.proc_translated 2>/dev/null || true)" = 1 ]; then echo arm64; else echo "$processor"; fi
}

download() {
  if command -v curl >/dev/null; then
    curl -fsSL --retry 2 -o "$scratch/$1" "$url/$1" || not_downloaded "$1"
  elif command -v wget >/dev/null; then
    wget -q -O "$scratch/$1" "$url/$1" || not_downloaded "$1"
  else
    refuse "no program found to download with" "install curl or wget"
  fi
}

not_downloaded() {
  refuse "$url/$1 cannot be downloaded" "check the URL and your network connection"
}

sha256() {
  if command -v sha256sum >/dev/null; then
    sha256sum
  elif command -v shasum >/dev/null; then
    shasum -a 256
  elif command -v openssl >/dev/null; then
    openssl dgst -sha256 -r
  else
    refuse "no program found to verify the SHA-256 checksum" "install sha256sum, shasum or openssl"
  fi
}

# Written next to the old one first: a rename is atomic within a file system, and a running polycrate keeps its file.
install_executable() {
  { mkdir -p "$prefix/bin" && new=$(mktemp "$prefix/bin/.polycrate.XXXXXX"); } 2>/dev/null ||
    refuse "$prefix/bin cannot be written" "pass \`--prefix DIR\` with a folder that you can write"
  { cat "$scratch/polycrate" >"$new" && chmod 755 "$new"; } ||
    refuse "the executable cannot be written to $prefix/bin" "free some disk space, or pass \`--prefix DIR\`"
  version=$("$new" version) || refuse "the executable does not run on this machine" "$(running_hint)"
  mv -f "$new" "$prefix/bin/polycrate"
  new=""
  printf 'polycrate %s is installed: %s\n' "$version" "$prefix/bin/polycrate"
  case :$PATH: in
    *:"$prefix/bin":*) ;;
    *) printf "hint: add it to PATH: export PATH=\"%s/bin:\$PATH\"\n" "$prefix" ;;
  esac
}

# man, bash-completion and fish look there for programs in DIR/bin; zsh requires the folder in its fpath.
install_share() {
  [ -d "$scratch/share" ] || return 0
  cp -R "$scratch/share" "$prefix/" 2>/dev/null ||
    printf 'warning: the manual pages and completions cannot be written to %s\n' "$prefix/share" >&2
}

running_hint() {
  case $archive in
    *musl*) echo "on Alpine it requires a library: apk add libstdc++" ;;
    *) echo "see its output above" ;;
  esac
}

# refuse WHAT HINT: in the subshell of a command substitution it ends the script too, because of set -e.
refuse() {
  printf 'error: %s\nhint: %s\n' "$1" "$2" >&2
  exit 1
}

# Called in the last line, so that a partially downloaded script does nothing.
main "$@"
