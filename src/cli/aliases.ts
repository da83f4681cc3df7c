import type { ArgsDef } from "citty";
import { didYouMean, exitCodes, PolycrateError } from "../errors.ts";
import type { Commands } from "./command.ts";
import { areFlags } from "./parseArgs.ts";

/** A command's name, which may be two words, and the rest of the command line. */
export type NamedCommand = { readonly name: string; readonly rest: readonly string[] };

const lookAndRun = ["list", "inspect", "run"];

/** The spellings of the Go program: a noun, and the commands that may follow it. */
const commandAliases: Readonly<Record<string, readonly string[]>> = {
  block: lookAndRun,
  blocks: lookAndRun,
  action: lookAndRun,
  actions: lookAndRun,
  workflow: lookAndRun,
  workflows: lookAndRun,
  workspace: ["snapshot", "inspect", "init"],
};

/**
 * Returns the command of a line; flags before it are moved to the beginning of `rest`. Throws (64) as
 * `readCommandName` does, and when there is no command.
 */
export async function readCommandLine(commands: Commands, words: readonly string[]): Promise<NamedCommand> {
  if (words[0]?.startsWith("-") !== true) return readCommandName(commands, words);
  const dashes = words.indexOf("--");
  const own = dashes < 0 ? words : words.slice(0, dashes);
  // A word may also be the value of a flag: `-w list list`.
  const starts = [...own.keys()].filter((index) => isFirstWord(commands, own[index] ?? ""));
  for (const index of starts) {
    const found = tryCommandName(() => readCommandName(commands, words.slice(index)));
    const before = words.slice(0, index);
    if (found !== undefined && areFlags(await commandArgs(commands, found.name), before)) {
      return { name: found.name, rest: [...before, ...found.rest] };
    }
  }
  const [first] = starts;
  if (first === undefined) {
    throw new PolycrateError(`missing command after \`${words.join(" ")}\``, {
      hint: "`polycrate help` lists the commands",
      exitCode: exitCodes.wrongCommandLine,
    });
  }
  const { name, rest } = readCommandName(commands, words.slice(first));
  return { name, rest: [...words.slice(0, first), ...rest] };
}

function isFirstWord(commands: Commands, word: string): boolean {
  return Object.hasOwn(commands, word) || word === "install" || wordsAfterNoun(commands, word).length > 0;
}

function tryCommandName(read: () => NamedCommand): NamedCommand | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof PolycrateError) return undefined;
    throw error;
  }
}

/** Returns the arguments and flags of a command. */
export async function commandArgs(commands: Commands, name: string): Promise<ArgsDef> {
  const definition = (await commands[name]?.load())?.default.args;
  return typeof definition === "function" ? definition() : (definition ?? {});
}

/** Returns the command that the words name; older spellings are translated. Throws (64) with a suggestion for unknown ones. */
export function readCommandName(commands: Commands, words: readonly string[]): NamedCommand {
  const [first = "", second = "", ...rest] = words;
  if (Object.hasOwn(commands, `${first} ${second}`)) return { name: `${first} ${second}`, rest };
  if (first === "history" && second === "list") return { name: first, rest };
  if (first === "workflows") return readCommandName(commands, ["workflow", second, ...rest]);
  if (first === "install") return installCommand(words.slice(1));
  if (Object.hasOwn(commands, first)) return { name: first, rest: words.slice(1) };
  const verbs = wordsAfterNoun(commands, first);
  if (verbs.includes(second)) return { name: second, rest };
  if (verbs.length > 0) throw wrongSecondWord(first, second, verbs);
  throw new PolycrateError(`unknown command \`${first}\``, {
    hint: didYouMean(first, Object.keys(commands)) ?? "`polycrate help` lists the commands",
    exitCode: exitCodes.wrongCommandLine,
  });
}

/** Returns the second words that may follow a first one, as in `block new`; none for other words. */
export function wordsAfterNoun(commands: Commands, noun: string): readonly string[] {
  const ours = Object.keys(commands).filter((name) => name.startsWith(`${noun} `));
  const theirs = Object.hasOwn(commandAliases, noun) ? (commandAliases[noun] ?? []) : [];
  return [...ours.map((name) => name.slice(noun.length + 1)), ...theirs];
}

/** `install BLOCK` is `run BLOCK install`, and without a block a command of its own; flags may be anywhere before `--`. */
function installCommand(words: readonly string[]): NamedCommand {
  const dashes = words.indexOf("--");
  const own = dashes < 0 ? words : words.slice(0, dashes);
  const isOfFlag = (index: number) => ["-w", "--workspace"].includes(own[index - 1] ?? "");
  const hasBlock = own.some((word, index) => !word.startsWith("-") && !isOfFlag(index));
  if (!hasBlock) return { name: "install", rest: words };
  // Right after the block, where the flags of inputs may follow with values of their own.
  const at = own[0]?.startsWith("-") === true ? own.length : 1;
  return { name: "run", rest: [...own.slice(0, at), "install", ...words.slice(at)] };
}

function wrongSecondWord(noun: string, word: string, verbs: readonly string[]): PolycrateError {
  const known = verbs.map((verb) => `\`polycrate ${noun} ${verb}\``).join(", ");
  if (word === "" || word.startsWith("-")) {
    return new PolycrateError(`missing subcommand for \`polycrate ${noun}\``, {
      hint: `use one of ${known}`,
      exitCode: exitCodes.wrongCommandLine,
    });
  }
  return new PolycrateError(`unknown command \`${noun} ${word}\``, {
    hint: didYouMean(word, verbs) ?? `use one of ${known}`,
    exitCode: exitCodes.wrongCommandLine,
  });
}
