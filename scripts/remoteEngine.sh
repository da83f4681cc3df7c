# An engine of another machine for the tests: a second dockerd, in namespaces of its own in which no workspace of the tests can be
# seen, and an sshd on loopback whose only account is the caller's. Sourced by setup.sh, after engine.sh.
#
# POLYCRATE_REMOTE_ENGINE is its folder: `docker.sock`, which the tests reach through a relay on TCP, and `bin/ssh`, which goes
# to the sshd at `ssh://remote-engine`. Its images are kept in /var/lib/polycrate-engine for the next run.

remote_started=""
remote_process=""
remote_sshd=""

# shellcheck disable=SC2034 # test.sh uses it
remote_tools="
openssh-server  command -v sshd
"

# ensure_remote_engine IMAGE…: starts it unless there is one, and gives it these images of the engine of the tests.
ensure_remote_engine() {
  [ -n "${POLYCRATE_REMOTE_ENGINE-}" ] || start_remote_engine
  for image; do
    wanted=$(docker image inspect --format '{{.Id}}' "$image")
    [ "$(remote_docker image inspect --format '{{.Id}}' "$image" 2>/dev/null)" = "$wanted" ] ||
      docker save "$image" | remote_docker load >/dev/null
  done
}

remote_docker() {
  DOCKER_HOST="unix://$POLYCRATE_REMOTE_ENGINE/docker.sock" docker "$@"
}

remote_answers() {
  remote_docker version >/dev/null 2>&1
}

start_remote_engine() {
  remote_started=$($sudo mktemp -d /run/polycrate-remote.XXXXXX)
  $sudo chmod 711 "$remote_started"
  export POLYCRATE_REMOTE_ENGINE="$remote_started"
  $sudo setsid setpriv --pdeathsig TERM unshare --net --mount \
    sh -c "$hide_workspaces $run_engine" sh "$remote_started" "$engine_store/remote" "$(id -gn)" &
  remote_process=$!
  engine_process=$remote_process await remote_answers ||
    fail_with_log "the second docker engine did not start" "$remote_started/log"
  start_remote_sshd
}

# The folders of the tests are empty in the engine's view, as they are on another machine.
hide_workspaces='
  for folder in /tmp /var/tmp /home /root /work /srv; do
    [ ! -d "$folder" ] || mount -t tmpfs tmpfs "$folder"
  done
'

# The far end runs `docker system dial-stdio`, as docker over ssh does, on the second engine.
start_remote_sshd() {
  $sudo mkdir -p /run/sshd "$remote_started/ssh" "$remote_started/bin"
  $sudo chown "$(id -u)" "$remote_started/ssh" "$remote_started/bin"
  ssh_folder=$remote_started/ssh
  ssh-keygen -q -t ed25519 -N "" -f "$ssh_folder/host"
  ssh-keygen -q -t ed25519 -N "" -f "$ssh_folder/key"
  cp "$ssh_folder/key.pub" "$ssh_folder/authorized"
  port=$(free_port)
  cat >"$ssh_folder/sshd_config" <<CONFIG
ListenAddress 127.0.0.1:$port
HostKey $ssh_folder/host
AuthorizedKeysFile $ssh_folder/authorized
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
SetEnv DOCKER_HOST=unix://$remote_started/docker.sock PATH=$PATH
CONFIG
  cat >"$ssh_folder/config" <<CONFIG
Host remote-engine
  HostName 127.0.0.1
  Port $port
  User $(id -un)
  IdentityFile $ssh_folder/key
  IdentitiesOnly yes
  UserKnownHostsFile $ssh_folder/known_hosts
  StrictHostKeyChecking accept-new
CONFIG
  # ssh reads the configuration in the home of the account, whatever HOME says.
  printf '#!/bin/sh\nexec %s -F %s "$@"\n' "$(command -v ssh)" "$ssh_folder/config" >"$remote_started/bin/ssh"
  chmod 755 "$remote_started/bin/ssh"
  setsid setpriv --pdeathsig TERM "$(command -v sshd)" -D -e -f "$ssh_folder/sshd_config" 2>"$ssh_folder/log" &
  remote_sshd=$!
  engine_process=$remote_sshd await "$remote_started/bin/ssh" -n remote-engine true ||
    fail_with_log "the sshd of the second engine did not start" "$ssh_folder/log"
}

free_port() {
  bun -e 'const server = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } }); console.log(server.port); server.stop()'
}

stop_remote_engine() {
  for process in $remote_process $remote_sshd; do
    $sudo sh -c 'kill "$1"' sh "$process"
    wait "$process" 2>/dev/null
  done
  $sudo rm -rf "$remote_started"
}
