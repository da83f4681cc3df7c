#!/bin/sh
# Prints a root file system with Debian's static busybox, and optionally bash and GNU's programs for files, as a tar.
#
#   sh scripts/images/busybox.sh [bash] [gnu]

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

add_bash() {
  install -m 755 "$(command -v bash-static)" "$tree/bin/bash"
}

# With the libraries that they load.
add_gnu() {
  for program in find sort comm cut xargs tar; do
    path=$(command -v "$program")
    ldd "$path" | grep -o '/[^ ]*' | while read -r library; do
      [ -e "$tree$library" ] || install -D -m 755 "$library" "$tree$library"
    done
    rm -f "$tree/bin/$program" "$tree/usr/bin/$program"
    install -m 755 "$path" "$tree/usr/bin/$program"
  done
}

for part; do "add_$part"; done

echo "root:x:0:0:root:/root:/bin/sh" >"$tree/etc/passwd"
echo "root:x:0:" >"$tree/etc/group"

tar -C "$tree" --owner=0 --group=0 --numeric-owner -cf - .
