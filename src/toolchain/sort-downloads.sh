#!/bin/sh
# Sorts the rows of the table, and the given downloads, into a folder for each tool.
#
#   sort-downloads.sh TABLE_FOLDER TARGET

set -eu
from=$1
to=$2

while read -r part tool version architecture sha256 address rest; do
  case $part in '' | '#'*) continue ;; esac
  mkdir -p "$to/$tool/downloads"
  printf '%s\t' "$part" "$tool" "$version" "$architecture" "$sha256" "$address" >>"$to/$tool/rows"
  printf '%s\n' "$rest" >>"$to/$tool/rows"
  # Two tools' addresses may end alike (`…/amd64/kubectl`), so a bare name counts only for the tool of that name.
  for name in "${address##*/}" "$tool-$version-linux-$architecture"; do
    [ ! -f "$from/downloads/$name" ] || mv "$from/downloads/$name" "$to/$tool/downloads/$name"
  done
done <"$from/downloads.tsv"
