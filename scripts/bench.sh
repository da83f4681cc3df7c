#!/bin/sh
# Sets up the machine, measures polycrate on a docker engine, and prints a table.
#
#   sh scripts/bench.sh [--no-install] [--quick] [--peers] [--only PART] [--json FILE]

# shellcheck source=scripts/setup.sh
. "$(dirname "$0")/setup.sh"

BENCH_SCRATCH=$(cd "$(mktemp -d "${TMPDIR:-/tmp}/polycrate-bench.XXXXXX")" && pwd -P)
export BENCH_SCRATCH
clean_up() {
  remove_traces_of "$BENCH_SCRATCH"
  rm -rf "$BENCH_SCRATCH"
}

peer_tools=""
case " $* " in
  *" --peers "*) peer_tools="rsync  command -v rsync" ;;
esac
set_up "$peer_tools" "$small_image_tools"
ensure_busybox_image
remember_latest
bun scripts/bench.ts "$@"
