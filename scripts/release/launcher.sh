#!/bin/sh
# The program `polycrate` of the npm package: replaces itself with the executable for this platform, which is in a package of
# its own (`optionalDependencies`). Being replaced, it adds nothing to a run, and signals reach the executable.

self=$0
case $self in
  */*) ;;
  *) self=./$self ;;
esac
while [ -L "$self" ]; do
  target=$(readlink "$self")
  case $target in
    /*) self=$target ;;
    *) self=${self%/*}/$target ;;
  esac
done
here=$(CDPATH="" cd -P "${self%/*}" && pwd)

# Prints where the package of platform $1 has its executable: in the nearest `node_modules`, as node finds packages.
find_executable() {
  folder=$here
  while [ -n "$folder" ]; do
    if [ -x "$folder/node_modules/@polycrate/$1/bin/polycrate" ]; then
      echo "$folder/node_modules/@polycrate/$1/bin/polycrate"
      return
    fi
    folder=${folder%/*}
  done
}

case $(uname -sm) in
  "Linux x86_64" | "Linux amd64") platform=linux-x64 ;;
  "Linux aarch64" | "Linux arm64") platform=linux-arm64 ;;
  "Darwin x86_64") platform=darwin-x64 ;;
  "Darwin arm64") platform=darwin-arm64 ;;
  *)
    echo "error: there is no executable for $(uname -sm)" >&2
    echo "hint: polycrate runs on Linux and macOS, on x64 and arm64; on Windows use WSL" >&2
    exit 69
    ;;
esac
executable=$(find_executable "$platform")
case $platform in
  linux-*)
    musl=$(find_executable "$platform-musl")
    if [ -n "$musl" ]; then
      # Package managers that do not tell C libraries apart install both packages.
      case $executable$(ldd --version 2>&1) in
        "$musl" | *musl*) executable=$musl ;;
      esac
      [ -n "$executable" ] || executable=$musl
    fi
    ;;
  darwin-x64)
    # In a shell under Rosetta, uname reports the wrong architecture.
    [ -n "$executable" ] || executable=$(find_executable darwin-arm64)
    ;;
esac
if [ -z "$executable" ]; then
  echo "error: the package @polycrate/$platform, which has the executable, is not installed" >&2
  echo "hint: install polycrate again without \`--no-optional\` or \`--omit=optional\`, and on the platform that it runs on" >&2
  exit 69
fi
exec "$executable" "$@"
