# The docker engine of the tests and the demo. Sourced by setup.sh.
#
# An engine that answers is used as it is. Else Debian's dockerd is started, with a network of its own, because two engines
# in one network take each other's bridge away; slirp4netns leads out of it, so image builds can install packages. Its images
# stay in /var/lib/polycrate-engine for the next run; everything else of it ends with the script, however that ends.

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
    ensure_tools "no docker engine answers, so one is started here" "$engine_tools"
  else
    note_missing "a docker engine that answers" "install and start docker, or run this as root on a Debian"
  fi
}

ensure_engine() {
  # The package may have started its service.
  ! engine_answers || return 0
  say "starting a docker engine, since none answers; it ends with this script"
  start_engine
}

start_engine() {
  # Not under TMPDIR: the path of a socket has at most 107 bytes. Others may pass through, as dockerd itself guards the socket.
  engine_started=$($sudo mktemp -d /run/polycrate-engine.XXXXXX)
  $sudo chmod 711 "$engine_started"
  export DOCKER_HOST="unix://$engine_started/docker.sock"
  unset DOCKER_CONTEXT DOCKER_TLS_VERIFY DOCKER_CERT_PATH
  # A session of its own keeps a Ctrl-C away; the death signal ends it even when this script is killed with 9.
  $sudo setsid setpriv --pdeathsig TERM unshare --net --mount \
    sh -c "$run_engine" sh "$engine_started" "$engine_store" "$(id -gn)" &
  engine_process=$!
  await engine_answers || fail_with_log "the docker engine did not start" "$engine_started/log"
  engine_pid=$(cat "$engine_started/dockerd.pid")
  $sudo setsid setpriv --pdeathsig TERM slirp4netns --configure --mtu=65520 --disable-host-loopback "$engine_pid" tap0 \
    >/dev/null 2>&1 &
  engine_network=$!
  await grep -q '^tap0.00000000' "/proc/$engine_pid/net/route" || say "the engine has no way out to the network"
}

# Runs inside the namespaces. Of the numbered stores each engine locks the first free one, so runs at once share nothing.
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
    $sudo sh -c 'kill "$1"' sh "$process" # Debian has no kill outside of shells by itself
    wait "$process" 2>/dev/null
  done
  $sudo rm -rf "$engine_started"
}

# await COMMAND…: whether it succeeds within half a minute, while the engine runs.
await() {
  tries=0
  until "$@" >/dev/null 2>&1; do
    tries=$((tries + 1))
    [ "$tries" -lt 300 ] && [ -d "/proc/$engine_process" ] || return 1
    sleep 0.1
  done
}

# containers_with DIRECTORY: the names of all containers that mount something in it.
containers_with() {
  docker ps --all --quiet |
    xargs -r docker inspect --format '{{.Name}}{{range .Mounts}} {{.Source}}{{end}}' |
    sed -n "s|^/\([^ ]*\) .*$1/.*|\1|p"
}
