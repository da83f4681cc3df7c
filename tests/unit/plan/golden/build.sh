#!/bin/sh
# polycrate build
# Unlike polycrate, this script keeps no record or log, masks no secrets, has no timeout and asks no questions.
(
set -eu
umask 022
cd /work/example
cleanup() {
  if [ -n "${private-}" ]; then chmod -R u+rwx "$private"; rm -rf "$private"; fi
}
trap cleanup EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# build the image unless it exists
if docker image inspect --format='{{.Id}} {{.RepoTags}}' polycrate-workspace:4c782d59911b8502ac716d7573736566 >/dev/null 2>&1; then
  docker image tag polycrate-workspace:4c782d59911b8502ac716d7573736566 polycrate-workspace:latest || :
else
private=$(mktemp -d)
context=$private/context
# Copies exactly the files that the image's tag is the hash of, and fails if one of them has changed.
umask 022
if command -v sha256sum >/dev/null 2>&1; then sha256() { sha256sum; }; else sha256() { shasum -a 256; }; fi
stage() { # SHA256 PATH [MODE [SOURCE]]
  if ! cat <"${4-./$2}" >"$context/$2" || [ "$(sha256 <"$context/$2")" != "$1  -" ]; then
    printf 'error: %s has changed since this script was printed\nhint: print the script again\n' "$2" >&2
    exit 1
  fi
  [ $# -lt 3 ] || chmod "$3" "$context/$2"
}
# All files in the image belong to root. docker rejects a tar that starts with a pax header.
case $(tar --version 2>&1) in
*GNU*) pack() { tar --owner=0 --group=0 --numeric-owner --format=gnu "$@"; } ;;
*bsdtar*) pack() { COPYFILE_DISABLE=1 tar --uid=0 --gid=0 --numeric-owner "$@"; } ;;
*) pack() { tar "$@"; } ;;
esac
mkdir -p \
  "$context"
stage d53729628d788e5474f7743e7186dad5fe06c9e76a0b372f813382e078099489 Dockerfile.poly
stage ee2a72675a0622b7b6612301462e4d7cbb49364b675606ea076e3486b010bf2b greeting.txt
chmod 755 "$context"
pack -C "$context" -cf - . | docker build \
  --tag=polycrate-workspace:4c782d59911b8502ac716d7573736566 \
  --tag=polycrate-workspace:latest \
  --label=polycrate.workspace=/work/example \
  --force-rm \
  --file=Dockerfile.poly \
  - || exit 125
fi
)
