import { exitCodes, PolycrateError } from "../../errors.ts";
import type { Arg } from "../../host/arg.ts";
import { splitAt } from "./flagMounts.ts";
import { alwaysOn, assertAllowed, assertUsable } from "./refusedFlags.ts";
import { longNames, switches } from "./runFlags.ts";
import {
  assignmentIn,
  type ExpansionContext,
  type FlagAssignment,
  flagError,
  type SplitWord,
  splitWords,
} from "./splitWords.ts";

/** A `docker run` flag with the arguments it was written in. */
export type DockerFlag = {
  /** The long name without dashes, or the letter of a flag without a long name. */
  readonly name: string;
  readonly value: string | undefined;
  readonly words: readonly Arg[];
  /** The index of its entry in `docker_flags`. */
  readonly index: number;
};

/** A problem of the entry of `docker_flags` at `index`. */
export type FlagProblem = {
  readonly index: number;
  readonly message: string;
  readonly hint: string | undefined;
};

/** A variable that the entry at `index` sets; without a value it is the caller's. */
export type FlagVariable = FlagAssignment & { readonly index: number };

/** The entries of `docker_flags`: the flags for docker, the variables, and the problems. */
export type DockerFlags = {
  readonly flags: readonly DockerFlag[];
  readonly variables: readonly FlagVariable[];
  readonly problems: readonly FlagProblem[];
};

/**
 * Returns the flags of `config.container.docker_flags`, each entry split and expanded as a shell does it. An entry that cannot
 * be split or expanded, is not allowed, or does not follow a flag is left out and reported as a problem.
 */
export function readDockerFlags(
  entries: readonly string[],
  context: ExpansionContext,
  containerRoot: string,
): DockerFlags {
  const flags: DockerFlag[] = [];
  const variables: FlagVariable[] = [];
  const problems: FlagProblem[] = [];
  const collectProblem = <Result>(index: number, work: () => Result): Result | undefined => {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof PolycrateError) || error.exitCode !== exitCodes.invalidWorkspace) throw error;
      problems.push({ index, message: error.message, hint: error.hint });
      return undefined;
    }
  };
  const words = entries.flatMap((entry, index): readonly EntryWord[] => {
    const split = collectProblem(index, () => splitWords(entry, context));
    return (split ?? [unreadableWord]).map((word) => ({ ...word, index }));
  });
  for (let at = 0; at < words.length; ) {
    const [word, next] = [words[at], words[at + 1]];
    if (word === undefined) break;
    const parsed = isUnreadable(word) ? undefined : collectProblem(word.index, () => parseFlag(word, next));
    if (parsed === undefined) {
      const last = lastSkipped(word.index, entries);
      while ((words[at]?.index ?? Number.POSITIVE_INFINITY) <= last) at += 1;
      continue;
    }
    at += parsed.words.length;
    if (parsed.words.some(isUnreadable)) continue;
    collectProblem(word.index, () => {
      assertUsable(parsed, parsed.value === undefined ? undefined : flagText(parsed.value), containerRoot);
      if (parsed.name === "env") variables.push({ ...variableOf(parsed), index: word.index });
      else if (!alwaysOn.has(parsed.name)) flags.push(flagOf(parsed));
    });
  }
  return { flags, variables, problems };
}

type EntryWord = SplitWord & { readonly index: number };

/** Replaces an entry that cannot be split, so that the flag before it has a value. No argument can contain a NUL. */
const unreadableWord: SplitWord = { value: "\0", written: "", pieces: [] };

function isUnreadable({ value }: SplitWord): boolean {
  return value === unreadableWord.value;
}

/** After a problem the rest of the entry is skipped, and a value that is in the next entry. */
function lastSkipped(index: number, entries: readonly string[]): number {
  return entries[index + 1]?.startsWith("-") === false ? index + 1 : index;
}

/** A flag as it is written: `shown` is its name with the dashes, `value` begins after `skipped` characters of a word. */
type ParsedFlag = {
  readonly name: string;
  readonly shown: string;
  readonly value: { readonly word: SplitWord; readonly skipped: number } | undefined;
  readonly words: readonly EntryWord[];
};

function parseFlag(word: EntryWord, next: EntryWord | undefined): ParsedFlag {
  const { value } = word;
  if (value.startsWith("--") && value.length > 2) {
    const [name] = splitAt(value.slice(2), "=");
    const flag = { name, shown: `--${name}` };
    if (value.includes("=")) return { ...flag, value: { word, skipped: name.length + 3 }, words: [word] };
    return withNext(flag, word, next);
  }
  if (!value.startsWith("-") || value.length < 2 || value === "--") {
    throw flagError(
      `unexpected argument \`${word.written}\`: it does not follow a flag`,
      "write flag and value together, like `--network=host`",
    );
  }
  return parseShortFlags(word, next);
}

/** `-dit` is three switches; in `-itv /a:/b` the value of the last letter is the next word, in `-v/a:/b` the rest of this one. */
function parseShortFlags(word: EntryWord, next: EntryWord | undefined): ParsedFlag {
  const letters = [...word.value.slice(1)];
  const all = letters.map((letter) => ({ name: longNames[letter] ?? letter, shown: `-${letter}` }));
  const taking = all.findIndex(({ name }) => !switches.has(name));
  const used = taking < 0 ? all : all.slice(0, taking + 1);
  for (const flag of used) assertAllowed(flag);
  const flag = used.at(-1) ?? { name: "", shown: word.written };
  if (flag.name === "env" && used.length > 1) {
    throw flagError(
      `\`${flag.shown}\` cannot be combined with other flags`,
      `write \`${flag.shown} NAME=value\` separately`,
    );
  }
  const skipped = 1 + used.map(({ shown }) => shown.slice(1)).join("").length;
  const rest = word.value.slice(skipped);
  if (taking < 0 || rest === "") return withNext(flag, word, next);
  return { ...flag, value: { word, skipped: skipped + (rest.startsWith("=") ? 1 : 0) }, words: [word] };
}

function withNext(
  flag: Pick<ParsedFlag, "name" | "shown">,
  word: EntryWord,
  next: EntryWord | undefined,
): ParsedFlag {
  assertAllowed(flag);
  if (switches.has(flag.name)) return { ...flag, value: undefined, words: [word] };
  if (next === undefined) {
    throw flagError(
      `the flag \`${word.written}\` requires a value`,
      "write it as one entry, like `--network=host`",
    );
  }
  return { ...flag, value: { word: next, skipped: 0 }, words: [word, next] };
}

function flagOf({ name, value, words }: ParsedFlag): DockerFlag {
  return {
    name,
    value: value === undefined ? undefined : flagText(value),
    words: words.map(({ value: text, written }) => ({ value: text, written })),
    index: words[0]?.index ?? 0,
  };
}

function flagText({ word, skipped }: NonNullable<ParsedFlag["value"]>): string {
  return word.value.slice(skipped);
}

function variableOf({ value, shown }: ParsedFlag): FlagAssignment {
  if (value === undefined)
    throw flagError(`the flag \`${shown}\` requires a value`, "write `--env=NAME=value`");
  return assignmentIn(value.word, value.skipped);
}
