#!/bin/sh
# Puts one pinned tool below /out: from /tools/TOOL/downloads if it exists, else from its address. Both are checked.
#
#   fetch.sh yes|no TOOL

set -eu
wanted=$1
tool=$2
tab=$(printf '\t')

main() {
  # Never empty: docker's classic builder loses an image that copies two empty folders (moby 20.10).
  mkdir -p /out/usr/local/share/polycrate/fetched
  echo "$wanted" >"/out/usr/local/share/polycrate/fetched/$tool"
  [ "$wanted" != no ] || return 0
  architecture=$(dpkg --print-architecture)
  row=$(grep "^[^$tab]*${tab}${tool}${tab}[^$tab]*${tab}${architecture}${tab}" "/tools/$tool/rows") ||
    fail "there is no $tool for $architecture" "leave it out, or add a row for it to downloads.tsv"
  # shellcheck disable=SC2086 # one word for each column
  set -- $row
  part_of=$1
  version=$3
  sha256=$5
  address=$6
  member=$7
  executable_sha256=$8
  file=/tools/$tool/downloads/${address##*/}
  bare=/tools/$tool/downloads/$tool-$version-linux-$architecture

  if [ -f "$bare" ]; then
    [ "$executable_sha256" != - ] ||
      fail "there is no checksum for the bare executable of $tool $version" "put ${address##*/} into the downloads folder instead"
    check "$bare" "$executable_sha256"
    install_executable "$bare"
    return
  fi
  [ -f "$file" ] || download
  check "$file" "$sha256"
  unpack
}

download() {
  echo "fetching $tool $version from $address"
  curl --fail --location --silent --show-error --retry 3 --proto =https --connect-timeout 20 --output "$file" "$address" ||
    fail "$tool $version could not be downloaded from $address" \
      "put ${address##*/} into a folder and build with \`--downloads FOLDER\`, or leave it out with \`--without $part_of\`"
}

# check FILE SHA256
check() {
  found=$(sha256sum <"$1")
  found=${found%% *}
  [ "$found" = "$2" ] ||
    fail "$tool $version does not match its checksum: ${1##*/} has SHA-256 $found, expected $2" \
      "the file was modified, or is another version; do not use it"
}

unpack() {
  mkdir -p /unpacked
  case $file in
    *.zip) unzip -q "$file" -d /unpacked ;;
    *.tar.gz | *.tgz) tar -xzf "$file" -C /unpacked --no-same-owner ;;
    *) install_executable "$file" && return ;;
  esac
  case $member in
    */) install_folder "/unpacked/${member%/}" ;;
    *)
      [ "$executable_sha256" = - ] || check "/unpacked/$member" "$executable_sha256"
      install_executable "/unpacked/$member"
      ;;
  esac
  rm -rf /unpacked
}

install_executable() {
  mkdir -p /out/usr/local/bin
  install -m 755 "$1" "/out/usr/local/bin/$tool"
}

# A folder with a `bin`, whose commands are linked to.
install_folder() {
  mkdir -p /out/opt /out/usr/local/bin
  rm -rf "$1/.install/.backup"
  mv "$1" /out/opt/
  for command in "/out/opt/${1##*/}/bin"/*; do
    [ ! -f "$command" ] || ln -s "${command#/out}" /out/usr/local/bin/
  done
}

# fail MESSAGE HINT
fail() {
  printf 'error: %s\nhint: %s\n' "$1" "$2" >&2
  exit 1
}

main
