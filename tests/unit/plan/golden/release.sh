#!/bin/sh
# polycrate run release
# Unlike polycrate, this script keeps no record or log, masks no secrets, has no timeout and asks no questions.
(

# polycrate run hello greet
(
set -eu
umask 022
cd /work/example

# refuse links and unexpected kinds of files in these paths
refuse() {
  printf 'error: `%s` is not a %s\nhint: polycrate does not follow links here; move or remove it\n' "$PWD/$1" "$2" >&2
  exit 73
}
for place in .polycrate .polycrate/run .polycrate/run/01a20e8a-0000-7000-8000-00c0ffee0001 .logs artifacts artifacts/blocks artifacts/blocks/hello .polycrate/cache .polycrate/cache/users; do
  if [ -L "$place" ] || { [ -e "$place" ] && [ ! -d "$place" ]; }; then refuse "$place" folder; fi
done
for place in .polycrate/.gitignore .snapshot.yml; do
  if [ -L "$place" ] || { [ -e "$place" ] && [ ! -f "$place" ]; }; then refuse "$place" file; fi
done
cleanup() {
  rm -rf .polycrate/run/01a20e8a-0000-7000-8000-00c0ffee0001
  if [ -n "${private-}" ]; then chmod -R u+rwx "$private"; rm -rf "$private"; fi
}
trap cleanup EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# create the folder of this run, which is removed at the end
mkdir -p .polycrate/run
mkdir -m 700 .polycrate/run/01a20e8a-0000-7000-8000-00c0ffee0001
mkdir -p .polycrate/run/01a20e8a-0000-7000-8000-00c0ffee0001/files
mkdir -p .polycrate/run/01a20e8a-0000-7000-8000-00c0ffee0001/files/ansible
mkdir -p .polycrate/run/01a20e8a-0000-7000-8000-00c0ffee0001/status
mkdir -p .logs
mkdir -p artifacts/blocks/hello
mkdir -p .polycrate
[ -e .polycrate/.gitignore ] || printf '%s' '*
' >.polycrate/.gitignore
[ -e .snapshot.yml ] || printf '%s' '# the snapshot of each run is mounted here; `polycrate shell` shows it in a container, `polycrate snapshot` prints it
' >.snapshot.yml
cat >.polycrate/run/01a20e8a-0000-7000-8000-00c0ffee0001/snapshot.yml <<'END'
# transaction 01a20e8a-0000-7000-8000-00c0ffee0001
workspace:
  name: example
  description: What `sh scripts/demo.sh` runs, step by step
  config:
    container:
      dockerfile: Dockerfile.poly
      docker_flags:
        - --user $(id -u):$(id -g)
        - --tmpfs /scratch:mode=1777
        - --label "owner=platform team"
      env:
        GREETED: the world & "everybody" in it
    image:
      reference: cargo.ayedo.cloud/library/polycrate
      version: latest
    blocksroot: blocks
    logsroot: .logs
    blocksconfig: block.poly
    workspaceconfig: workspace.poly
    workflowsroot: workflows
    artifactsroot: artifacts
    containerroot: /workspace
    sshprivatekey: id_rsa
    sshpublickey: id_rsa.pub
    remoteroot: /polycrate
    dockerfile: Dockerfile.poly
    globals: {}
  blocks:
    - name: base
      description: What other blocks inherit from
      config:
        replicas: 1
      actions:
        - name: scale
          description: Runs in the directory of the block that wrote it, so this file is there for every heir
          script:
            - pwd
            - cat plan.txt
            - sed -n '/^block:/,/^action:/s/^ *replicas/replicas/p' "$POLYCRATE_SNAPSHOT_FILE"
          block: base
      labels:
        workspaces.polycrate.io/name: example
        blocks.polycrate.io/name: base
        blocks.polycrate.io/kind: ""
        polycrate.io/managed-by: cli
        organizations.polycrate.io/name: ""
      workdir:
        path: /workspace/blocks/base
        localpath: /work/example/blocks/base
        containerpath: /workspace/blocks/base
      artifacts:
        path: /workspace/artifacts/blocks/base
        localpath: /work/example/artifacts/blocks/base
        containerpath: /workspace/artifacts/blocks/base
      inventory:
        path: /etc/ansible/hosts
        localpath: /etc/ansible/hosts
        containerpath: /etc/ansible/hosts
      kubeconfig:
        path: ~/.kube/config
        localpath: ~/.kube/config
        containerpath: ~/.kube/config
      events: {}
    - name: hello
      description: A local block, with actions of its own
      actions:
        - name: greet
          description: Items share one shell, so the second has the variable of the first
          script:
            - loud=$(head -n 1 /etc/greeting-loud.txt)
            - echo "$loud to ${1:-$GREETED}"
          block: hello
        - name: look
          description: An action sees its block, its action and more in the snapshot
          script: sed -n '/^action:/,$p' "$POLYCRATE_SNAPSHOT_FILE"
          block: hello
        - name: report
          description: What is written to the artifacts directory stays
          script:
            - cd /scratch
            - printf 'written by user %s in %s\n' "$(id -u)" "$PWD" >report.txt
            - cp report.txt "$POLYCRATE_BLOCK_ARTIFACTS/"
          block: hello
        - name: fail
          description: The first item that fails ends the action, and its exit code is that of polycrate
          script:
            - echo one
            - (exit 7)
            - echo three
          block: hello
      labels:
        workspaces.polycrate.io/name: example
        blocks.polycrate.io/name: hello
        blocks.polycrate.io/kind: ""
        polycrate.io/managed-by: cli
        organizations.polycrate.io/name: ""
      workdir:
        path: /workspace/blocks/hello
        localpath: /work/example/blocks/hello
        containerpath: /workspace/blocks/hello
      artifacts:
        path: /workspace/artifacts/blocks/hello
        localpath: /work/example/artifacts/blocks/hello
        containerpath: /workspace/artifacts/blocks/hello
      inventory:
        path: /etc/ansible/hosts
        localpath: /etc/ansible/hosts
        containerpath: /etc/ansible/hosts
      kubeconfig:
        path: ~/.kube/config
        localpath: ~/.kube/config
        containerpath: ~/.kube/config
      events: {}
    - name: shop
      from: base
      config:
        replicas: 3
      description: What other blocks inherit from
      actions:
        - name: scale
          description: Runs in the directory of the block that wrote it, so this file is there for every heir
          script:
            - pwd
            - cat plan.txt
            - sed -n '/^block:/,/^action:/s/^ *replicas/replicas/p' "$POLYCRATE_SNAPSHOT_FILE"
          block: shop
      labels:
        workspaces.polycrate.io/name: example
        blocks.polycrate.io/name: shop
        blocks.polycrate.io/kind: ""
        polycrate.io/managed-by: cli
        organizations.polycrate.io/name: ""
      workdir:
        path: /workspace/blocks/base
        localpath: /work/example/blocks/base
        containerpath: /workspace/blocks/base
      artifacts:
        path: /workspace/artifacts/blocks/shop
        localpath: /work/example/artifacts/blocks/shop
        containerpath: /workspace/artifacts/blocks/shop
      inventory:
        path: /etc/ansible/hosts
        localpath: /etc/ansible/hosts
        containerpath: /etc/ansible/hosts
      kubeconfig:
        path: ~/.kube/config
        localpath: ~/.kube/config
        containerpath: ~/.kube/config
      events: {}
  workflows:
    - name: release
      steps:
        - name: first
          block: hello
          action: greet
        - name: second
          block: shop
          action: scale
  path: /workspace
  localpath: /work/example
  containerpath: /workspace
  events: {}
  inventory:
    path: /workspace/inventory.yml
    localpath: /work/example/inventory.yml
    containerpath: /workspace/inventory.yml
  kubeconfig:
    path: ~/.kube/config
    localpath: ~/.kube/config
    containerpath: ~/.kube/config
block:
  name: hello
  description: A local block, with actions of its own
  actions:
    - name: greet
      description: Items share one shell, so the second has the variable of the first
      script:
        - loud=$(head -n 1 /etc/greeting-loud.txt)
        - echo "$loud to ${1:-$GREETED}"
      block: hello
    - name: look
      description: An action sees its block, its action and more in the snapshot
      script: sed -n '/^action:/,$p' "$POLYCRATE_SNAPSHOT_FILE"
      block: hello
    - name: report
      description: What is written to the artifacts directory stays
      script:
        - cd /scratch
        - printf 'written by user %s in %s\n' "$(id -u)" "$PWD" >report.txt
        - cp report.txt "$POLYCRATE_BLOCK_ARTIFACTS/"
      block: hello
    - name: fail
      description: The first item that fails ends the action, and its exit code is that of polycrate
      script:
        - echo one
        - (exit 7)
        - echo three
      block: hello
  labels:
    workspaces.polycrate.io/name: example
    blocks.polycrate.io/name: hello
    blocks.polycrate.io/kind: ""
    polycrate.io/managed-by: cli
    organizations.polycrate.io/name: ""
  workdir:
    path: /workspace/blocks/hello
    localpath: /work/example/blocks/hello
    containerpath: /workspace/blocks/hello
  artifacts:
    path: /workspace/artifacts/blocks/hello
    localpath: /work/example/artifacts/blocks/hello
    containerpath: /workspace/artifacts/blocks/hello
  inventory:
    path: /etc/ansible/hosts
    localpath: /etc/ansible/hosts
    containerpath: /etc/ansible/hosts
  kubeconfig:
    path: ~/.kube/config
    localpath: ~/.kube/config
    containerpath: ~/.kube/config
  events: {}
  checksum: checksum-of-the-block
action:
  name: greet
  description: Items share one shell, so the second has the variable of the first
  script:
    - loud=$(head -n 1 /etc/greeting-loud.txt)
    - echo "$loud to ${1:-$GREETED}"
  block: hello
workflow:
  name: release
  steps:
    - name: first
      block: hello
      action: greet
    - name: second
      block: shop
      action: scale
step:
  name: first
  block: hello
  action: greet
  workflow: release
transaction:
  id: "01a20e8a-0000-7000-8000-00c0ffee0001"
env:
  HOME: /home/anna
  USER: anna
  ANSIBLE_HOST_KEY_CHECKING: "True"
  ANSIBLE_SSH_COMMON_ARGS: -o StrictHostKeyChecking=accept-new -o UpdateHostKeys=no -o 'UserKnownHostsFile=/workspace/known_hosts ~/.ssh/known_hosts'
  ANSIBLE_STDOUT_CALLBACK: default
  ANSIBLE_CALLBACK_RESULT_FORMAT: yaml
  ANSIBLE_INVENTORY_ENABLED: host_list,script,auto,yaml,ini,toml
  ANSIBLE_DISPLAY_OK_HOSTS: "True"
  ANSIBLE_DISPLAY_SKIPPED_HOSTS: "False"
  ANSIBLE_VARS_ENABLED: host_group_vars,polycrate_vars
  ANSIBLE_VARS_PLUGINS: /home/anna/.ansible/plugins/vars:/root/.ansible/plugins/vars:/usr/share/ansible/plugins/vars
  ANSIBLE_RUN_VARS_PLUGINS: start
  ANSIBLE_VARS_PLUGIN_STAGE: all
  GREETED: the world & "everybody" in it
  POLYCRATE_WORKSPACE_NAME: example
  POLYCRATE_BLOCK_NAME: hello
  POLYCRATE_ACTION_NAME: greet
  POLYCRATE_TRANSACTION_ID: "01a20e8a-0000-7000-8000-00c0ffee0001"
  POLYCRATE_SNAPSHOT_FILE: /workspace/.snapshot.yml
  POLYCRATE_WORKSPACE_SNAPSHOT_YAML: /workspace/.snapshot.yml
  POLYCRATE_WORKSPACE: /workspace
  POLYCRATE_BLOCK: hello
  POLYCRATE_ACTION: greet
  POLYCRATE_WORKFLOW: release
  POLYCRATE_STEP: first
  POLYCRATE_BLOCK_WORKDIR: /workspace/blocks/hello
  POLYCRATE_BLOCK_ARTIFACTS: /workspace/artifacts/blocks/hello
  POLYCRATE_VERSION: 1.2.3
  POLYCRATE_CLI_VERSION: 1.2.3
  POLYCRATE_FORCE: "0"
  POLYCRATE_IMAGE_REFERENCE: cargo.ayedo.cloud/library/polycrate
  POLYCRATE_IMAGE_VERSION: latest
  IN_CONTAINER: "1"
  IN_CI: "true"
  TINI_KILL_PROCESS_GROUP: "1"
  TINI_VERBOSITY: "0"
mounts:
  /work/example: /workspace
  /work/example/.polycrate/run/01a20e8a-0000-7000-8000-00c0ffee0001/files: /run/polycrate
  /work/example/.polycrate/run/01a20e8a-0000-7000-8000-00c0ffee0001/status: /run/polycrate-status
  /work/example/.polycrate/run/01a20e8a-0000-7000-8000-00c0ffee0001/snapshot.yml: /workspace/.snapshot.yml
  /work/example/.polycrate/run/01a20e8a-0000-7000-8000-00c0ffee0001/files/passwd: /etc/passwd
  /work/example/.polycrate/run/01a20e8a-0000-7000-8000-00c0ffee0001/files/group: /etc/group
END
chmod 444 .polycrate/run/01a20e8a-0000-7000-8000-00c0ffee0001/snapshot.yml
cat >.polycrate/run/01a20e8a-0000-7000-8000-00c0ffee0001/files/entrypoint <<'END'
# transaction 01a20e8a-0000-7000-8000-00c0ffee0001
# Written by polycrate: runs the script in a shell of its own, and records how it ended.
exec 9<>/run/polycrate-status/status 8>&2 2>/dev/null
echo started >&9
trap : HUP INT QUIT TERM USR1 USR2
__polycrate_init=
IFS= read -r __polycrate_init <"/proc/$PPID/comm"
case $PPID$__polycrate_init in
0 | *podman-init | *catatonit)
  __polycrate_pass() { __polycrate_passed=1; trap "" "$1"; kill -s "$1" 0; trap "__polycrate_pass $1" "$1"; }
  for __polycrate_signal in HUP TERM USR1 USR2; do trap "__polycrate_pass $__polycrate_signal" "$__polycrate_signal"; done
  if [ -n "${BASH_VERSION-}" ]; then
    for __polycrate_signal in INT QUIT; do trap "__polycrate_pass $__polycrate_signal" "$__polycrate_signal"; done
  else
    trap "__polycrate_pass TERM" INT QUIT
  fi
  exec 7<&0
  (
    if [ -n "${BASH_VERSION-}" ]; then trap - INT QUIT; fi
    exec /bin/bash -c '. /run/polycrate/prepare' "$0" "$@" 2>&8 <&7 7<&- 8>&- 9>&-
  ) &
  exec 7<&-
  while :; do
    __polycrate_passed=
    wait "$!"
    __polycrate_ended=$?
    [ "$__polycrate_ended" = 127 ] && [ -n "${__polycrate_code-}" ] || __polycrate_code=$__polycrate_ended
    [ -n "$__polycrate_passed" ] || break
  done
  ;;
*)
  /bin/bash -c '. /run/polycrate/prepare' "$0" "$@" 2>&8 8>&- 9>&-
  __polycrate_code=$?
  ;;
esac
echo "ended $__polycrate_code" >&9
exit "$__polycrate_code"
END
chmod 444 .polycrate/run/01a20e8a-0000-7000-8000-00c0ffee0001/files/entrypoint
cat >.polycrate/run/01a20e8a-0000-7000-8000-00c0ffee0001/files/prepare <<'END'
# Written by polycrate: prepares the shell, then runs the script.
if [ "${POLYCRATE_STREAMS-0}" = 1 ]; then exec 2>&1; fi
unset POLYCRATE_STREAMS
if command -v ssh >/dev/null && [ ! -e /home/anna/.ssh/config ]; then
  (umask 077 && mkdir -p /home/anna/.ssh && printf '%s\n' '# written by polycrate' 'Host *' '  StrictHostKeyChecking accept-new' '  UserKnownHostsFile /workspace/known_hosts ~/.ssh/known_hosts' '  UpdateHostKeys no' '  HashKnownHosts no' >/home/anna/.ssh/config) 2>/dev/null || :
fi
case ${GIT_CONFIG_COUNT:-0} in
*[!0-9]* | 0?* | ?????*) ;;
*) export "GIT_CONFIG_KEY_${GIT_CONFIG_COUNT:-0}=safe.directory" "GIT_CONFIG_VALUE_${GIT_CONFIG_COUNT:-0}=*" "GIT_CONFIG_COUNT=$((${GIT_CONFIG_COUNT:-0} + 1))" ;;
esac
if [ -n "${HOME-}" ] && [ ! -e "$HOME/.gitconfig" ] && [ ! -L "$HOME/.gitconfig" ] && command -v git >/dev/null; then
  case $HOME/ in
  /workspace/* | /run/polycrate/* | /run/polycrate-status/* | /workspace/.snapshot.yml/* | /etc/passwd/* | /etc/group/* | /scratch/*) ;;
  *) { printf '[safe]\n\tdirectory = *\n'; } 2>/dev/null >"$HOME/.gitconfig" || : ;;
  esac
fi
export ANSIBLE_VARS_PLUGINS="/run/polycrate/ansible:${ANSIBLE_VARS_PLUGINS:-${ANSIBLE_HOME:-~/.ansible}/plugins/vars:/usr/share/ansible/plugins/vars}"
__polycrate_note() { if [ "$1" != 0 ]; then echo "$1 $2" >>/run/polycrate-status/status; fi; } 2>/dev/null
if [ -n "${BASH_VERSION-}" ]; then
  eval '__polycrate_failed() { if [ "$BASHPID" = "$$" ]; then __polycrate_note "$1" "$2"; fi; }'
  eval 'exit() { local status=$?; __polycrate_failed "${1-$status}" "${BASH_LINENO[0]}"; builtin exit "${@-$status}"; }'
  trap '__polycrate_failed "$?" "$LINENO"' ERR
  set -E
else
  trap '__polycrate_note "$?" "${LINENO-0}"' EXIT
fi
set -eu
if (set -o pipefail) 2>/dev/null; then set -o pipefail; fi
. /run/polycrate/script
END
chmod 444 .polycrate/run/01a20e8a-0000-7000-8000-00c0ffee0001/files/prepare
cat >.polycrate/run/01a20e8a-0000-7000-8000-00c0ffee0001/files/script <<'END'
loud=$(head -n 1 /etc/greeting-loud.txt)
echo "$loud to ${1:-$GREETED}"
END
chmod 444 .polycrate/run/01a20e8a-0000-7000-8000-00c0ffee0001/files/script
cat >.polycrate/run/01a20e8a-0000-7000-8000-00c0ffee0001/files/ansible/polycrate_reserved.py <<'END'
"""Keeps Ansible from warning that the names of polycrate's variables are reserved."""

import ansible.vars.reserved as reserved
from ansible.plugins.vars import BaseVarsPlugin

DOCUMENTATION = """
    name: polycrate_reserved
    short_description: no warnings about the names of polycrate's variables
    description: [Sets no variables.]
"""

ROOTS = {"workspace", "block", "action", "workflow", "step", "transaction", "env", "mounts"}
NAMES = getattr(reserved, "_RESERVED_NAMES", None)
if isinstance(NAMES, frozenset):
    reserved._RESERVED_NAMES = NAMES - ROOTS


class VarsModule(BaseVarsPlugin):
    """Sets nothing."""

    REQUIRES_ENABLED = True

    def get_vars(self, loader, path, entities):
        return {}
END
chmod 444 .polycrate/run/01a20e8a-0000-7000-8000-00c0ffee0001/files/ansible/polycrate_reserved.py
cat >.polycrate/run/01a20e8a-0000-7000-8000-00c0ffee0001/status/status <<'END'
# transaction 01a20e8a-0000-7000-8000-00c0ffee0001
END
chmod 666 .polycrate/run/01a20e8a-0000-7000-8000-00c0ffee0001/status/status

# build the image unless it exists
if docker image inspect --format='{{.Id}} {{.RepoTags}}' polycrate-workspace:4c782d59911b8502ac716d7573736566 >/dev/null 2>&1; then
  docker image tag polycrate-workspace:4c782d59911b8502ac716d7573736566 polycrate-workspace:latest || :
else
private=$(mktemp -d)
context=$private/context
# Copies exactly the files that the image's tag is the hash of, and fails if one of them has changed.
umask 022
if command -v sha256sum >/dev/null 2>&1; then sha256() { sha256sum; }; else sha256() { shasum -a 256; }; fi
stage() { # SHA256 PATH [MODE [SOURCE]]
  if ! cat <"${4-./$2}" >"$context/$2" || [ "$(sha256 <"$context/$2")" != "$1  -" ]; then
    printf 'error: %s has changed since this script was printed\nhint: print the script again\n' "$2" >&2
    exit 1
  fi
  [ $# -lt 3 ] || chmod "$3" "$context/$2"
}
# All files in the image belong to root. docker rejects a tar that starts with a pax header.
case $(tar --version 2>&1) in
*GNU*) pack() { tar --owner=0 --group=0 --numeric-owner --format=gnu "$@"; } ;;
*bsdtar*) pack() { COPYFILE_DISABLE=1 tar --uid=0 --gid=0 --numeric-owner "$@"; } ;;
*) pack() { tar "$@"; } ;;
esac
mkdir -p \
  "$context"
stage d53729628d788e5474f7743e7186dad5fe06c9e76a0b372f813382e078099489 Dockerfile.poly
stage ee2a72675a0622b7b6612301462e4d7cbb49364b675606ea076e3486b010bf2b greeting.txt
chmod 755 "$context"
pack -C "$context" -cf - . | docker build \
  --tag=polycrate-workspace:4c782d59911b8502ac716d7573736566 \
  --tag=polycrate-workspace:latest \
  --label=polycrate.workspace=/work/example \
  --force-rm \
  --file=Dockerfile.poly \
  - || exit 125
fi

# read the image's users, once for each image
mkdir -p .polycrate/cache/users
image=$(docker image inspect --format='{{.Id}}' polycrate-workspace:4c782d59911b8502ac716d7573736566 2>/dev/null) || image=none
if [ -L .polycrate/cache/users/"${image#*:}" ] || [ ! -f .polycrate/cache/users/"${image#*:}" ]; then
  docker run \
    --rm \
    --log-driver=none \
    --network=none \
    --name=polycrate-example-hello-greet-00c0ffee0001 \
    --label=polycrate.transaction=01a20e8a-0000-7000-8000-00c0ffee0001 \
    --label=polycrate.workspace=/work/example \
    --label=polycrate.block=hello \
    --label=polycrate.action=greet \
    --entrypoint=/bin/bash \
    --pull=never \
    polycrate-workspace:4c782d59911b8502ac716d7573736566 \
    -c \
    'for file in passwd group; do [ ! -r /etc/$file ] || while IFS= read -r line || [ -n "$line" ]; do printf "%s\n" "$file:$line"; done </etc/$file; done' >.polycrate/run/01a20e8a-0000-7000-8000-00c0ffee0001/reading
  image=$(docker image inspect --format='{{.Id}}' polycrate-workspace:4c782d59911b8502ac716d7573736566)
  mv .polycrate/run/01a20e8a-0000-7000-8000-00c0ffee0001/reading .polycrate/cache/users/"${image#*:}"
fi
{ printf '%s' 'anna:x:1000:1000::/home/anna:/bin/sh
'; sed -n 's/^passwd://p' .polycrate/cache/users/"${image#*:}"; } >.polycrate/run/01a20e8a-0000-7000-8000-00c0ffee0001/files/passwd
{ printf '%s' 'anna:x:1000:
docker:x:998:anna
'; sed -n 's/^group://p' .polycrate/cache/users/"${image#*:}"; } >.polycrate/run/01a20e8a-0000-7000-8000-00c0ffee0001/files/group

# run the container
POLYCRATE_STREAMS=0; [ ! /dev/fd/1 -ef /dev/fd/2 ] || POLYCRATE_STREAMS=1; export POLYCRATE_STREAMS
docker run \
  --rm \
  --init \
  --log-driver=none \
  --name=polycrate-example-hello-greet-00c0ffee0001 \
  --label=polycrate.transaction=01a20e8a-0000-7000-8000-00c0ffee0001 \
  --label=polycrate.workspace=/work/example \
  --label=polycrate.block=hello \
  --label=polycrate.action=greet \
  --env=TERM=xterm-256color \
  --env=HOME=/home/anna \
  --env=USER=anna \
  --env=ANSIBLE_HOST_KEY_CHECKING=True \
  --env=ANSIBLE_SSH_COMMON_ARGS='-o StrictHostKeyChecking=accept-new -o UpdateHostKeys=no -o '\''UserKnownHostsFile=/workspace/known_hosts ~/.ssh/known_hosts'\''' \
  --env=ANSIBLE_STDOUT_CALLBACK=default \
  --env=ANSIBLE_CALLBACK_RESULT_FORMAT=yaml \
  --env=ANSIBLE_INVENTORY_ENABLED=host_list,script,auto,yaml,ini,toml \
  --env=ANSIBLE_DISPLAY_OK_HOSTS=True \
  --env=ANSIBLE_DISPLAY_SKIPPED_HOSTS=False \
  --env=ANSIBLE_VARS_ENABLED=host_group_vars,polycrate_vars \
  --env=ANSIBLE_VARS_PLUGINS=/home/anna/.ansible/plugins/vars:/root/.ansible/plugins/vars:/usr/share/ansible/plugins/vars \
  --env=ANSIBLE_RUN_VARS_PLUGINS=start \
  --env=ANSIBLE_VARS_PLUGIN_STAGE=all \
  --env=GREETED='the world & "everybody" in it' \
  --env=POLYCRATE_WORKSPACE_NAME=example \
  --env=POLYCRATE_BLOCK_NAME=hello \
  --env=POLYCRATE_ACTION_NAME=greet \
  --env=POLYCRATE_TRANSACTION_ID=01a20e8a-0000-7000-8000-00c0ffee0001 \
  --env=POLYCRATE_SNAPSHOT_FILE=/workspace/.snapshot.yml \
  --env=POLYCRATE_WORKSPACE_SNAPSHOT_YAML=/workspace/.snapshot.yml \
  --env=POLYCRATE_WORKSPACE=/workspace \
  --env=POLYCRATE_BLOCK=hello \
  --env=POLYCRATE_ACTION=greet \
  --env=POLYCRATE_WORKFLOW=release \
  --env=POLYCRATE_STEP=first \
  --env=POLYCRATE_BLOCK_WORKDIR=/workspace/blocks/hello \
  --env=POLYCRATE_BLOCK_ARTIFACTS=/workspace/artifacts/blocks/hello \
  --env=POLYCRATE_VERSION=1.2.3 \
  --env=POLYCRATE_CLI_VERSION=1.2.3 \
  --env=POLYCRATE_FORCE=0 \
  --env=POLYCRATE_IMAGE_REFERENCE=cargo.ayedo.cloud/library/polycrate \
  --env=POLYCRATE_IMAGE_VERSION=latest \
  --env=IN_CONTAINER=1 \
  --env=IN_CI=true \
  --env=TINI_KILL_PROCESS_GROUP=1 \
  --env=TINI_VERBOSITY=0 \
  --env=POLYCRATE_STREAMS \
  --mount=type=bind,source=/work/example,target=/workspace \
  --mount=type=bind,source=/work/example/.polycrate/run/01a20e8a-0000-7000-8000-00c0ffee0001/files,target=/run/polycrate,readonly \
  --mount=type=bind,source=/work/example/.polycrate/run/01a20e8a-0000-7000-8000-00c0ffee0001/status,target=/run/polycrate-status \
  --mount=type=bind,source=/work/example/.polycrate/run/01a20e8a-0000-7000-8000-00c0ffee0001/snapshot.yml,target=/workspace/.snapshot.yml,readonly \
  --mount=type=bind,source=/work/example/.polycrate/run/01a20e8a-0000-7000-8000-00c0ffee0001/files/passwd,target=/etc/passwd,readonly \
  --mount=type=bind,source=/work/example/.polycrate/run/01a20e8a-0000-7000-8000-00c0ffee0001/files/group,target=/etc/group,readonly \
  --mount=type=tmpfs,target=/workspace/.polycrate,readonly \
  --mount=type=tmpfs,target=/workspace/.logs,readonly \
  --tmpfs=/home/anna:uid=1000,gid=1000,mode=0700,exec \
  --tmpfs=/home/anna/.ssh:uid=1000,gid=1000,mode=0700,exec \
  --workdir=/workspace/blocks/hello \
  --entrypoint=/bin/bash \
  --pull=never \
  --group-add=998 \
  --user \
  "$(id -u)":"$(id -g)" \
  --tmpfs \
  /scratch:mode=1777 \
  --label \
  'owner=platform team' \
  polycrate-workspace:4c782d59911b8502ac716d7573736566 \
  -c \
  '__polycrate_refuse() { echo "polycrate: $1 is not the file of this run" >&2; exit 73; }; __polycrate_check() { IFS= read -r __polycrate_line <"$1" && [ "$__polycrate_line" = "$2" ] || __polycrate_refuse "$1"; }; __polycrate_check /run/polycrate/entrypoint "# transaction 01a20e8a-0000-7000-8000-00c0ffee0001"; __polycrate_check /run/polycrate-status/status "# transaction 01a20e8a-0000-7000-8000-00c0ffee0001"; __polycrate_check /workspace/.snapshot.yml "# transaction 01a20e8a-0000-7000-8000-00c0ffee0001"; __polycrate_check /etc/passwd anna:x:1000:1000::/home/anna:/bin/sh; __polycrate_check /etc/group anna:x:1000:; unset -f __polycrate_check __polycrate_refuse; unset __polycrate_line; . /run/polycrate/entrypoint' \
  /run/polycrate/entrypoint
) || exit

# polycrate run shop scale
(
set -eu
umask 022
cd /work/example

# refuse links and unexpected kinds of files in these paths
refuse() {
  printf 'error: `%s` is not a %s\nhint: polycrate does not follow links here; move or remove it\n' "$PWD/$1" "$2" >&2
  exit 73
}
for place in .polycrate .polycrate/run .polycrate/run/01a20e8a-0000-7000-8000-00c0ffee0001 .logs artifacts artifacts/blocks artifacts/blocks/shop .polycrate/cache .polycrate/cache/users; do
  if [ -L "$place" ] || { [ -e "$place" ] && [ ! -d "$place" ]; }; then refuse "$place" folder; fi
done
for place in .polycrate/.gitignore .snapshot.yml; do
  if [ -L "$place" ] || { [ -e "$place" ] && [ ! -f "$place" ]; }; then refuse "$place" file; fi
done
cleanup() {
  rm -rf .polycrate/run/01a20e8a-0000-7000-8000-00c0ffee0001
  if [ -n "${private-}" ]; then chmod -R u+rwx "$private"; rm -rf "$private"; fi
}
trap cleanup EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# create the folder of this run, which is removed at the end
mkdir -p .polycrate/run
mkdir -m 700 .polycrate/run/01a20e8a-0000-7000-8000-00c0ffee0001
mkdir -p .polycrate/run/01a20e8a-0000-7000-8000-00c0ffee0001/files
mkdir -p .polycrate/run/01a20e8a-0000-7000-8000-00c0ffee0001/files/ansible
mkdir -p .polycrate/run/01a20e8a-0000-7000-8000-00c0ffee0001/status
mkdir -p .logs
mkdir -p artifacts/blocks/shop
mkdir -p .polycrate
[ -e .polycrate/.gitignore ] || printf '%s' '*
' >.polycrate/.gitignore
[ -e .snapshot.yml ] || printf '%s' '# the snapshot of each run is mounted here; `polycrate shell` shows it in a container, `polycrate snapshot` prints it
' >.snapshot.yml
cat >.polycrate/run/01a20e8a-0000-7000-8000-00c0ffee0001/snapshot.yml <<'END'
# transaction 01a20e8a-0000-7000-8000-00c0ffee0001
workspace:
  name: example
  description: What `sh scripts/demo.sh` runs, step by step
  config:
    container:
      dockerfile: Dockerfile.poly
      docker_flags:
        - --user $(id -u):$(id -g)
        - --tmpfs /scratch:mode=1777
        - --label "owner=platform team"
      env:
        GREETED: the world & "everybody" in it
    image:
      reference: cargo.ayedo.cloud/library/polycrate
      version: latest
    blocksroot: blocks
    logsroot: .logs
    blocksconfig: block.poly
    workspaceconfig: workspace.poly
    workflowsroot: workflows
    artifactsroot: artifacts
    containerroot: /workspace
    sshprivatekey: id_rsa
    sshpublickey: id_rsa.pub
    remoteroot: /polycrate
    dockerfile: Dockerfile.poly
    globals: {}
  blocks:
    - name: base
      description: What other blocks inherit from
      config:
        replicas: 1
      actions:
        - name: scale
          description: Runs in the directory of the block that wrote it, so this file is there for every heir
          script:
            - pwd
            - cat plan.txt
            - sed -n '/^block:/,/^action:/s/^ *replicas/replicas/p' "$POLYCRATE_SNAPSHOT_FILE"
          block: base
      labels:
        workspaces.polycrate.io/name: example
        blocks.polycrate.io/name: base
        blocks.polycrate.io/kind: ""
        polycrate.io/managed-by: cli
        organizations.polycrate.io/name: ""
      workdir:
        path: /workspace/blocks/base
        localpath: /work/example/blocks/base
        containerpath: /workspace/blocks/base
      artifacts:
        path: /workspace/artifacts/blocks/base
        localpath: /work/example/artifacts/blocks/base
        containerpath: /workspace/artifacts/blocks/base
      inventory:
        path: /etc/ansible/hosts
        localpath: /etc/ansible/hosts
        containerpath: /etc/ansible/hosts
      kubeconfig:
        path: ~/.kube/config
        localpath: ~/.kube/config
        containerpath: ~/.kube/config
      events: {}
    - name: hello
      description: A local block, with actions of its own
      actions:
        - name: greet
          description: Items share one shell, so the second has the variable of the first
          script:
            - loud=$(head -n 1 /etc/greeting-loud.txt)
            - echo "$loud to ${1:-$GREETED}"
          block: hello
        - name: look
          description: An action sees its block, its action and more in the snapshot
          script: sed -n '/^action:/,$p' "$POLYCRATE_SNAPSHOT_FILE"
          block: hello
        - name: report
          description: What is written to the artifacts directory stays
          script:
            - cd /scratch
            - printf 'written by user %s in %s\n' "$(id -u)" "$PWD" >report.txt
            - cp report.txt "$POLYCRATE_BLOCK_ARTIFACTS/"
          block: hello
        - name: fail
          description: The first item that fails ends the action, and its exit code is that of polycrate
          script:
            - echo one
            - (exit 7)
            - echo three
          block: hello
      labels:
        workspaces.polycrate.io/name: example
        blocks.polycrate.io/name: hello
        blocks.polycrate.io/kind: ""
        polycrate.io/managed-by: cli
        organizations.polycrate.io/name: ""
      workdir:
        path: /workspace/blocks/hello
        localpath: /work/example/blocks/hello
        containerpath: /workspace/blocks/hello
      artifacts:
        path: /workspace/artifacts/blocks/hello
        localpath: /work/example/artifacts/blocks/hello
        containerpath: /workspace/artifacts/blocks/hello
      inventory:
        path: /etc/ansible/hosts
        localpath: /etc/ansible/hosts
        containerpath: /etc/ansible/hosts
      kubeconfig:
        path: ~/.kube/config
        localpath: ~/.kube/config
        containerpath: ~/.kube/config
      events: {}
    - name: shop
      from: base
      config:
        replicas: 3
      description: What other blocks inherit from
      actions:
        - name: scale
          description: Runs in the directory of the block that wrote it, so this file is there for every heir
          script:
            - pwd
            - cat plan.txt
            - sed -n '/^block:/,/^action:/s/^ *replicas/replicas/p' "$POLYCRATE_SNAPSHOT_FILE"
          block: shop
      labels:
        workspaces.polycrate.io/name: example
        blocks.polycrate.io/name: shop
        blocks.polycrate.io/kind: ""
        polycrate.io/managed-by: cli
        organizations.polycrate.io/name: ""
      workdir:
        path: /workspace/blocks/base
        localpath: /work/example/blocks/base
        containerpath: /workspace/blocks/base
      artifacts:
        path: /workspace/artifacts/blocks/shop
        localpath: /work/example/artifacts/blocks/shop
        containerpath: /workspace/artifacts/blocks/shop
      inventory:
        path: /etc/ansible/hosts
        localpath: /etc/ansible/hosts
        containerpath: /etc/ansible/hosts
      kubeconfig:
        path: ~/.kube/config
        localpath: ~/.kube/config
        containerpath: ~/.kube/config
      events: {}
  workflows:
    - name: release
      steps:
        - name: first
          block: hello
          action: greet
        - name: second
          block: shop
          action: scale
  path: /workspace
  localpath: /work/example
  containerpath: /workspace
  events: {}
  inventory:
    path: /workspace/inventory.yml
    localpath: /work/example/inventory.yml
    containerpath: /workspace/inventory.yml
  kubeconfig:
    path: ~/.kube/config
    localpath: ~/.kube/config
    containerpath: ~/.kube/config
block:
  name: shop
  from: base
  config:
    replicas: 3
  description: What other blocks inherit from
  actions:
    - name: scale
      description: Runs in the directory of the block that wrote it, so this file is there for every heir
      script:
        - pwd
        - cat plan.txt
        - sed -n '/^block:/,/^action:/s/^ *replicas/replicas/p' "$POLYCRATE_SNAPSHOT_FILE"
      block: shop
  labels:
    workspaces.polycrate.io/name: example
    blocks.polycrate.io/name: shop
    blocks.polycrate.io/kind: ""
    polycrate.io/managed-by: cli
    organizations.polycrate.io/name: ""
  workdir:
    path: /workspace/blocks/base
    localpath: /work/example/blocks/base
    containerpath: /workspace/blocks/base
  artifacts:
    path: /workspace/artifacts/blocks/shop
    localpath: /work/example/artifacts/blocks/shop
    containerpath: /workspace/artifacts/blocks/shop
  inventory:
    path: /etc/ansible/hosts
    localpath: /etc/ansible/hosts
    containerpath: /etc/ansible/hosts
  kubeconfig:
    path: ~/.kube/config
    localpath: ~/.kube/config
    containerpath: ~/.kube/config
  events: {}
  checksum: checksum-of-the-block
action:
  name: scale
  description: Runs in the directory of the block that wrote it, so this file is there for every heir
  script:
    - pwd
    - cat plan.txt
    - sed -n '/^block:/,/^action:/s/^ *replicas/replicas/p' "$POLYCRATE_SNAPSHOT_FILE"
  block: shop
workflow:
  name: release
  steps:
    - name: first
      block: hello
      action: greet
    - name: second
      block: shop
      action: scale
step:
  name: second
  block: shop
  action: scale
  workflow: release
transaction:
  id: "01a20e8a-0000-7000-8000-00c0ffee0001"
env:
  HOME: /home/anna
  USER: anna
  ANSIBLE_HOST_KEY_CHECKING: "True"
  ANSIBLE_SSH_COMMON_ARGS: -o StrictHostKeyChecking=accept-new -o UpdateHostKeys=no -o 'UserKnownHostsFile=/workspace/known_hosts ~/.ssh/known_hosts'
  ANSIBLE_STDOUT_CALLBACK: default
  ANSIBLE_CALLBACK_RESULT_FORMAT: yaml
  ANSIBLE_INVENTORY_ENABLED: host_list,script,auto,yaml,ini,toml
  ANSIBLE_DISPLAY_OK_HOSTS: "True"
  ANSIBLE_DISPLAY_SKIPPED_HOSTS: "False"
  ANSIBLE_VARS_ENABLED: host_group_vars,polycrate_vars
  ANSIBLE_VARS_PLUGINS: /home/anna/.ansible/plugins/vars:/root/.ansible/plugins/vars:/usr/share/ansible/plugins/vars
  ANSIBLE_RUN_VARS_PLUGINS: start
  ANSIBLE_VARS_PLUGIN_STAGE: all
  GREETED: the world & "everybody" in it
  POLYCRATE_WORKSPACE_NAME: example
  POLYCRATE_BLOCK_NAME: shop
  POLYCRATE_ACTION_NAME: scale
  POLYCRATE_TRANSACTION_ID: "01a20e8a-0000-7000-8000-00c0ffee0001"
  POLYCRATE_SNAPSHOT_FILE: /workspace/.snapshot.yml
  POLYCRATE_WORKSPACE_SNAPSHOT_YAML: /workspace/.snapshot.yml
  POLYCRATE_WORKSPACE: /workspace
  POLYCRATE_BLOCK: shop
  POLYCRATE_ACTION: scale
  POLYCRATE_WORKFLOW: release
  POLYCRATE_STEP: second
  POLYCRATE_BLOCK_WORKDIR: /workspace/blocks/base
  POLYCRATE_BLOCK_ARTIFACTS: /workspace/artifacts/blocks/shop
  POLYCRATE_VERSION: 1.2.3
  POLYCRATE_CLI_VERSION: 1.2.3
  POLYCRATE_FORCE: "0"
  POLYCRATE_IMAGE_REFERENCE: cargo.ayedo.cloud/library/polycrate
  POLYCRATE_IMAGE_VERSION: latest
  IN_CONTAINER: "1"
  IN_CI: "true"
  TINI_KILL_PROCESS_GROUP: "1"
  TINI_VERBOSITY: "0"
mounts:
  /work/example: /workspace
  /work/example/.polycrate/run/01a20e8a-0000-7000-8000-00c0ffee0001/files: /run/polycrate
  /work/example/.polycrate/run/01a20e8a-0000-7000-8000-00c0ffee0001/status: /run/polycrate-status
  /work/example/.polycrate/run/01a20e8a-0000-7000-8000-00c0ffee0001/snapshot.yml: /workspace/.snapshot.yml
  /work/example/.polycrate/run/01a20e8a-0000-7000-8000-00c0ffee0001/files/passwd: /etc/passwd
  /work/example/.polycrate/run/01a20e8a-0000-7000-8000-00c0ffee0001/files/group: /etc/group
END
chmod 444 .polycrate/run/01a20e8a-0000-7000-8000-00c0ffee0001/snapshot.yml
cat >.polycrate/run/01a20e8a-0000-7000-8000-00c0ffee0001/files/entrypoint <<'END'
# transaction 01a20e8a-0000-7000-8000-00c0ffee0001
# Written by polycrate: runs the script in a shell of its own, and records how it ended.
exec 9<>/run/polycrate-status/status 8>&2 2>/dev/null
echo started >&9
trap : HUP INT QUIT TERM USR1 USR2
__polycrate_init=
IFS= read -r __polycrate_init <"/proc/$PPID/comm"
case $PPID$__polycrate_init in
0 | *podman-init | *catatonit)
  __polycrate_pass() { __polycrate_passed=1; trap "" "$1"; kill -s "$1" 0; trap "__polycrate_pass $1" "$1"; }
  for __polycrate_signal in HUP TERM USR1 USR2; do trap "__polycrate_pass $__polycrate_signal" "$__polycrate_signal"; done
  if [ -n "${BASH_VERSION-}" ]; then
    for __polycrate_signal in INT QUIT; do trap "__polycrate_pass $__polycrate_signal" "$__polycrate_signal"; done
  else
    trap "__polycrate_pass TERM" INT QUIT
  fi
  exec 7<&0
  (
    if [ -n "${BASH_VERSION-}" ]; then trap - INT QUIT; fi
    exec /bin/bash -c '. /run/polycrate/prepare' "$0" "$@" 2>&8 <&7 7<&- 8>&- 9>&-
  ) &
  exec 7<&-
  while :; do
    __polycrate_passed=
    wait "$!"
    __polycrate_ended=$?
    [ "$__polycrate_ended" = 127 ] && [ -n "${__polycrate_code-}" ] || __polycrate_code=$__polycrate_ended
    [ -n "$__polycrate_passed" ] || break
  done
  ;;
*)
  /bin/bash -c '. /run/polycrate/prepare' "$0" "$@" 2>&8 8>&- 9>&-
  __polycrate_code=$?
  ;;
esac
echo "ended $__polycrate_code" >&9
exit "$__polycrate_code"
END
chmod 444 .polycrate/run/01a20e8a-0000-7000-8000-00c0ffee0001/files/entrypoint
cat >.polycrate/run/01a20e8a-0000-7000-8000-00c0ffee0001/files/prepare <<'END'
# Written by polycrate: prepares the shell, then runs the script.
if [ "${POLYCRATE_STREAMS-0}" = 1 ]; then exec 2>&1; fi
unset POLYCRATE_STREAMS
if command -v ssh >/dev/null && [ ! -e /home/anna/.ssh/config ]; then
  (umask 077 && mkdir -p /home/anna/.ssh && printf '%s\n' '# written by polycrate' 'Host *' '  StrictHostKeyChecking accept-new' '  UserKnownHostsFile /workspace/known_hosts ~/.ssh/known_hosts' '  UpdateHostKeys no' '  HashKnownHosts no' >/home/anna/.ssh/config) 2>/dev/null || :
fi
case ${GIT_CONFIG_COUNT:-0} in
*[!0-9]* | 0?* | ?????*) ;;
*) export "GIT_CONFIG_KEY_${GIT_CONFIG_COUNT:-0}=safe.directory" "GIT_CONFIG_VALUE_${GIT_CONFIG_COUNT:-0}=*" "GIT_CONFIG_COUNT=$((${GIT_CONFIG_COUNT:-0} + 1))" ;;
esac
if [ -n "${HOME-}" ] && [ ! -e "$HOME/.gitconfig" ] && [ ! -L "$HOME/.gitconfig" ] && command -v git >/dev/null; then
  case $HOME/ in
  /workspace/* | /run/polycrate/* | /run/polycrate-status/* | /workspace/.snapshot.yml/* | /etc/passwd/* | /etc/group/* | /scratch/*) ;;
  *) { printf '[safe]\n\tdirectory = *\n'; } 2>/dev/null >"$HOME/.gitconfig" || : ;;
  esac
fi
export ANSIBLE_VARS_PLUGINS="/run/polycrate/ansible:${ANSIBLE_VARS_PLUGINS:-${ANSIBLE_HOME:-~/.ansible}/plugins/vars:/usr/share/ansible/plugins/vars}"
__polycrate_note() { if [ "$1" != 0 ]; then echo "$1 $2" >>/run/polycrate-status/status; fi; } 2>/dev/null
if [ -n "${BASH_VERSION-}" ]; then
  eval '__polycrate_failed() { if [ "$BASHPID" = "$$" ]; then __polycrate_note "$1" "$2"; fi; }'
  eval 'exit() { local status=$?; __polycrate_failed "${1-$status}" "${BASH_LINENO[0]}"; builtin exit "${@-$status}"; }'
  trap '__polycrate_failed "$?" "$LINENO"' ERR
  set -E
else
  trap '__polycrate_note "$?" "${LINENO-0}"' EXIT
fi
set -eu
if (set -o pipefail) 2>/dev/null; then set -o pipefail; fi
. /run/polycrate/script
END
chmod 444 .polycrate/run/01a20e8a-0000-7000-8000-00c0ffee0001/files/prepare
cat >.polycrate/run/01a20e8a-0000-7000-8000-00c0ffee0001/files/script <<'END'
pwd
cat plan.txt
sed -n '/^block:/,/^action:/s/^ *replicas/replicas/p' "$POLYCRATE_SNAPSHOT_FILE"
END
chmod 444 .polycrate/run/01a20e8a-0000-7000-8000-00c0ffee0001/files/script
cat >.polycrate/run/01a20e8a-0000-7000-8000-00c0ffee0001/files/ansible/polycrate_reserved.py <<'END'
"""Keeps Ansible from warning that the names of polycrate's variables are reserved."""

import ansible.vars.reserved as reserved
from ansible.plugins.vars import BaseVarsPlugin

DOCUMENTATION = """
    name: polycrate_reserved
    short_description: no warnings about the names of polycrate's variables
    description: [Sets no variables.]
"""

ROOTS = {"workspace", "block", "action", "workflow", "step", "transaction", "env", "mounts"}
NAMES = getattr(reserved, "_RESERVED_NAMES", None)
if isinstance(NAMES, frozenset):
    reserved._RESERVED_NAMES = NAMES - ROOTS


class VarsModule(BaseVarsPlugin):
    """Sets nothing."""

    REQUIRES_ENABLED = True

    def get_vars(self, loader, path, entities):
        return {}
END
chmod 444 .polycrate/run/01a20e8a-0000-7000-8000-00c0ffee0001/files/ansible/polycrate_reserved.py
cat >.polycrate/run/01a20e8a-0000-7000-8000-00c0ffee0001/status/status <<'END'
# transaction 01a20e8a-0000-7000-8000-00c0ffee0001
END
chmod 666 .polycrate/run/01a20e8a-0000-7000-8000-00c0ffee0001/status/status

# build the image unless it exists
if docker image inspect --format='{{.Id}} {{.RepoTags}}' polycrate-workspace:4c782d59911b8502ac716d7573736566 >/dev/null 2>&1; then
  docker image tag polycrate-workspace:4c782d59911b8502ac716d7573736566 polycrate-workspace:latest || :
else
private=$(mktemp -d)
context=$private/context
# Copies exactly the files that the image's tag is the hash of, and fails if one of them has changed.
umask 022
if command -v sha256sum >/dev/null 2>&1; then sha256() { sha256sum; }; else sha256() { shasum -a 256; }; fi
stage() { # SHA256 PATH [MODE [SOURCE]]
  if ! cat <"${4-./$2}" >"$context/$2" || [ "$(sha256 <"$context/$2")" != "$1  -" ]; then
    printf 'error: %s has changed since this script was printed\nhint: print the script again\n' "$2" >&2
    exit 1
  fi
  [ $# -lt 3 ] || chmod "$3" "$context/$2"
}
# All files in the image belong to root. docker rejects a tar that starts with a pax header.
case $(tar --version 2>&1) in
*GNU*) pack() { tar --owner=0 --group=0 --numeric-owner --format=gnu "$@"; } ;;
*bsdtar*) pack() { COPYFILE_DISABLE=1 tar --uid=0 --gid=0 --numeric-owner "$@"; } ;;
*) pack() { tar "$@"; } ;;
esac
mkdir -p \
  "$context"
stage d53729628d788e5474f7743e7186dad5fe06c9e76a0b372f813382e078099489 Dockerfile.poly
stage ee2a72675a0622b7b6612301462e4d7cbb49364b675606ea076e3486b010bf2b greeting.txt
chmod 755 "$context"
pack -C "$context" -cf - . | docker build \
  --tag=polycrate-workspace:4c782d59911b8502ac716d7573736566 \
  --tag=polycrate-workspace:latest \
  --label=polycrate.workspace=/work/example \
  --force-rm \
  --file=Dockerfile.poly \
  - || exit 125
fi

# read the image's users, once for each image
mkdir -p .polycrate/cache/users
image=$(docker image inspect --format='{{.Id}}' polycrate-workspace:4c782d59911b8502ac716d7573736566 2>/dev/null) || image=none
if [ -L .polycrate/cache/users/"${image#*:}" ] || [ ! -f .polycrate/cache/users/"${image#*:}" ]; then
  docker run \
    --rm \
    --log-driver=none \
    --network=none \
    --name=polycrate-example-shop-scale-00c0ffee0001 \
    --label=polycrate.transaction=01a20e8a-0000-7000-8000-00c0ffee0001 \
    --label=polycrate.workspace=/work/example \
    --label=polycrate.block=shop \
    --label=polycrate.action=scale \
    --entrypoint=/bin/bash \
    --pull=never \
    polycrate-workspace:4c782d59911b8502ac716d7573736566 \
    -c \
    'for file in passwd group; do [ ! -r /etc/$file ] || while IFS= read -r line || [ -n "$line" ]; do printf "%s\n" "$file:$line"; done </etc/$file; done' >.polycrate/run/01a20e8a-0000-7000-8000-00c0ffee0001/reading
  image=$(docker image inspect --format='{{.Id}}' polycrate-workspace:4c782d59911b8502ac716d7573736566)
  mv .polycrate/run/01a20e8a-0000-7000-8000-00c0ffee0001/reading .polycrate/cache/users/"${image#*:}"
fi
{ printf '%s' 'anna:x:1000:1000::/home/anna:/bin/sh
'; sed -n 's/^passwd://p' .polycrate/cache/users/"${image#*:}"; } >.polycrate/run/01a20e8a-0000-7000-8000-00c0ffee0001/files/passwd
{ printf '%s' 'anna:x:1000:
docker:x:998:anna
'; sed -n 's/^group://p' .polycrate/cache/users/"${image#*:}"; } >.polycrate/run/01a20e8a-0000-7000-8000-00c0ffee0001/files/group

# run the container
POLYCRATE_STREAMS=0; [ ! /dev/fd/1 -ef /dev/fd/2 ] || POLYCRATE_STREAMS=1; export POLYCRATE_STREAMS
docker run \
  --rm \
  --init \
  --log-driver=none \
  --name=polycrate-example-shop-scale-00c0ffee0001 \
  --label=polycrate.transaction=01a20e8a-0000-7000-8000-00c0ffee0001 \
  --label=polycrate.workspace=/work/example \
  --label=polycrate.block=shop \
  --label=polycrate.action=scale \
  --env=TERM=xterm-256color \
  --env=HOME=/home/anna \
  --env=USER=anna \
  --env=ANSIBLE_HOST_KEY_CHECKING=True \
  --env=ANSIBLE_SSH_COMMON_ARGS='-o StrictHostKeyChecking=accept-new -o UpdateHostKeys=no -o '\''UserKnownHostsFile=/workspace/known_hosts ~/.ssh/known_hosts'\''' \
  --env=ANSIBLE_STDOUT_CALLBACK=default \
  --env=ANSIBLE_CALLBACK_RESULT_FORMAT=yaml \
  --env=ANSIBLE_INVENTORY_ENABLED=host_list,script,auto,yaml,ini,toml \
  --env=ANSIBLE_DISPLAY_OK_HOSTS=True \
  --env=ANSIBLE_DISPLAY_SKIPPED_HOSTS=False \
  --env=ANSIBLE_VARS_ENABLED=host_group_vars,polycrate_vars \
  --env=ANSIBLE_VARS_PLUGINS=/home/anna/.ansible/plugins/vars:/root/.ansible/plugins/vars:/usr/share/ansible/plugins/vars \
  --env=ANSIBLE_RUN_VARS_PLUGINS=start \
  --env=ANSIBLE_VARS_PLUGIN_STAGE=all \
  --env=GREETED='the world & "everybody" in it' \
  --env=POLYCRATE_WORKSPACE_NAME=example \
  --env=POLYCRATE_BLOCK_NAME=shop \
  --env=POLYCRATE_ACTION_NAME=scale \
  --env=POLYCRATE_TRANSACTION_ID=01a20e8a-0000-7000-8000-00c0ffee0001 \
  --env=POLYCRATE_SNAPSHOT_FILE=/workspace/.snapshot.yml \
  --env=POLYCRATE_WORKSPACE_SNAPSHOT_YAML=/workspace/.snapshot.yml \
  --env=POLYCRATE_WORKSPACE=/workspace \
  --env=POLYCRATE_BLOCK=shop \
  --env=POLYCRATE_ACTION=scale \
  --env=POLYCRATE_WORKFLOW=release \
  --env=POLYCRATE_STEP=second \
  --env=POLYCRATE_BLOCK_WORKDIR=/workspace/blocks/base \
  --env=POLYCRATE_BLOCK_ARTIFACTS=/workspace/artifacts/blocks/shop \
  --env=POLYCRATE_VERSION=1.2.3 \
  --env=POLYCRATE_CLI_VERSION=1.2.3 \
  --env=POLYCRATE_FORCE=0 \
  --env=POLYCRATE_IMAGE_REFERENCE=cargo.ayedo.cloud/library/polycrate \
  --env=POLYCRATE_IMAGE_VERSION=latest \
  --env=IN_CONTAINER=1 \
  --env=IN_CI=true \
  --env=TINI_KILL_PROCESS_GROUP=1 \
  --env=TINI_VERBOSITY=0 \
  --env=POLYCRATE_STREAMS \
  --mount=type=bind,source=/work/example,target=/workspace \
  --mount=type=bind,source=/work/example/.polycrate/run/01a20e8a-0000-7000-8000-00c0ffee0001/files,target=/run/polycrate,readonly \
  --mount=type=bind,source=/work/example/.polycrate/run/01a20e8a-0000-7000-8000-00c0ffee0001/status,target=/run/polycrate-status \
  --mount=type=bind,source=/work/example/.polycrate/run/01a20e8a-0000-7000-8000-00c0ffee0001/snapshot.yml,target=/workspace/.snapshot.yml,readonly \
  --mount=type=bind,source=/work/example/.polycrate/run/01a20e8a-0000-7000-8000-00c0ffee0001/files/passwd,target=/etc/passwd,readonly \
  --mount=type=bind,source=/work/example/.polycrate/run/01a20e8a-0000-7000-8000-00c0ffee0001/files/group,target=/etc/group,readonly \
  --mount=type=tmpfs,target=/workspace/.polycrate,readonly \
  --mount=type=tmpfs,target=/workspace/.logs,readonly \
  --tmpfs=/home/anna:uid=1000,gid=1000,mode=0700,exec \
  --tmpfs=/home/anna/.ssh:uid=1000,gid=1000,mode=0700,exec \
  --workdir=/workspace/blocks/base \
  --entrypoint=/bin/bash \
  --pull=never \
  --group-add=998 \
  --user \
  "$(id -u)":"$(id -g)" \
  --tmpfs \
  /scratch:mode=1777 \
  --label \
  'owner=platform team' \
  polycrate-workspace:4c782d59911b8502ac716d7573736566 \
  -c \
  '__polycrate_refuse() { echo "polycrate: $1 is not the file of this run" >&2; exit 73; }; __polycrate_check() { IFS= read -r __polycrate_line <"$1" && [ "$__polycrate_line" = "$2" ] || __polycrate_refuse "$1"; }; __polycrate_check /run/polycrate/entrypoint "# transaction 01a20e8a-0000-7000-8000-00c0ffee0001"; __polycrate_check /run/polycrate-status/status "# transaction 01a20e8a-0000-7000-8000-00c0ffee0001"; __polycrate_check /workspace/.snapshot.yml "# transaction 01a20e8a-0000-7000-8000-00c0ffee0001"; __polycrate_check /etc/passwd anna:x:1000:1000::/home/anna:/bin/sh; __polycrate_check /etc/group anna:x:1000:; unset -f __polycrate_check __polycrate_refuse; unset __polycrate_line; . /run/polycrate/entrypoint' \
  /run/polycrate/entrypoint
) || exit
)
