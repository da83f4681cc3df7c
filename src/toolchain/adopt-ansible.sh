#!/bin/sh
# Makes Ansible's commands run in the environment, so that they see what `pip install` adds.

set -eu
for command in /usr/bin/ansible*; do
  sed '1s|^#!.*python3.*|#!/opt/python/bin/python3|' "$command" >"$VIRTUAL_ENV/bin/${command##*/}"
  chmod 755 "$VIRTUAL_ENV/bin/${command##*/}"
done
