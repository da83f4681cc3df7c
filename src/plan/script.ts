import type { ResolvedAction } from "../workspace/blocks/resolveBlock.ts";
import { carrierPrefix, type Variable } from "../workspace/environment.ts";
import { statusInContainer } from "./container.ts";
import type { SshConfig } from "./person/ssh.ts";
import { quote } from "./words.ts";

/** How the container's terminal is set up before the script runs. */
export type Terminal = {
  /** docker's `--interactive`: the action reads what polycrate gets on standard input. */
  readonly interactive: boolean;
  /** docker's `--tty`; the size is in characters, undefined when there is no terminal. */
  readonly size: { readonly rows: number; readonly columns: number } | undefined;
};

/** Returns the script of an action, one item after the other in one shell, so that `cd` and a heredoc carry over. */
export function scriptOf(action: ResolvedAction): string {
  const { playbook, script } = action.settings;
  if (typeof playbook === "string") {
    return `exec ansible-playbook --extra-vars "@$POLYCRATE_SNAPSHOT_FILE" ${quote(playbook)} "$@"\n`;
  }
  return (script ?? []).map((item) => (item.endsWith("\n") ? item : `${item}\n`)).join("");
}

/** Returns the item of the script that has the line, and the line inside of that item, all counted from 1. */
export function itemOfLine(
  action: ResolvedAction,
  line: number,
): { readonly item: number; readonly line: number } | undefined {
  let before = 0;
  for (const [index, item] of (action.settings.script ?? []).entries()) {
    const lines = item.replace(/\n$/, "").split("\n").length;
    if (line > before && line <= before + lines) return { item: index + 1, line: line - before };
    before += lines;
  }
  return undefined;
}

/**
 * Returns the shell program that the container starts: it notes that it started, turns carrier variables into the real
 * ones, sets the terminal's size, and runs the script, noting code and line of a failure. bash tells a failure by its ERR
 * trap, which a script's own EXIT trap leaves alone; `exit` is wrapped because no trap sees its line. Other shells (busybox
 * ash, dash) know `$LINENO` in the EXIT trap.
 */
export function entrypointOf(
  variables: readonly Variable[],
  sshConfig: SshConfig | undefined,
  terminal: Terminal,
  script: string,
): string {
  const secrets = variables.filter((variable) => variable.secret !== undefined);
  return [
    "# Written by polycrate: prepares the shell, then runs the script.",
    // In place of the text of the same length, which takes no room on a disk that is full by now.
    `echo started 1<>${statusInContainer}`,
    ...(sshConfig === undefined ? [] : sshConfigLines(sshConfig)),
    ...secrets.map(({ name }) => `export ${name}="$${carrierOf(name)}"; unset ${carrierOf(name)}`),
    ...terminalLines(terminal),
    `__polycrate_note() { if [ "$1" != 0 ]; then echo "$1 $2" >>${statusInContainer}; fi; } 2>/dev/null`,
    `if [ -n "\${BASH_VERSION-}" ]; then`,
    `  eval '__polycrate_failed() { if [ "$BASHPID" = "$$" ]; then __polycrate_note "$1" "$2"; fi; }'`,
    `  eval 'exit() { local status=$?; __polycrate_failed "\${1-$status}" "\${BASH_LINENO[0]}"; builtin exit "\${@-$status}"; }'`,
    `  trap '__polycrate_failed "$?" "$LINENO"' ERR`,
    "  set -E",
    "else",
    `  trap '__polycrate_note "$?" "\${LINENO-0}"' EXIT`,
    "fi",
    "set -eu",
    "if (set -o pipefail) 2>/dev/null; then set -o pipefail; fi",
    `. ${script}`,
    "",
  ].join("\n");
}

/** An image's own file stays as it is, and an action without ssh has no need of one. */
function sshConfigLines({ path, lines }: SshConfig): readonly string[] {
  const folder = path.slice(0, path.lastIndexOf("/"));
  return [
    `if command -v ssh >/dev/null && [ ! -e ${quote(path)} ]; then`,
    `  (umask 077 && mkdir -p ${quote(folder)} && printf '%s\\n' ${lines.map(quote).join(" ")} >${quote(path)}) 2>/dev/null || :`,
    "fi",
  ];
}

/** Returns the name under which a secret travels, so that no program on the host takes it for a setting of its own. */
export function carrierOf(name: string): string {
  return carrierPrefix + name;
}

/** docker sets a terminal's size only after the start; without `--interactive` nothing may wait for a person. */
function terminalLines({ interactive, size }: Terminal): readonly string[] {
  if (size === undefined) return [];
  return [
    `stty rows ${size.rows} cols ${size.columns} 2>/dev/null <&1 || :`,
    ...(interactive ? [] : ["exec </dev/null"]),
  ];
}
