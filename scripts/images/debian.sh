#!/bin/sh
# Prints a root file system of Debian with some packages as a tar, built without an image registry. Runs as root.
#
#   sh scripts/images/debian.sh PACKAGE…

set -eu
tree=$(mktemp -d)
trap 'rm -rf --one-file-system "$tree"' EXIT

# debootstrap cannot resolve dependencies on virtual packages, which Ansible has, so apt installs the packages in the chroot.
debootstrap --variant=minbase bookworm "$tree" >&2
chroot "$tree" env DEBIAN_FRONTEND=noninteractive \
  sh -eu -s "$@" >&2 <<'INSIDE'
printf 'path-exclude /usr/share/%s/*\n' doc man locale >/etc/dpkg/dpkg.cfg.d/small
printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d # no package may start its service
chmod 755 /usr/sbin/policy-rc.d
apt-get update
apt-get install --yes --no-install-recommends "$@" </dev/null
rm -rf /usr/sbin/policy-rc.d /var/lib/apt/lists/* /var/cache/apt/*.bin /var/cache/apt/archives/*.deb
find / -xdev -path '*/ansible_collections/*' -name __pycache__ -prune -exec rm -r {} +
INSIDE
# The machine may use a proxy with its own certificates.
cp /etc/ssl/certs/ca-certificates.crt "$tree/etc/ssl/certs/ca-certificates.crt"

tar -C "$tree" --numeric-owner -cf - .
