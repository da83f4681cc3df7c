#!/bin/sh
# Prints a root file system with Debian's static busybox, and optionally bash, as a tar.
#
#   sh scripts/images/busybox.sh [bash]

set -eu
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

chmod 755 "$tree"
mkdir -m 755 "$tree/bin" "$tree/sbin" "$tree/usr" "$tree/usr/bin" "$tree/usr/sbin" "$tree/etc" "$tree/workspace"
mkdir -m 700 "$tree/root"
mkdir -m 1777 "$tree/tmp"

install -m 755 "$(command -v busybox)" "$tree/bin/busybox"
busybox --list-full | while read -r applet; do
  [ -e "$tree/$applet" ] || ln -s /bin/busybox "$tree/$applet"
done
[ "${1:-}" != bash ] || install -m 755 "$(command -v bash-static)" "$tree/bin/bash"

echo "root:x:0:0:root:/root:/bin/sh" >"$tree/etc/passwd"
echo "root:x:0:" >"$tree/etc/group"

tar -C "$tree" --owner=0 --group=0 --numeric-owner -cf - .
