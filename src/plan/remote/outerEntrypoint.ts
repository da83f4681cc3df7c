import { quote } from "../../host/arg.ts";
import type { ChangeLines } from "../../transfer/changeLines.ts";
import { filesInContainer } from "../runPaths.ts";
import type { Terminal } from "../terminal.ts";
import type { Handed } from "./steps.ts";

/** The file of the outer entrypoint, beside the inner one. */
export const outerFile = "outer";

/** What the outer entrypoint is made of. */
export type OuterEntrypoint = {
  readonly transaction: string;
  readonly shell: string;
  readonly terminal: Terminal;
  readonly handed: Handed;
  readonly changes: ChangeLines;
};

/**
 * Returns the shell program that a container on another machine runs: it reads what it is handed, runs the entrypoint as a
 * process of its own, whatever signals come, and notes what that changed in the workspace.
 */
export function outerEntrypoint({ transaction, shell, terminal, handed, changes }: OuterEntrypoint): string {
  const entrypoint = `${filesInContainer}/entrypoint`;
  const input = terminal.interactive ? "" : " </dev/null";
  return [
    "# Written by polycrate: runs the entrypoint, and notes what it changed in the workspace.",
    // A signal that is ignored could not be trapped by the action.
    "trap : HUP INT TERM",
    ...handedLines(handed, terminal, transaction),
    ...changes.before,
    `${quote(shell)} -c ${quote(`. ${entrypoint}`)} ${entrypoint} "$@"${input}`,
    "code=$?",
    ...changes.after,
    "exit $code",
    "",
  ].join("\n");
}

/** Printed once the terminal no longer shows what it reads; nothing is handed over before. */
export function readyMark(transaction: string): string {
  return `polycrate ${transaction} is ready`;
}

/**
 * Each value is lines of printable characters, escaped as `printf %b` reads them, and an empty line: a shell's `read` takes exactly
 * these from a pipe, without a program of the image, and a terminal passes them on as they are.
 */
function handedLines({ variables }: Handed, { size }: Terminal, transaction: string): readonly string[] {
  if (variables.length === 0) return [];
  const refuse = 'echo "polycrate: the secrets did not arrive" >&2; exit 73';
  return [
    ...(size === undefined
      ? []
      : [
          "stty -echo 2>/dev/null <&0 || { echo 'polycrate: the image has no `stty`, which secrets at a terminal require' >&2; exit 73; }",
          `printf %s ${quote(readyMark(transaction))}`,
        ]),
    "take() {",
    "  taken=",
    "  while :; do",
    `    IFS= read -r line || { ${refuse}; }`,
    '    [ -n "$line" ] || return 0',
    `    part=$(printf '%bx' "$line")`,
    "    taken=$taken${part%x}",
    "  done",
    "}",
    ...variables.map(({ name }) => `take; ${name}=$taken; export ${name}`),
    "unset taken part line",
    ...(size === undefined ? [] : ["stty echo <&0"]),
  ];
}
