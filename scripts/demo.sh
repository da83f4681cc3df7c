#!/bin/sh
# Sets the machine up, compiles polycrate, and runs the example workspace for real. Ends with 0 only if all of it happened.
#
#   sh scripts/demo.sh [--no-install]

# shellcheck source=scripts/setup.sh
. "$(dirname "$0")/setup.sh"

scratch=$(cd -P "$(mktemp -d "${TMPDIR:-/tmp}/polycrate-demo.XXXXXX")" && pwd)
clean_up() {
  remove_traces_of "$scratch"
  rm -rf "$scratch"
}

main() {
  set_up "" "$small_image_tools"
  ensure_busybox_image
  bun run build
  remember_latest
  PATH=$PWD/dist:$PATH
  cp -R tests/example "$scratch/example"
  cd "$scratch/example"
  # An image of the very same content may be there already, and this one is to be built before your eyes.
  echo "a line that no other image has: $scratch $(date)" >>greeting.txt
  tour
  printf '\nAll of this happened in %s, which is removed now.\n' "$PWD"
}

tour() {
  step "A workspace declares blocks, and blocks declare actions."
  show "polycrate list"
  ended_with 0

  step "An action runs in a container. The image for it is built first, from Dockerfile.poly."
  show "polycrate run hello greet"
  ended_with 0
  said 'HELLO FROM THE IMAGE to the world & "everybody" in it'
  built=$(build_times)

  step "The second time nothing is built, since nothing that is in the image has changed. Arguments reach the script."
  show "polycrate run hello greet -- 'you there'"
  ended_with 0
  said "HELLO FROM THE IMAGE to you there"
  [ "$(build_times)" = "$built" ] || broken "the image was built again"

  step "What polycrate knows about the run is a file in the container: the snapshot."
  show "polycrate run hello look"
  ended_with 0
  said "GREETED: "

  step "An action leaves files behind in the artifacts directory of its block, and they belong to you: see docker_flags."
  show "polycrate run hello report"
  ended_with 0
  show "cat artifacts/blocks/hello/report.txt"
  said "written by user $(id -u) in /scratch"

  step "An inherited action runs where its block is: shop has no directory, base has."
  show "polycrate run shop scale"
  ended_with 0
  said /workspace/blocks/base
  said "the plan that lies beside the block"
  said "replicas: 3"

  step "The first failing item ends an action, with its own exit code."
  show "polycrate run hello fail"
  ended_with 7
  said "item 2"

  step "A dry run prints all that would be done, for a ticket or a runbook. This is its end …"
  show "polycrate run hello greet --dry-run | sed -n '/^docker run/,\$p'"
  ended_with 0
  said "docker run"
  said "platform team"

  step "… and a shell that runs it does the same."
  show "polycrate run hello greet --dry-run | sh"
  ended_with 0
  said "HELLO FROM THE IMAGE"

  left=$(containers_with "$scratch")
  [ -z "$left" ] || broken "a container is left: $left"
}

step() {
  printf '\n# %s\n' "$1"
}

# show COMMAND: prints the command as it would be typed, runs it, and prints what it says.
show() {
  printf '$ %s\n' "$1"
  status=0
  eval "$1" >"$scratch/output" 2>&1 </dev/null || status=$?
  cat "$scratch/output"
}

ended_with() {
  [ "$status" = "$1" ] || broken "it ended with $status, not with $1"
}

said() {
  grep -qF -- "$1" "$scratch/output" || broken "it did not say: $1"
}

# When each image of a workspace was last made; the time moves even when every step of a build came from the cache.
build_times() {
  images_of "$scratch" | xargs docker image inspect --format '{{.Id}} {{.Metadata.LastTagTime}}'
}

broken() {
  printf 'error: %s\n' "$1" >&2
  exit 1
}

main
