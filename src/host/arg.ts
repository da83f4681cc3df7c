import { unseen } from "../errors.ts";

/**
 * One argument of a command line. A plain string is itself; the other kind remembers how a shell computes it
 * (`"$(id -u)"`), so that a printed command contains the expression of the workspace, not its value on this machine. An argument
 * whose `written` is empty is passed to the process but not printed.
 */
export type Arg = string | { readonly value: string; readonly written: string };

/** Returns the value that the program receives. */
export function argValue(arg: Arg): string {
  return typeof arg === "string" ? arg : arg.value;
}

/** Returns the arguments quoted for a POSIX shell, which evaluates them to the same values. */
export function toShell(args: readonly Arg[]): readonly string[] {
  return args
    .map((arg) => (typeof arg === "string" ? quoteFlag(arg) : arg.written))
    .filter((written) => written !== "");
}

/**
 * Returns the word quoted for any POSIX shell. Plain words stay unquoted; control characters and invisible ones are
 * written as octal escapes.
 */
export function quote(word: string): string {
  if (/^[A-Za-z0-9_./:@%+,-][A-Za-z0-9_./:=@%+,-]*$/.test(word)) return word;
  const pieces = word.split(runsOfUnseen);
  const quoted = pieces.map((piece, index) => {
    if (index % 2 === 1) return `"$(printf '${octalEscapes(piece)}')"`;
    return piece === "" ? "" : `'${piece.replaceAll("'", `'\\''`)}'`;
  });
  return quoted.join("") || "''";
}

/** True for text that is safe to print on a terminal. */
export function isInert(text: string): boolean {
  return !anyUnseen.test(text);
}

const anyUnseen = new RegExp(`[${unseen}]`);

const runsOfUnseen = new RegExp(`([${unseen}]+)`);

function octalEscapes(text: string): string {
  return Array.from(Buffer.from(text), (byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("");
}

/** In `--env=NAME=some value` only the value is quoted, so that the flag remains readable. */
function quoteFlag(word: string): string {
  const [flag = ""] = /^--[a-z][a-z-]*=(?:[A-Za-z_][A-Za-z0-9_]*=)?/.exec(word) ?? [];
  return flag === "" ? quote(word) : flag + (word === flag ? "" : quote(word.slice(flag.length)));
}
