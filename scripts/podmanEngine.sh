# podman of Debian's packages for the tests, with images of its own. Sourced by setup.sh, after engine.sh.
#
# `use_podman` puts it in docker's place for the scripts and the tests: the `docker` on the PATH is podman, and polycrate uses it.
# Its images are kept in /var/lib/polycrate-engine for the next run.

podman_started=""

# shellcheck disable=SC2034 # of test.sh
podman_tools="
podman     command -v podman
catatonit  [ -e /usr/libexec/podman/catatonit ] || command -v catatonit
runc       command -v runc
"

# The settings are for machines with version 1 of control groups too, and for callers who cannot raise their limits.
use_podman() {
  podman_started=$(mktemp -d /run/polycrate-podman.XXXXXX)
  number=1
  mkdir -p "$engine_store"
  while exec 8>"$engine_store/podman-$number.lock" && ! flock --nonblock 8; do number=$((number + 1)); done
  cat >"$podman_started/containers.conf" <<CONFIG
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]
netns = "host"
CONFIG
  cat >"$podman_started/storage.conf" <<CONFIG
[storage]
driver = "overlay"
runroot = "$podman_started/run"
graphroot = "$engine_store/podman-$number"
CONFIG
  mkdir "$podman_started/bin"
  printf '#!/bin/sh\nexec %s "$@"\n' "$(command -v podman)" >"$podman_started/bin/docker"
  chmod 755 "$podman_started/bin/docker"
  unset DOCKER_HOST DOCKER_CONTEXT
  export CONTAINERS_CONF="$podman_started/containers.conf" CONTAINERS_STORAGE_CONF="$podman_started/storage.conf"
  export POLYCRATE_ENGINE=podman PATH="$podman_started/bin:$PATH"
}

# start_podman_socket: serves docker's API; docker's own client goes to it.
start_podman_socket() {
  PATH=${PATH#"$podman_started/bin:"}
  unset POLYCRATE_ENGINE
  export DOCKER_HOST="unix://$podman_started/podman.sock"
  setsid setpriv --pdeathsig TERM podman system service --time=0 "$DOCKER_HOST" >"$podman_started/log" 2>&1 &
  podman_service=$!
  engine_process=$podman_service await docker version || fail_with_log "podman's socket did not start" "$podman_started/log"
}

stop_podman() {
  if [ -n "${podman_service-}" ]; then
    kill "$podman_service"
    wait "$podman_service" 2>/dev/null
  fi
  podman rm --all --force --time=0 >/dev/null 2>&1
  umount "$podman_started/run/overlay" 2>/dev/null
  rm -rf "$podman_started"
}
