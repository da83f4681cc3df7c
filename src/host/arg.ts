import { unseen } from "../errors.ts";

/**
 * One word of a command line. A plain string is itself; the other kind remembers how a shell is to compute it
 * (`"$(id -u)"`), so that a printed command shows what the workspace says and not what this machine made of it. What is
 * written as nothing is for the running process alone and is not printed.
 */
export type Arg = string | { readonly value: string; readonly written: string };

/** Returns what a program gets to see. */
export function argValue(word: Arg): string {
  return typeof word === "string" ? word : word.value;
}

/** Returns the words as a POSIX shell has to read them to arrive at the same values. */
export function toShell(words: readonly Arg[]): readonly string[] {
  return words
    .map((word) => (typeof word === "string" ? quoteFlag(word) : word.written))
    .filter((word) => word !== "");
}

/**
 * Returns text that every POSIX shell reads back as exactly this one word; plain words stay bare, and what a terminal would
 * obey, or a reader not see, is spelled in digits.
 */
export function quote(word: string): string {
  if (/^[A-Za-z0-9_./:@%+,-][A-Za-z0-9_./:=@%+,-]*$/.test(word)) return word;
  const pieces = word.split(runsOfUnseen);
  const quoted = pieces.map((piece, index) => {
    if (index % 2 === 1) return `"$(printf '${octal(piece)}')"`;
    return piece === "" ? "" : `'${piece.replaceAll("'", `'\\''`)}'`;
  });
  return quoted.join("") || "''";
}

/** True for text that can be shown on a terminal as it is. */
export function isInert(text: string): boolean {
  return !anyUnseen.test(text);
}

const anyUnseen = new RegExp(`[${unseen}]`);

const runsOfUnseen = new RegExp(`([${unseen}]+)`);

function octal(text: string): string {
  return Array.from(Buffer.from(text), (byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("");
}

/** In `--env=NAME=some value` only the value is quoted, so that the flag stays readable. */
function quoteFlag(word: string): string {
  const [flag = ""] = /^--[a-z][a-z-]*=(?:[A-Za-z_][A-Za-z0-9_]*=)?/.exec(word) ?? [];
  return flag === "" ? quote(word) : flag + (word === flag ? "" : quote(word.slice(flag.length)));
}
