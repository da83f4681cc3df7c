import { quote } from "../host/arg.ts";
import { statusInContainer } from "./runPaths.ts";
import type { Terminal } from "./terminal.ts";

/**
 * True when a shell outlives that of the script, so that how it ended is recorded whatever it did: `exec` too. At a terminal
 * that is typed at, the script's shell is alone: a shell with job control would not get the signals that reach the other.
 */
export function isSupervised({ interactive, size }: Terminal): boolean {
  return !interactive || size === undefined;
}

/** Overwrites a text that is at least as long, which requires no space on a full disk. */
export const startedLine = `echo started 1<>${statusInContainer}`;

/**
 * Returns the lines that run the program in a shell of its own, record its exit code, and do what comes after it. The signals of an engine with tini
 * reach both shells, as they reach every process of their group. podman's catatonit only signals this one (0.1 to 0.2), which
 * passes them on, and so has to run the other in the background: a shell that waits for a command in the foreground handles
 * no signal. There only bash can undo that SIGINT and SIGQUIT are ignored; other shells get SIGTERM for them.
 */
export function supervisorLines(
  shell: string,
  program: string,
  after: readonly string[] = [],
): readonly string[] {
  const start = `${quote(shell)} -c ${quote(`. ${program}`)} "$0" "$@" 2>&8`;
  return [
    `exec 9<>${statusInContainer} 8>&2 2>/dev/null`,
    "echo started >&9",
    "trap : HUP INT QUIT TERM USR1 USR2",
    "__polycrate_init=",
    'IFS= read -r __polycrate_init <"/proc/$PPID/comm"',
    "case $PPID$__polycrate_init in",
    // Without an init, this shell is the one that the engine signals.
    "0 | *podman-init | *catatonit)",
    '  __polycrate_pass() { __polycrate_passed=1; trap "" "$1"; kill -s "$1" 0; trap "__polycrate_pass $1" "$1"; }',
    '  for __polycrate_signal in HUP TERM USR1 USR2; do trap "__polycrate_pass $__polycrate_signal" "$__polycrate_signal"; done',
    '  if [ -n "${BASH_VERSION-}" ]; then',
    '    for __polycrate_signal in INT QUIT; do trap "__polycrate_pass $__polycrate_signal" "$__polycrate_signal"; done',
    "  else",
    '    trap "__polycrate_pass TERM" INT QUIT',
    "  fi",
    "  exec 7<&0",
    "  (",
    '    if [ -n "${BASH_VERSION-}" ]; then trap - INT QUIT; fi',
    `    exec ${start} <&7 7<&- 8>&- 9>&-`,
    "  ) &",
    "  exec 7<&-",
    "  while :; do",
    "    __polycrate_passed=",
    '    wait "$!"',
    "    __polycrate_ended=$?",
    // Of a shell that has been waited for nothing more is known.
    '    [ "$__polycrate_ended" = 127 ] && [ -n "${__polycrate_code-}" ] || __polycrate_code=$__polycrate_ended',
    '    [ -n "$__polycrate_passed" ] || break',
    "  done",
    "  ;;",
    "*)",
    `  ${start} 8>&- 9>&-`,
    "  __polycrate_code=$?",
    "  ;;",
    "esac",
    'echo "ended $__polycrate_code" >&9',
    ...after,
    'exit "$__polycrate_code"',
  ];
}
