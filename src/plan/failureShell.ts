import { quote } from "../host/arg.ts";
import { statusInContainer } from "./runPaths.ts";

/** The shell that opens where an action failed. */
export type FailureShell = {
  /** The container's shell. */
  readonly shell: string;
  /** The items of the script, to name the one that failed; empty for a playbook. */
  readonly items: readonly string[];
  /** The script itself reads the terminal; else its standard input is empty. */
  readonly scriptReads: boolean;
};

/** The descriptor that keeps the terminal while the script's standard input is empty. */
const terminal = 9;

/**
 * Returns the lines of the entrypoint that define `__polycrate_inspect CODE LINE`: in place of the process, an interactive
 * shell in the same directory, with the variables of the script and, in bash, its functions. It ends with CODE. Nothing
 * opens for a signal that ends the action, in a subshell, or twice.
 */
export function failureShellLines({ shell, items, scriptReads }: FailureShell): readonly string[] {
  const input = scriptReads ? "" : ` <&${terminal} ${terminal}<&-`;
  return [
    ...(scriptReads ? [] : [`exec ${terminal}<&0 </dev/null`]),
    ...itemLines(items),
    "__polycrate_inspect() {",
    "  case $1 in 0 | 129 | 130 | 143) return 0 ;; esac",
    '  [ -z "${__polycrate_inspected-}" ] || return 0',
    "  __polycrate_inspected=1",
    "  set +eu",
    "  trap - EXIT",
    `  echo inspecting >>${statusInContainer}`,
    `  printf 'failed%s with exit code %s; this shell is in the same container, \`exit\` ends it\\n' "$(__polycrate_item "$2")" "$1" >&2`,
    '  if [ -n "${BASH_VERSION-}" ]; then __polycrate_open "$1"; fi',
    "  __polycrate_state=$(set)",
    `  ENV=/dev/fd/8 exec ${quote(shell)} -i 8<<__POLYCRATE_STATE__${input}`,
    "$__polycrate_state",
    "trap 'exit $1' EXIT",
    "__POLYCRATE_STATE__",
    "}",
    'if [ -n "${BASH_VERSION-}" ]; then',
    ...bashFunctionLines(input),
    "fi",
  ];
}

/** A function that prints the item and its line for a line of the script. */
function itemLines(items: readonly string[]): readonly string[] {
  let first = 1;
  const cases = items.map((item, index) => {
    const last = first + item.replace(/\n$/, "").split("\n").length - 1;
    const line = `  [ "$1" -lt ${first} ] || [ "$1" -gt ${last} ] || echo ": item ${index + 1}, line $(($1 - ${first - 1}))"`;
    first = last + 1;
    return line;
  });
  return [
    "__polycrate_item() {",
    "  case $1 in '' | *[!0-9]*) return 0 ;; esac",
    ...cases,
    "  return 0",
    "}",
  ];
}

/**
 * In `eval`, because other shells do not know the syntax. What bash sets itself is left out, and so are read-only variables,
 * which the new shell could not set again.
 */
function bashFunctionLines(input: string): readonly string[] {
  return [
    "  eval '__polycrate_variables() {",
    "    local __polycrate_name __polycrate_text __polycrate_flags",
    "    while IFS= read -r __polycrate_name; do",
    "      case $__polycrate_name in __polycrate_* | BASH* | FUNCNAME | DIRSTACK | GROUPS | PIPESTATUS | LINENO | SECONDS | RANDOM | SRANDOM | EPOCH* | HIST* | COMP_* | OPTERR | OPTIND | PPID | UID | EUID | SHELLOPTS | SHLVL | PS1 | _) continue ;; esac",
    '      __polycrate_text=$(declare -p "$__polycrate_name" 2>/dev/null) || continue',
    "      __polycrate_flags=${__polycrate_text#declare }",
    '      case ${__polycrate_flags%% *} in *r*) ;; *) printf "%s\\\\n" "$__polycrate_text" ;; esac',
    "    done < <(compgen -v)",
    "    declare -f",
    '    echo "unset -f exit __polycrate_note __polycrate_failed __polycrate_item __polycrate_inspect __polycrate_open __polycrate_variables"',
    "  }'",
    `  eval '__polycrate_open() { exec "$BASH" --noprofile --rcfile <(__polycrate_variables; echo "trap \\"builtin exit $1\\" EXIT") -i${input}; }'`,
  ];
}
