# A rootless docker engine of an ordinary user for the tests. Sourced by setup.sh, after engine.sh.
#
# The user exists only in a mount namespace: copies of passwd, group, subuid and subgid with its lines are mounted over the
# machine's files there. POLYCRATE_ROOTLESS_ENGINE is its folder: `docker.sock`, `pid` of a process in the namespace, `home`.
# Its images are kept in /var/lib/polycrate-engine for the next run.

rootless_started=""
rootless_keeper=""
rootless_process=""
rootless_uid=54321
rootless_user=polycrate-tester

# shellcheck disable=SC2034 # of test.sh
rootless_tools="
rootlesskit  command -v rootlesskit
uidmap       command -v newuidmap && command -v newgidmap
"

# ensure_rootless_engine IMAGE…: starts it unless there is one, and gives it these images of the engine of the tests. Fails
# where the kernel lets no user have namespaces.
ensure_rootless_engine() {
  [ -n "${POLYCRATE_ROOTLESS_ENGINE-}" ] || start_rootless_engine || return
  for image; do
    wanted=$(docker image inspect --format '{{.Id}}' "$image")
    [ "$(rootless_docker image inspect --format '{{.Id}}' "$image" 2>/dev/null)" = "$wanted" ] ||
      docker save "$image" | rootless_docker load >/dev/null
  done
}

rootless_docker() {
  DOCKER_HOST="unix://$POLYCRATE_ROOTLESS_ENGINE/docker.sock" docker "$@"
}

start_rootless_engine() {
  # Debian's package has the script, but not on the PATH.
  script=$(PATH="$PATH:/usr/share/docker.io/contrib" command -v dockerd-rootless.sh) || {
    say "warning: the tests of a rootless engine are left out: docker's package has no dockerd-rootless.sh"
    return 1
  }
  rootless_started=$($sudo mktemp -d /run/polycrate-rootless.XXXXXX)
  $sudo chmod 755 "$rootless_started"
  $sudo setsid setpriv --pdeathsig TERM unshare --mount \
    sh -c "$make_rootless_user" sh "$rootless_started" "$rootless_user" "$rootless_uid" "$engine_store" &
  rootless_keeper=$!
  engine_process=$rootless_keeper await [ -e "$rootless_started/pid" ] ||
    fail_with_log "a user of a rootless engine could not be made" "$rootless_started/log"
  as_rootless_user setsid setpriv --pdeathsig TERM env PATH="$PATH" "$script" \
    --host="unix://$rootless_started/run/docker.sock" --data-root="$rootless_started/store" \
    >"$rootless_started/dockerd.log" 2>&1 &
  rootless_process=$!
  POLYCRATE_ROOTLESS_ENGINE=$rootless_started
  if ! engine_process=$rootless_process await rootless_docker version; then
    tail -n 3 "$rootless_started/dockerd.log" >&2
    say "warning: the tests of a rootless engine are left out, because it did not start"
    unset POLYCRATE_ROOTLESS_ENGINE
    return 1
  fi
  export POLYCRATE_ROOTLESS_ENGINE
}

# Each locks the first free numbered store. The device is for the user's network: where udev does not run, it is root's alone.
make_rootless_user='
  exec >"$1/log" 2>&1 </dev/null
  set -e
  mkdir "$1/etc" "$1/run" "$1/home" "$1/dev"
  for file in passwd group subuid subgid; do
    [ -e "/etc/$file" ] || touch "/etc/$file"
    cp "/etc/$file" "$1/etc/$file"
  done
  echo "$2:x:$3:$3::$1/home:/bin/sh" >>"$1/etc/passwd"
  echo "$2:x:$3:" >>"$1/etc/group"
  for file in subuid subgid; do echo "$2:1000000:65536" >>"$1/etc/$file"; done
  for file in passwd group subuid subgid; do mount --bind "$1/etc/$file" "/etc/$file"; done
  if [ -e /dev/net/tun ]; then
    mount -t tmpfs -o mode=755 tmpfs "$1/dev"
    mknod -m 666 "$1/dev/tun" c 10 200
    mount --bind "$1/dev/tun" /dev/net/tun
  fi
  mkdir -p "$4"
  chmod 711 "$4"
  number=1
  while exec 9>"$4/rootless-$number.lock" && ! flock --nonblock 9; do number=$((number + 1)); done
  mkdir -p "$4/rootless-$number"
  ln -s "$4/rootless-$number" "$1/store"
  ln -s run/docker.sock "$1/docker.sock"
  chown "$3:$3" "$1/run" "$1/home" "$4/rootless-$number"
  echo $$ >"$1/pid.new"
  mv "$1/pid.new" "$1/pid"
  exec sleep infinity
'

# Runs a command as the user, in its namespace and in this folder, which the namespace has as well.
as_rootless_user() {
  $sudo nsenter --mount="/proc/$(cat "$rootless_started/pid")/ns/mnt" \
    setpriv --reuid="$rootless_uid" --regid="$rootless_uid" --clear-groups \
    env HOME="$rootless_started/home" USER="$rootless_user" LOGNAME="$rootless_user" XDG_RUNTIME_DIR="$rootless_started/run" \
    sh -c 'cd "$0" && exec "$@"' "$PWD" "$@"
}

# The engine gets SIGTERM when its starter ends. Its keeper has the lock of the store until the engine has ended.
stop_rootless_engine() {
  engine_pid=$($sudo cat "$rootless_started/run/docker.pid" 2>/dev/null) || engine_pid=none
  for process in $rootless_process; do
    $sudo sh -c 'kill "$1"' sh "$process"
    wait "$process" 2>/dev/null
  done
  tries=0
  while [ -d "/proc/$engine_pid" ] && [ "$tries" -lt 100 ]; do
    tries=$((tries + 1))
    sleep 0.1
  done
  $sudo sh -c 'kill "$1"' sh "$rootless_keeper"
  wait "$rootless_keeper" 2>/dev/null
  $sudo rm -rf "$rootless_started"
}
