#!/bin/sh
# Builds a release of the version in package.json, signs it, and publishes it on GitHub and npm.
#
#   PAGE=https://… sh scripts/publish.sh [--dry-run] TAG
#
# PAGE                 the address that the files will have
# GH_TOKEN             publishes on GitHub, with gh; without it nothing is published there
# NPM_TOKEN            publishes in npm's registry (npm config get registry); without it nothing is published there
# MINISIGN_SECRET_KEY  the text of a minisign key without a password; without it SHA256SUMS is not signed
#
# With --dry-run it builds and signs, and prints the commands that would publish.

set -eu
cd "$(dirname "$0")/.."

main() {
  dry_run=no
  if [ "${1:-}" = --dry-run ]; then
    dry_run=yes
    shift
  fi
  [ $# = 1 ] || fail "missing argument TAG" "pass the tag of the release, such as v1.2.3"
  version=$(sed -n 's/^  "version": "\(.*\)",$/\1/p' package.json)
  [ "$1" = "v$version" ] || fail "the tag $1 is not v$version, the version in package.json" "change either of them"
  [ -n "${PAGE:-}" ] || fail "PAGE is not set" "set it to the address that the files will have"
  PATH=$PATH:$PWD/.cache/bun/node_modules/.bin:$PWD/.cache/bun/bin # where setup.sh installs bun
  out=dist/release
  bun run release --out "$out" --page "$PAGE"
  sign
  publish_on_github "$1"
  publish_on_npm
}

sign() {
  rm -f "$out/SHA256SUMS.minisig"
  [ -n "${MINISIGN_SECRET_KEY:-}" ] || return 0
  command -v minisign >/dev/null || fail "minisign was not found on PATH" "install the package minisign"
  key=$(mktemp)
  printf '%s\n' "$MINISIGN_SECRET_KEY" >"$key"
  signed=yes
  minisign -S -s "$key" -m "$out/SHA256SUMS" -t "polycrate $version" </dev/null || signed=no
  rm -f "$key"
  [ "$signed" = yes ] || fail "SHA256SUMS could not be signed" "the key must have no password: minisign -G -W"
}

publish_on_github() {
  [ -n "${GH_TOKEN:-}" ] || [ "$dry_run" = yes ] || return 0
  run gh release create "$1" --verify-tag --title "polycrate $version" --notes "$(notes)" "$out"/*
}

# The changes of this version, as the changelog has them.
notes() {
  sed -n "/^## $version /,/^## [^ ]* /p" .github/CHANGELOG.md | sed '/^## /d'
}

# The packages of the platforms come first: the one that depends on them can be installed as soon as it is there.
publish_on_npm() {
  [ -n "${NPM_TOKEN:-}" ] || [ "$dry_run" = yes ] || return 0
  # npm takes the token from the environment, so that it is in no file and no argument.
  settings=$(mktemp)
  trap 'rm -f "$settings"' EXIT
  registry=$(npm config get registry)
  echo "${registry#*:}:_authToken=\${NPM_TOKEN}" >"$settings"
  for package in "$out"/polycrate-*-"$version".tgz "$out/polycrate-$version.tgz"; do
    run npm publish --access public --userconfig "$settings" "$package"
  done
}

run() {
  if [ "$dry_run" = yes ]; then echo "$*"; else "$@"; fi
}

fail() {
  printf 'error: %s\nhint: %s\n' "$1" "$2" >&2
  exit 1
}

main "$@"
