# The images of the tests and the demo, built without a registry where Debian packages can be installed. Sourced by setup.sh.
#
# An image is rebuilt only when its recipe has changed (label `polycrate.recipe`). On an engine that was already running, the
# images are removed at the end; POLYCRATE_KEEP_IMAGES=1 keeps them, which saves some seconds on the next run.

images_made=""

small_image_tools="
busybox-static  command -v busybox
bash-static     command -v bash-static
"

debian_packages="ca-certificates python3 python3-yaml ansible openssh-client openssh-server git jq"

# Small tools and bash.
ensure_busybox_image() {
  ensure_image polycrate-test:busybox true scripts/images/busybox.sh bash
}

# The same without bash, which is the default shell of scripts.
ensure_noshell_image() {
  ensure_image polycrate-test:noshell "rm /bin/bash" scripts/images/busybox.sh
}

# Small tools, bash, and GNU's programs for files, as most images have them.
ensure_gnu_image() {
  ensure_image polycrate-test:gnu true scripts/images/busybox.sh bash gnu
}

# Python, Ansible, ssh and git, as in a real toolchain.
ensure_debian_image() {
  # shellcheck disable=SC2086 # one word for each package
  ensure_image polycrate-test:debian \
    "apt-get update && apt-get install --yes --no-install-recommends $debian_packages" \
    scripts/images/debian.sh $debian_packages
}

# ensure_image REFERENCE COMMAND RECIPE…: builds the image unless it exists with this recipe. The recipe prints a file system as
# a tar; where Debian packages cannot be installed, the image is built from one of a registry by the command.
ensure_image() {
  reference=$1
  command=$2
  shift 2
  recipe=$({ cat "$1" && echo "$*"; } | cksum | tr -d ' ')
  found=$(docker image inspect --format '{{index .Config.Labels "polycrate.recipe"}}' "$reference" 2>/dev/null) || found=""
  [ "$found" != "$recipe" ] || return 0
  say "building the image $reference"
  docker image rm "$reference" >/dev/null 2>&1 || true
  images_made="$images_made $reference"
  if can_install_packages; then
    make_tarball "$@"
    docker import --change "LABEL polycrate.recipe=$recipe" --change 'CMD ["/bin/sh"]' \
      --change "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" "$tarball" "$reference" >/dev/null
  else
    printf 'FROM debian:bookworm-slim\nRUN %s\nLABEL polycrate.recipe=%s\n' "$command" "$recipe" |
      docker build --tag "$reference" - >&2
  fi
}

# Kept in .cache, because Debian's takes a minute or two.
make_tarball() {
  tarball=.cache/images/${reference#*:}-$recipe.tar
  [ ! -e "$tarball" ] || return 0
  mkdir -p .cache/images
  rm -f ".cache/images/${reference#*:}"-*.tar
  log=$(mktemp)
  $sudo sh "$@" >"$tarball.$$" 2>"$log" || fail_with_log "the file system of $reference could not be built" "$log"
  rm "$log"
  mv "$tarball.$$" "$tarball"
}

remove_images_made() {
  if [ -z "$engine_started" ] && [ -z "${POLYCRATE_KEEP_IMAGES:-}" ]; then
    for image in $images_made; do docker image rm "$image" >/dev/null 2>&1; done
  fi
}

# A build also tags `polycrate-workspace:latest`. `remove_traces_of DIRECTORY` removes the containers, volumes and images of the
# workspaces below it, and restores `latest` as it was when `remember_latest` was called.
remember_latest() {
  latest_before=$(docker image inspect --format '{{.Id}}' polycrate-workspace:latest 2>/dev/null) || latest_before=none
}

remove_traces_of() {
  for container in $(containers_with "$1"); do docker rm --force "$container" >/dev/null; done
  for volume in $(volumes_of "$1"); do docker volume rm "$volume" >/dev/null; done
  for image in $(images_of "$1"); do docker image rm "$image" >/dev/null; done
  case ${latest_before:-none} in
    none) ;;
    *) docker image inspect polycrate-workspace:latest >/dev/null 2>&1 ||
      docker image tag "$latest_before" polycrate-workspace:latest ;;
  esac
}

volumes_of() {
  docker volume ls --filter label=polycrate.cache --format '{{.Name}} {{.Label "polycrate.workspace"}}' |
    sed -n "s|^\([^ ]*\) $1/.*|\1|p"
}

images_of() {
  docker image ls --quiet --filter label=polycrate.workspace | sort -u |
    xargs -r docker image inspect --format '{{$of := index .Config.Labels "polycrate.workspace"}}{{range .RepoTags}}{{println . $of}}{{end}}' |
    sed -n "s|^\([^ ]*\) $1/.*|\1|p"
}
