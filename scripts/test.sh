#!/bin/sh
# Sets up the machine, checks types and style, compiles polycrate, and runs the tests on a real docker engine.
#
#   sh scripts/test.sh [--no-install] [--toolchain | --browser | --packages | --registry | --warm | --secrets | --engine=ENGINE] [ARGUMENTS OF bun test…]
#
# With --toolchain it builds the toolchain image, which takes ten minutes, and runs only the tests of that image. With
# --browser it runs only the tests of the HTML report, in a headless Chromium, which is large to install. With --packages it
# builds a release for every platform, and runs only the tests that install its packages, which takes some minutes. With
# --registry it runs only the long tests of registries: many blocks, TLS, passwords, full disks, kills. With --warm it runs the
# tests with an engine a second time, in containers that are kept, and kills runs in such containers at many points. With
# --secrets it runs only the long tests of secrets: kills at many points, vim, age and pass themselves, a value of a MiB. With
# --engine=rootless and --engine=podman it runs the tests with an engine on that one, without those that do not hold there
# (engineTests.ts); with --engine=podman-socket the tests of docker's client at the socket of a podman that is too old.

# shellcheck source=scripts/setup.sh
. "$(dirname "$0")/setup.sh"

test_tools="
openssh-client  command -v ssh-keygen
python3-yaml    python3 -c 'import yaml'
shellcheck      command -v shellcheck
tmux            command -v tmux
man-db          command -v man
docker-registry command -v docker-registry
zsh             command -v zsh
fish            command -v fish
musl            [ -e /lib/ld-musl-x86_64.so.1 ] || [ -e /lib/ld-musl-aarch64.so.1 ]
g++             command -v g++
rsync           command -v rsync
"

debian_image_tools="
debootstrap             command -v debootstrap
debian-archive-keyring  [ -e /usr/share/keyrings/debian-archive-keyring.gpg ]
"

# The tests' own folder for temporary files: what is left in it, or in containers that mount it, was left by the tests.
scratch=$(cd -P "$(mktemp -d "${TMPDIR:-/tmp}/polycrate-tests.XXXXXX")" && pwd)
clean_up() {
  remove_traces_of "$scratch/tmp"
  rm -rf "$scratch"
}

browser_tools="
chromium  command -v chromium || command -v google-chrome
"

package_tools="
lintian     command -v lintian
ruby        command -v ruby
nix-bin     command -v nix-instantiate
patchelf    command -v patchelf
mandoc      command -v mandoc
minisign    command -v minisign
"

main() {
  [ "${1:-}" != --toolchain ] || test_toolchain "$@"
  [ "${1:-}" != --browser ] || test_browser "$@"
  [ "${1:-}" != --warm ] || test_warm "$@"
  [ "${1:-}" != --packages ] || test_packages "$@"
  [ "${1:-}" != --registry ] || test_registry "$@"
  [ "${1:-}" != --secrets ] || test_secrets "$@"
  case ${1:-} in --engine=*) test_engine "$@" ;; esac
  set_up "$test_tools $remote_tools $rootless_tools" "$small_image_tools $debian_image_tools"
  ensure_test_images
  # Without root the machine's own engine is all there is, and the tests of other engines are left out.
  ! can_install_packages || ensure_remote_engine polycrate-test:busybox polycrate-test:gnu
  ! can_install_packages || ensure_rootless_engine polycrate-test:busybox || :
  bun run check
  bun run lint
  bun run build
  remember_latest
  run_tests "$@"
}

test_engine() {
  kind=${1#--engine=}
  shift
  case $kind in
    rootless)
      set_up "$test_tools $rootless_tools" "$small_image_tools $debian_image_tools"
      ensure_test_images
      ensure_rootless_engine polycrate-test:busybox polycrate-test:noshell polycrate-test:debian ||
        fail "there is no rootless engine here"
      ;;
    podman)
      set_up_podman
      ensure_test_images
      ;;
    podman-socket)
      set_up_podman
      start_podman_socket
      bun run build
      run_tests ./tests/e2e/podmanSocket.heavy.ts "$@"
      ;;
    *) fail "--engine is rootless, podman or podman-socket; the default suite has the tests of engines over ssh and TCP" ;;
  esac
  bun run build
  remember_latest
  [ "$kind" != rootless ] || become_rootless
  # shellcheck disable=SC2046 # one word for each file
  run_tests --test-name-pattern="$(bun scripts/engineTests.ts "$kind" --pattern)" $(bun scripts/engineTests.ts "$kind") "$@"
}

set_up_podman() {
  [ "$(id -u)" = 0 ] || fail "podman's images for the tests are root's: run this as root"
  can_install_packages || fail "podman is installed from Debian's packages"
  ensure_tools "used by the tests" "$podman_tools"
  use_podman
  set_up "$test_tools" "$small_image_tools $debian_image_tools"
}

ensure_test_images() {
  ensure_busybox_image
  ensure_gnu_image
  ensure_noshell_image
  ensure_debian_image
}

# From now on the tests are those of the ordinary user, at the rootless engine.
become_rootless() {
  export DOCKER_HOST="unix://$POLYCRATE_ROOTLESS_ENGINE/run/docker.sock"
  unset POLYCRATE_ROOTLESS_ENGINE
  tester="as_rootless_user env -u XDG_RUNTIME_DIR"
}

# Words before the command that runs the tests.
tester=""

test_toolchain() {
  shift
  . scripts/toolchain.sh
  set_up "$test_tools" "$debian_image_tools"
  ensure_toolchain
  bun run build
  remember_latest
  run_tests ./tests/e2e/toolchain.heavy.ts "$@"
}

test_browser() {
  shift
  set_up "$browser_tools" ""
  run_tests ./tests/browser/htmlReport.heavy.ts "$@"
}

test_warm() {
  shift
  set_up "$test_tools" "$small_image_tools $debian_image_tools"
  ensure_busybox_image
  ensure_noshell_image
  ensure_debian_image
  bun run build
  remember_latest
  export POLYCRATE_WARM=60s
  run_tests --test-name-pattern="$(bun scripts/warmTests.ts)" ./tests/e2e/*.test.ts ./tests/e2e/warm.heavy.ts "$@"
}

test_packages() {
  shift
  . scripts/packages.sh
  set_up "$test_tools $package_tools" "$small_image_tools $debian_image_tools"
  ensure_busybox_image
  ensure_packages
  bun run build
  remember_latest
  run_tests ./tests/e2e/debianPackage.heavy.ts ./tests/e2e/npmPackages.heavy.ts ./tests/e2e/releaseFiles.heavy.ts "$@"
}

registry_tools="
docker-registry  command -v docker-registry
openssl          command -v openssl
"

test_registry() {
  shift
  set_up "$registry_tools" "$small_image_tools"
  ensure_busybox_image
  bun run build
  remember_latest
  run_tests ./tests/e2e/registry.heavy.ts "$@"
}

secrets_tools="
age             command -v age
pass            command -v pass
gnupg           command -v gpg && command -v gpgconf
vim             command -v vim
openssh-client  command -v ssh-keygen
"

test_secrets() {
  shift
  set_up "$secrets_tools" "$small_image_tools $debian_image_tools"
  ensure_busybox_image
  ensure_debian_image
  bun run build
  remember_latest
  run_tests ./tests/e2e/secrets.heavy.ts "$@"
}

run_tests() {
  mkdir "$scratch/tmp"
  # Some tests run programs as other users, which must be able to enter.
  chmod 755 "$scratch" "$scratch/tmp"
  status=0
  [ -z "$tester" ] || $sudo chown "$rootless_uid" "$scratch" "$scratch/tmp"
  $tester env TMPDIR="$scratch/tmp" \
    bun test --timeout 60000 --reporter=junit --reporter-outfile="$scratch/report.xml" "$@" || status=$?
  [ -z "${POLYCRATE_WARM:-}" ] || remove_traces_of "$scratch/tmp"
  left=$(leftovers)
  if [ -n "$left" ]; then
    printf 'error: the tests did not clean up\n%s\n' "$left" >&2
    status=1
  fi
  summary "$status"
  exit "$status"
}

leftovers() {
  find "$scratch/tmp" -mindepth 1 -maxdepth 1
  containers_with "$scratch/tmp" | sed 's/^/container /'
  volumes_of "$scratch/tmp" | sed 's/^/volume /'
  [ -z "$remote_started" ] || remote_docker ps --all --format 'container {{.Names}} of the second engine'
  images_of "$scratch/tmp" | sed -e '/:latest$/d' -e 's/^/image /'
}

# The report has no failed test for a file that does not load, so a bad status counts as at least one.
summary() {
  skipped=$(count skipped)
  failed=$(count failures)
  passed=$(($(count tests) - ${failed:=0} - ${skipped:=0}))
  [ "$1" = 0 ] || [ "$failed" != 0 ] || failed=1
  echo "$passed passed, $failed failed, $skipped skipped"
}

# count WORD: the value of this attribute of the report's first element.
count() {
  [ ! -e "$scratch/report.xml" ] || sed -n "s/^<testsuites .* $1=\"\([0-9]*\)\".*/\1/p" "$scratch/report.xml"
}

main "$@"
