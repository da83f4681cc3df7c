#!/bin/sh
# Prints a root file system of Debian 13 as a tar, like debian:trixie-slim, built without an image registry. Runs as root.

set -eu
tree=$(mktemp -d)
trap 'rm -rf --one-file-system "$tree"' EXIT

debootstrap --variant=minbase --include=ca-certificates trixie "$tree" >&2
printf 'path-exclude /usr/share/%s/*\n' doc man locale >"$tree/etc/dpkg/dpkg.cfg.d/small"
printf '#!/bin/sh\nexit 101\n' >"$tree/usr/sbin/policy-rc.d" # no package may start its service
chmod 755 "$tree/usr/sbin/policy-rc.d"
rm -rf "$tree"/var/lib/apt/lists/* "$tree"/var/cache/apt/*.bin "$tree"/var/cache/apt/archives/*.deb
# The machine may use a proxy with its own certificates.
cp /etc/ssl/certs/ca-certificates.crt "$tree/etc/ssl/certs/ca-certificates.crt"

tar -C "$tree" --numeric-owner -cf - .
