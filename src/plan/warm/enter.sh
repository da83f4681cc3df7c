# Runs a command in a warm container when the first line of standard input is `go`. Each further line is a signal for it; the
# end of standard input kills it.
# Afterwards no process of it is left, which the last line of the status file confirms.
trap : HUP INT QUIT TERM USR1
exec 3<&0 4>&2 </dev/null 2>/dev/null
look() { IFS= read -r line <"/proc/$1/stat" && set -- ${line##*) } && state=$1 parent=$2 group=$3; }
# The first child of init, which a new container may not have yet.
keeper="" tries=0
while [ -z "$keeper" ] && [ "$tries" -lt 1000 ]; do
  for process in /proc/[0-9]*; do
    process=${process#/proc/}
    if look "$process" && [ "$parent" = 1 ] && [ "$process" -lt "${keeper:-$((process + 1))}" ]; then keeper=$process; fi
  done
  tries=$((tries + 1))
done
[ -n "$keeper" ] || exit 125
look $$; own=$group
others() {
  found="" members="" children=0
  for process in /proc/[0-9]*; do
    process=${process#/proc/}
    case $process in 1 | "$keeper" | "$$" | "${reader-}") continue ;; esac
    look "$process" && [ "$state" != Z ] || continue
    if [ "$parent" = "$keeper" ]; then children=$((children + 1)); continue; fi
    found="$found $process"
    [ "$group" != "$own" ] || members="$members $process"
  done
}
sweep() {
  tries=0
  while others && [ -n "$found" ] && [ "$tries" -lt 500 ]; do
    kill -STOP $found
    kill -KILL $found
    tries=$((tries + 1))
  done
}
IFS= read -r go <&3 && [ "$go" = go ] || exit 125
others
[ -z "$found" ] && [ "$children" -lt 2 ] || exit 125
{
  IFS=' ' read -r reader line </proc/self/stat
  while IFS= read -r signal; do
    others
    if [ "$signal" = KILL ]; then sweep; else kill -"$signal" $members; fi
  done
  sweep
} <&3 &
reader=$!
exec 3<&-
"$@" 2>&4 4>&-
code=$?
kill -KILL "$reader"
wait "$reader"
sweep
kill -USR1 "$keeper"
status=/run/polycrate-status/status
if [ -z "$found" ] && [ -f "$status" ] && [ ! -L "$status" ]; then echo "swept $code" >>"$status"; fi
exit "$code"
