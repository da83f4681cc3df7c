# The requirements of the packages' tests. Sourced by test.sh with `--packages`.
#
# The packages are installed in a Debian 13 from debootstrap, which has neither node nor bun, and by npm, pnpm and bun from a
# registry that a test serves.

pnpm_version=10.34.8

# Sets the variables that the tests read: the folder with a whole release, the clean system, and pnpm's program.
ensure_packages() {
  . scripts/toolchain.sh
  ensure_toolchain_base
  POLYCRATE_TEST_BASE=$POLYCRATE_TEST_TOOLCHAIN_BASE
  ensure_pnpm
  POLYCRATE_TEST_RELEASE=$scratch/release
  say "building a release for every platform"
  bun run release --out "$POLYCRATE_TEST_RELEASE"
  export POLYCRATE_TEST_BASE POLYCRATE_TEST_RELEASE POLYCRATE_TEST_PNPM
}

ensure_pnpm() {
  POLYCRATE_TEST_PNPM=$PWD/.cache/pnpm/node_modules/pnpm/bin/pnpm.cjs
  [ ! -e "$POLYCRATE_TEST_PNPM" ] || return 0
  command -v npm >/dev/null || {
    note_missing npm "install node and npm, which install pnpm and the packages"
    give_up
  }
  say "installing pnpm $pnpm_version in .cache/pnpm"
  mkdir -p .cache/pnpm
  (cd .cache/pnpm && echo "{}" >package.json &&
    npm install --no-save --no-package-lock --ignore-scripts --loglevel=error "pnpm@$pnpm_version" >&2)
}
