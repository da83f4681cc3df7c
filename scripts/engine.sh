# The docker engine of the tests and the demo. Sourced by setup.sh.
#
# A running engine is used as it is. Otherwise Debian's dockerd is started in its own network namespace, because two engines
# in one namespace delete each other's bridge. slirp4netns connects it to the network, so that image builds can install
# packages. Its images are kept in /var/lib/polycrate-engine for the next run; everything else is removed with the script.

engine_store=/var/lib/polycrate-engine
engine_started=""
engine_process=""
engine_network=""

engine_tools="
docker.io       command -v docker && command -v dockerd
slirp4netns     command -v slirp4netns
iproute2        command -v ip
cgroupfs-mount  [ -e /sys/fs/cgroup/cgroup.controllers ] || [ -d /sys/fs/cgroup/memory ] || command -v cgroupfs-mount
apparmor        ! grep -q Y /sys/module/apparmor/parameters/enabled || command -v apparmor_parser
"

engine_answers() {
  docker version >/dev/null 2>&1
}

ensure_engine_tools() {
  if can_install_packages; then
    ensure_tools "no docker engine is running, so the script starts one" "$engine_tools"
  else
    note_missing "a running docker engine" "install and start docker, or run this script as root on Debian"
  fi
}

ensure_engine() {
  # Installing the package may have started its service.
  ! engine_answers || return 0
  say "starting a docker engine, because none is running; it is stopped at the end of this script"
  start_engine
}

start_engine() {
  # Not under TMPDIR: the path of a socket is limited to 107 bytes. Other users can enter, because dockerd protects the socket.
  engine_started=$($sudo mktemp -d /run/polycrate-engine.XXXXXX)
  $sudo chmod 711 "$engine_started"
  export DOCKER_HOST="unix://$engine_started/docker.sock"
  unset DOCKER_CONTEXT DOCKER_TLS_VERIFY DOCKER_CERT_PATH
  # Its own session protects it from Ctrl-C; the parent-death signal ends it even if this script gets SIGKILL.
  $sudo setsid setpriv --pdeathsig TERM unshare --net --mount \
    sh -c "$run_engine" sh "$engine_started" "$engine_store" "$(id -gn)" &
  engine_process=$!
  await engine_answers || fail_with_log "the docker engine did not start" "$engine_started/log"
  engine_pid=$(cat "$engine_started/dockerd.pid")
  $sudo setsid setpriv --pdeathsig TERM slirp4netns --configure --mtu=65520 --disable-host-loopback "$engine_pid" tap0 \
    >/dev/null 2>&1 &
  engine_network=$!
  await grep -q '^tap0.00000000' "/proc/$engine_pid/net/route" || say "warning: the engine has no network access"
}

# Runs inside the namespaces. Each engine locks the first free numbered store, so concurrent runs share nothing.
run_engine='
  exec >"$1/log" 2>&1 </dev/null
  ip link set lo up
  echo "nameserver 10.0.2.3" >"$1/resolv.conf" # that of slirp4netns
  mount --bind "$1/resolv.conf" /etc/resolv.conf
  [ -e /sys/fs/cgroup/cgroup.controllers ] || [ -d /sys/fs/cgroup/memory ] || cgroupfs-mount
  umask 077 && mkdir -p "$2"
  number=1
  while exec 9>"$2/$number.lock" && ! flock --nonblock 9; do number=$((number + 1)); done
  exec dockerd --host="unix://$1/docker.sock" --data-root="$2/$number" --exec-root="$1/exec" \
    --pidfile="$1/dockerd.pid" --group="$3"
'

stop_engine() {
  for process in $engine_process $engine_network; do
    $sudo sh -c 'kill "$1"' sh "$process" # by default Debian has kill only as a shell builtin
    wait "$process" 2>/dev/null
  done
  $sudo rm -rf "$engine_started"
}

# await COMMAND…: repeats the command until it succeeds; fails after 30 seconds, or when the engine has exited.
await() {
  tries=0
  until "$@" >/dev/null 2>&1; do
    tries=$((tries + 1))
    [ "$tries" -lt 300 ] && [ -d "/proc/$engine_process" ] || return 1
    sleep 0.1
  done
}

# containers_with DIRECTORY: the names of all containers that mount something below it.
containers_with() {
  docker ps --all --quiet |
    xargs -r docker inspect --format '{{.Name}}{{range .Mounts}} {{.Source}}{{end}}' |
    sed -n "s|^/\([^ ]*\) .*$1/.*|\1|p"
}
