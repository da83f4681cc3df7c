/**
 * One word of a command line. A plain string is itself; the other kind remembers how a shell is to compute it
 * (`"$(id -u)"`), so that a printed command shows what the workspace says and not what this machine made of it. What is
 * written as nothing is for the running process alone and is not printed.
 */
export type Word = string | { readonly value: string; readonly written: string };

/** Returns what a program gets to see. */
export function spokenWord(word: Word): string {
  return typeof word === "string" ? word : word.value;
}

/** Returns the words as a POSIX shell has to read them to arrive at the same values. */
export function writtenWords(words: readonly Word[]): readonly string[] {
  return words
    .map((word) => (typeof word === "string" ? quoteFlag(word) : word.written))
    .filter((word) => word !== "");
}

/** Returns text that every POSIX shell reads back as exactly this one word; plain words stay bare. */
export function quote(word: string): string {
  return /^[A-Za-z0-9_./:@%+,-][A-Za-z0-9_./:=@%+,-]*$/.test(word)
    ? word
    : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** In `--env=NAME=some value` only the value is quoted, so that the flag stays readable. */
function quoteFlag(word: string): string {
  const [flag = ""] = /^--[a-z][a-z-]*=(?:[A-Za-z_][A-Za-z0-9_]*=)?/.exec(word) ?? [];
  return flag === "" ? quote(word) : flag + (word === flag ? "" : quote(word.slice(flag.length)));
}
