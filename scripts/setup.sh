# Prepares a machine for demo.sh and test.sh, which source this file and call `set_up`.
#
# Missing tools are installed, after printing what is installed and why. With `--no-install`, missing tools are listed with the
# way to install them, and the script exits with 69. bun and the dependencies are installed inside the checkout.

set -eu
cd "$(dirname "$0")/.."
checkout=$PWD
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin # Debian's dockerd and debootstrap; not on every PATH

install=yes
missing=""
for word; do
  shift
  if [ "$word" = --no-install ]; then install=no; else set -- "$@" "$word"; fi
done

sudo=""
[ "$(id -u)" = 0 ] || sudo="sudo -n"

. scripts/engine.sh
. scripts/remoteEngine.sh
. scripts/rootlessEngine.sh
. scripts/podmanEngine.sh
. scripts/images.sh

trap finish EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 141' PIPE
trap 'exit 143' TERM

# set_up TEST_TOOLS IMAGE_TOOLS: installs these, bun and the dependencies, and starts a docker engine if none is running.
# A line of TOOLS is a Debian package and a command that succeeds if it is installed.
set_up() {
  ensure_tools "used by the tests" "$1"
  ! can_install_packages || ensure_tools "used to build the images" "$2"
  engine_answers || ensure_engine_tools
  ensure_bun
  ensure_dependencies
  [ -z "$missing" ] || give_up
  ensure_engine
}

# ensure_tools REASON TOOLS: installs the packages whose commands fail.
ensure_tools() {
  packages=$(printf '%s\n' "$2" | while read -r package probe; do
    [ -z "$package" ] || sh -c "$probe" >/dev/null 2>&1 || printf ' %s' "$package"
  done)
  packages=${packages# }
  [ -n "$packages" ] || return 0
  if ! can_install_packages; then
    note_missing "$packages" "install the equivalents of these Debian packages, or run this script as root on Debian"
  elif may_install "the Debian packages $packages" "$1" "apt-get install $packages"; then
    install_packages "$packages"
  fi
}

can_install_packages() {
  command -v apt-get >/dev/null && $sudo true 2>/dev/null
}

# The first attempt fails if the package lists are missing or outdated.
install_packages() {
  log=$(mktemp)
  apt_install "$1" >"$log" 2>&1 ||
    { $sudo apt-get update && apt_install "$1"; } >"$log" 2>&1 ||
    fail_with_log "apt-get could not install $1" "$log"
  rm "$log"
}

apt_install() {
  # shellcheck disable=SC2086 # one word for each package
  $sudo env DEBIAN_FRONTEND=noninteractive \
    apt-get install --yes --no-install-recommends -o DPkg::Lock::Timeout=300 $1 </dev/null
}

# A bun of the version in package.json or newer: the one on PATH, or a private one in .cache.
ensure_bun() {
  bun_wanted=$(sed -n 's/.*"packageManager": "bun@\(.*\)".*/\1/p' package.json)
  bun_is_new_enough && return
  PATH=$PWD/.cache/bun/node_modules/.bin:$PWD/.cache/bun/bin:$PATH
  bun_is_new_enough && return
  if command -v npm >/dev/null; then
    may_install "bun $bun_wanted" "$bun_reason from npm" "npm install --global bun" || return 0
    install_bun_with_npm
  elif command -v curl >/dev/null; then
    may_install "bun $bun_wanted" "$bun_reason from bun.sh" "see https://bun.sh" || return 0
    curl -fsSL https://bun.sh/install | BUN_INSTALL=$PWD/.cache/bun bash -s "bun-v$bun_wanted" >&2
  else
    note_missing "bun $bun_wanted" "see https://bun.sh, or install npm or curl, so that this script can install it"
    return 0
  fi
  bun_is_new_enough || fail "bun $bun_wanted could not be installed"
}

bun_reason="compiles and tests polycrate; installed in .cache/bun"

# npm's own `--prefix` would ignore the machine's npmrc. npm may refuse to run a package's install script, which selects the
# executable for this architecture, so it is called explicitly.
install_bun_with_npm() (
  mkdir -p .cache/bun
  cd .cache/bun
  echo "{}" >package.json
  npm install --no-save --no-package-lock --ignore-scripts --loglevel=error "bun@$bun_wanted" >&2
  cd node_modules/bun
  node install.js >&2
)

bun_is_new_enough() {
  [ "$(bun -e 'console.log(Bun.semver.order(Bun.version, process.argv[1]) >= 0)' "$bun_wanted" 2>/dev/null)" = true ]
}

ensure_dependencies() {
  cmp -s bun.lock node_modules/.installed.lock && return
  may_install "the dependencies of package.json" "in node_modules, pinned by bun.lock" "bun install" || return 0
  bun install --frozen-lockfile >&2
  cp bun.lock node_modules/.installed.lock
}

# may_install WHAT WHY HOW: prints what is installed; with --no-install it records WHAT as missing, and fails.
may_install() {
  if [ "$install" = yes ]; then say "installing $1: $2"; else note_missing "$1" "$3" && return 1; fi
}

note_missing() {
  missing="$missing
missing: $1
hint: $2"
}

give_up() {
  printf '%s\n' "${missing#?}" >&2
  exit 69
}

# fail_with_log MESSAGE FILE: prints the end of the log first.
fail_with_log() {
  tail -n 20 "$2" >&2
  fail "$1"
}

fail() {
  printf 'error: %s\n' "$1" >&2
  exit 69
}

say() {
  printf 'setup: %s\n' "$*" >&2
}

# Runs on every exit. First calls the function `clean_up` of the sourcing script.
finish() {
  set +e
  trap "" HUP INT PIPE TERM
  cd "$checkout"
  rm -f .cache/images/*".$$"
  clean_up
  remove_images_made
  [ -z "$remote_started" ] || stop_remote_engine
  [ -z "$podman_started" ] || stop_podman
  [ -z "$rootless_started" ] || stop_rootless_engine
  [ -z "$engine_started" ] || stop_engine
}
