import { quote } from "../../host/arg.ts";
import type { ChangeLines } from "../../transfer/changeLines.ts";
import { filesInContainer } from "../runPaths.ts";
import { isSupervised, startedLine, supervisorLines } from "../supervisor.ts";
import type { Terminal } from "../terminal.ts";
import type { Handed } from "./steps.ts";

/** What the entrypoint on another machine is made of. */
export type EntrypointThere = {
  readonly transaction: string;
  readonly shell: string;
  readonly terminal: Terminal;
  readonly handed: Handed;
  readonly changes: ChangeLines;
};

/**
 * Returns the first program that a container on another machine runs: it reads what it is handed, runs the script in a shell of its
 * own, whatever signals come, and notes what that changed in the workspace.
 */
export function entrypointThere(given: EntrypointThere): string {
  const { shell, terminal, changes } = given;
  const prepare = `${filesInContainer}/prepare`;
  return [
    "# Written by polycrate: runs the script, and notes what it changed in the workspace.",
    ...handedLines(given),
    ...changes.before,
    ...(isSupervised(terminal)
      ? supervisorLines(shell, prepare, changes.after)
      : aloneLines(shell, prepare, changes.after)),
    "",
  ].join("\n");
}

/** A shell with job control gets the terminal's signals itself; those that reach this one are not to end it. */
function aloneLines(shell: string, program: string, after: readonly string[]): readonly string[] {
  return [
    startedLine,
    "trap : HUP INT QUIT TERM",
    `${quote(shell)} -c ${quote(`. ${program}`)} "$0" "$@"`,
    "code=$?",
    ...after,
    'exit "$code"',
  ];
}

/** Printed once the terminal no longer shows what it reads; nothing is handed over before. */
export function readyMark(transaction: string): string {
  return `polycrate ${transaction} is ready`;
}

/** True if the entrypoint reads something before the action does. */
export function isHanding({ variables, files }: Handed): boolean {
  return variables.length + files.length > 0;
}

/**
 * Each value is lines of printable characters, escaped as `printf %b` reads them, and an empty line: a shell's `read` takes exactly
 * these from a pipe, without a program of the image, and a terminal passes them on as they are.
 */
function handedLines({ handed, terminal, transaction }: EntrypointThere): readonly string[] {
  if (!isHanding(handed)) return [];
  const { variables, files } = handed;
  const isTerminal = terminal.size !== undefined;
  return [
    `refuse() { echo "polycrate: $1" >&2; exit 73; }`,
    ...(isTerminal ? quietLines(transaction) : []),
    "read_line() { IFS= read -r line || refuse 'the secrets did not arrive'; [ -n \"$line\" ]; }",
    `take() { taken=; while read_line; do part=$(printf '%bx' "$line"); taken=$taken\${part%x}; done; }`,
    ...variables.map(({ name }) => `take; ${name}=$taken; export ${name}`),
    ...files.map(
      ({ path }) =>
        `(umask 077; while read_line; do printf '%b' "$line"; done >${quote(path)}) || refuse 'cannot write ${path}'`,
    ),
    "unset taken part line",
    "unset -f refuse read_line take",
    ...(isTerminal ? ["stty echo <&0"] : []),
    ...(terminal.interactive ? [] : ["exec </dev/null"]),
  ];
}

function quietLines(transaction: string): readonly string[] {
  return [
    "stty -echo <&0 2>/dev/null || refuse 'secrets at a terminal require `stty`, which the image does not have'",
    `printf %s ${quote(readyMark(transaction))}`,
  ];
}
