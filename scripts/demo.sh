#!/bin/sh
# Sets up the machine, compiles polycrate, and runs the example workspace. Exits with 0 only if every step succeeded.
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
  # An image with the same content may already exist, and the demo has to show the build.
  echo "a line that no other image has: $scratch $(date)" >>greeting.txt
  tour
  printf '\nAll commands ran in %s, which is removed now.\n' "$PWD"
}

tour() {
  step "A workspace contains blocks, and blocks contain actions."
  show "polycrate list"
  ended_with 0

  step "An action runs in a container. Its image is built first, from Dockerfile.poly."
  show "polycrate run hello greet"
  ended_with 0
  said 'HELLO FROM THE IMAGE to the world & "everybody" in it'
  built=$(build_times)

  step "The second run builds nothing, because no file in the image has changed. Arguments after -- reach the script."
  show "polycrate run hello greet -- 'you there'"
  ended_with 0
  said "HELLO FROM THE IMAGE to you there"
  [ "$(build_times)" = "$built" ] || broken "the image was built again"

  step "The snapshot is a file in the container with everything that polycrate knows about the run."
  show "polycrate run hello look"
  ended_with 0
  said "GREETED: "

  step "An action writes files to its block's artifacts folder, and you own them: see docker_flags."
  show "polycrate run hello report"
  ended_with 0
  show "cat artifacts/blocks/hello/report.txt"
  said "written by user $(id -u) in /scratch"

  step "An inherited action runs in the folder of the block that defines it: shop has no folder, base has."
  show "polycrate run shop scale"
  ended_with 0
  said /workspace/blocks/base
  said "the plan that lies beside the block"
  said "replicas: 3"

  step "The first item that fails ends the action, with its exit code."
  show "polycrate run hello fail"
  ended_with 7
  said "item 2"

  step "A dry run prints a shell script of the docker commands, for a ticket or a runbook. This is its end …"
  show "polycrate run hello greet --dry-run | sed -n '/^docker run/,\$p'"
  ended_with 0
  said "docker run"
  said "platform team"

  step "… and running the script has the same effect."
  show "polycrate run hello greet --dry-run | sh"
  ended_with 0
  said "HELLO FROM THE IMAGE"

  left=$(containers_with "$scratch")
  [ -z "$left" ] || broken "a container is left: $left"
}

step() {
  printf '\n# %s\n' "$1"
}

# show COMMAND: prints the command as it is typed, runs it, and prints its output.
show() {
  printf '$ %s\n' "$1"
  status=0
  eval "$1" >"$scratch/output" 2>&1 </dev/null || status=$?
  cat "$scratch/output"
}

ended_with() {
  [ "$status" = "$1" ] || broken "the exit code is $status instead of $1"
}

said() {
  grep -qF -- "$1" "$scratch/output" || broken "the output does not contain: $1"
}

# When each image of a workspace was last tagged; the time changes even if every step of a build came from the cache.
build_times() {
  images_of "$scratch" | xargs docker image inspect --format '{{.Id}} {{.Metadata.LastTagTime}}'
}

broken() {
  printf 'error: %s\n' "$1" >&2
  exit 1
}

main
