#!/bin/sh
# Runs every tool of the image and prints its version; fails when one does not run, or when a download does not have its
# pinned version.
#
#   polycrate-toolchain-check [PART…]

set -u
share=/usr/local/share/polycrate
tab=$(printf '\t')
failed=0

check() { # PART TOOL SOURCE COMMAND
  output=$(sh -c "$4" </dev/null 2>&1) || {
    printf '%s%s%s%s%s\n' "$1" "$tab" "$2" "$tab" "FAILED: $(printf '%s' "$output" | tail -n 1)"
    return 1
  }
  if [ "$3" = download ]; then
    pinned=$(awk -F "$tab" -v tool="$2" '$2 == tool { print $3; exit }' "$share/downloads.tsv")
    case $output in
      *"$pinned"*) ;;
      *)
        printf '%s%s%s%s%s\n' "$1" "$tab" "$2" "$tab" "FAILED: not the pinned version $pinned"
        return 1
        ;;
    esac
  fi
  printf '%s%s%s%s%s\n' "$1" "$tab" "$2" "$tab" "$(printf '%s\n' "$output" | grep -v '^$' | head -n 1)"
}

# wanted PART: whether it is in the image and, if there are arguments, one of them.
wanted() {
  grep -qx "$1=yes" "$share/parts" || return 1
  case " $only " in "  " | *" $1 "*) return 0 ;; *) return 1 ;; esac
}

only=$*
while IFS=$tab read -r part tool source command; do
  case $part in '#'*) continue ;; esac
  wanted "$part" || continue
  check "$part" "$tool" "$source" "$command" || failed=$((failed + 1))
done <"$share/contents.tsv"
[ "$failed" = 0 ] || {
  echo "error: $failed tools do not work" >&2
  exit 1
}
