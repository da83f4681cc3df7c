import { homedir } from "node:os";
import type { ArgDef, ArgsDef } from "citty";
import { contextNames, endpointOf } from "../../engine/endpoint.ts";
import { PolycrateError } from "../../errors.ts";
import type { InputDeclaration } from "../../workspace/inputs/declarations.ts";
import { commandArgs, readCommandLine, readCommandName, wordsAfterNoun } from "../aliases.ts";
import type { Commands } from "../command.ts";
import { isValueOptional } from "../flags.ts";
import { commandGroups } from "../help.ts";
import { inputFlags } from "../inputFlags.ts";
import { flagAliases, isRepeated } from "../parseArgs.ts";
import { type CompletionItem, inputsNamedBy, namesFor, oneLine } from "./workspaceItems.ts";

/** The completion at the cursor: items, or files or folders, which shells complete themselves. */
export type Completion = readonly CompletionItem[] | "files" | "folders";

/** Returns the completion of `current` after `words`; does not throw a PolycrateError, as a shell cannot show one. */
export async function completionItems(
  commands: Commands,
  words: readonly string[],
  current: string,
): Promise<Completion> {
  try {
    return await itemsAt(commands, words, current);
  } catch (error) {
    if (error instanceof PolycrateError) return [];
    throw error;
  }
}

async function itemsAt(commands: Commands, words: readonly string[], current: string): Promise<Completion> {
  const [first, ...others] = words;
  if (first === undefined) {
    return current.startsWith("-")
      ? [helpFlag, { value: "--version", description: "Print the version" }]
      : firstWordItems(commands);
  }
  if (first.startsWith("-")) return afterFlags(commands, words, current);
  if (first === "help" && !current.startsWith("-")) {
    return others.length === 0
      ? [...firstWordItems(commands), ...(await topicItems(commands))]
      : nounItems(commands, others);
  }
  const nouns = nounItems(commands, words);
  if (nouns.length > 0 && !current.startsWith("-")) return nouns;
  const { name, rest } = readCommandName(commands, words);
  const flags = await commandArgs(commands, name);
  const inputs = commands[name]?.takesInputs === true ? inputsAt(flags, rest, current) : [];
  if (inputs.length === 0) return commandItems(name, flags, rest, current);
  if (parseTyped(flags, rest).waiting?.[0] === "input") return inputItems(inputs, "");
  if (current.startsWith("--input=")) return inputItems(inputs, "--input=");
  return commandItems(name, { ...inputFlags(inputs), ...flags }, rest, current);
}

/** The inputs of the action that the words name, where one of them may be next. */
function inputsAt(flags: ArgsDef, rest: readonly string[], current: string): readonly InputDeclaration[] {
  const { positionals, values } = parseTyped(flags, rest);
  const mayBeValue = rest.at(-1)?.startsWith("-") === true;
  if (positionals.length < 2 || rest.includes("--") || !(mayBeValue || current.startsWith("-"))) return [];
  return inputsNamedBy(values).filter(({ secret }) => !secret);
}

/** `NAME=`, or `NAME=VALUE` for each value where they are known. */
function inputItems(inputs: readonly InputDeclaration[], prefix: string): readonly CompletionItem[] {
  return inputs.flatMap(({ name, type, choices, description }) => {
    const values = type === "boolean" ? ["true", "false"] : choices.length > 0 ? choices : [""];
    return values.map((value) => ({ value: `${prefix}${name}=${value}`, description: oneLine(description) }));
  });
}

/** Flags before the command, which is not known yet: `run` has most of them. */
async function afterFlags(
  commands: Commands,
  words: readonly string[],
  current: string,
): Promise<Completion> {
  const flags = await commandArgs(commands, "run");
  const isWaiting = parseTyped(flags, words).waiting !== undefined;
  if (isWaiting) return commandItems("run", flags, words, current);
  const line = await readCommandLine(commands, words).catch(() => undefined);
  if (line !== undefined)
    return commandItems(line.name, await commandArgs(commands, line.name), line.rest, current);
  return current.startsWith("-") ? commandItems("run", flags, words, current) : firstWordItems(commands);
}

const helpFlag: CompletionItem = { value: "--help", description: "Show the usage" };

function firstWordItems(commands: Commands): readonly CompletionItem[] {
  const shown = commandGroups.flatMap(({ names }) => names).filter((name) => commands[name] !== undefined);
  const items = shown.map((name) => ({
    value: name.split(" ")[0] ?? name,
    description: commands[name]?.summary ?? "",
  }));
  return items.filter(({ value }, index) => items.findIndex((one) => one.value === value) === index);
}

/** Topics that are not the first word of a command. */
async function topicItems(commands: Commands): Promise<readonly CompletionItem[]> {
  const { allTopics } = await import("../topics/topics.ts");
  return allTopics()
    .filter(({ name }) => !isFirstWordOf(commands, name))
    .map(({ name, summary }) => ({ value: name, description: summary.replaceAll("`", "") }));
}

/** True for a command, and for a word before others, as in `secrets edit`. */
function isFirstWordOf(commands: Commands, word: string): boolean {
  return Object.hasOwn(commands, word) || Object.keys(commands).some((name) => name.startsWith(`${word} `));
}

function nounItems(commands: Commands, words: readonly string[]): readonly CompletionItem[] {
  const [noun = ""] = words;
  if (words.length !== 1) return [];
  return wordsAfterNoun(commands, noun).map((verb) => {
    const command = commands[`${noun} ${verb}`] ?? commands[verb];
    return { value: verb, description: command?.summary ?? "" };
  });
}

/** Returns the items for the arguments of a command. */
function commandItems(
  name: string,
  definition: ArgsDef,
  rest: readonly string[],
  current: string,
): Completion | Promise<Completion> {
  if (rest.includes("--")) return "files";
  const given = parseTyped(definition, rest);
  const valuesOf = (flag: string, one: ArgDef) => valuesFor(name, flag, one, given);
  if (given.waiting !== undefined) return valuesOf(...given.waiting);
  const equals = current.indexOf("=");
  if (current.startsWith("--") && equals > 0) {
    const flag = current.slice(2, equals);
    const one = definition[flag];
    if (one === undefined) return [];
    return prefixed(valuesOf(flag, one), current.slice(0, equals + 1));
  }
  if (current.startsWith("-")) return [...Object.entries(definition).flatMap(flagItems), helpFlag];
  const positionals = Object.entries(definition).filter(([, one]) => one.type === "positional");
  const last = positionals.at(-1);
  const repeated = last !== undefined && isRepeated(last[1]) ? last : undefined;
  const next = positionals[given.positionals.length] ?? repeated;
  return next === undefined ? [] : valuesOf(...next);
}

async function prefixed(values: Completion | Promise<Completion>, prefix: string): Promise<Completion> {
  const completion = await values;
  if (typeof completion === "string") return completion;
  return completion.map(({ value, description }) => ({ value: prefix + value, description }));
}

/** The arguments before the cursor; a flag is `waiting` when its value comes next. */
type ParsedArgs = {
  readonly positionals: readonly string[];
  readonly values: ReadonlyMap<string, string>;
  readonly waiting: readonly [string, ArgDef] | undefined;
};

function parseTyped(definition: ArgsDef, rest: readonly string[]): ParsedArgs {
  const positionals: string[] = [];
  const values = new Map<string, string>();
  let waiting: readonly [string, ArgDef] | undefined;
  for (const word of rest) {
    if (waiting !== undefined) {
      values.set(waiting[0], word);
      waiting = undefined;
    } else if (word.startsWith("--") && word.includes("=")) {
      values.set(word.slice(2, word.indexOf("=")), word.slice(word.indexOf("=") + 1));
    } else if (word.startsWith("-")) {
      waiting = Object.entries(definition).find(
        ([name, one]) => takesValue(one) && isSpelled(word, name, one),
      );
    } else positionals.push(word);
  }
  const names = Object.entries(definition).filter(([, one]) => one.type === "positional");
  for (const [index, [name]] of names.entries()) {
    const value = positionals[index];
    if (value !== undefined) values.set(name, value);
  }
  return { positionals, values, waiting };
}

function takesValue(definition: ArgDef): boolean {
  const { type } = definition;
  return type !== "positional" && type !== "boolean" && !isValueOptional(definition);
}

function isSpelled(word: string, name: string, definition: ArgDef): boolean {
  return word === `--${name}` || flagAliases(definition).some((alias) => word === `-${alias}`);
}

function flagItems([name, definition]: readonly [string, ArgDef]): readonly CompletionItem[] {
  if (definition.type === "positional") return [];
  const flag = { value: `--${name}`, description: oneLine(definition.description) };
  if (isValueOptional(definition))
    return [flag, { value: `--no-${name}`, description: "Run in a new container." }];
  if (definition.type !== "boolean" || !definition.negativeDescription) return [flag];
  return [flag, { value: `--no-${name}`, description: oneLine(definition.negativeDescription) }];
}

/** The contexts of docker, by what it keeps of them: an engine is not asked. */
function contextItems(): readonly CompletionItem[] {
  const settings = { environment: process.env, home: homedir() };
  return contextNames(settings).map((value) => ({ value, description: endpointOf(settings, value).address }));
}

/** The names of arguments mean the same in every command. */
function valuesFor(
  command: string,
  name: string,
  definition: ArgDef,
  { values }: ParsedArgs,
): Completion | Promise<Completion> {
  if (definition.type === "enum") {
    return (definition.options ?? []).map((value) => ({ value: String(value), description: "" }));
  }
  if (name === "workspace") return "folders";
  if (name === "context") return contextItems();
  if (command === "init" && name === "name") return "folders";
  if (name === "dockerfile" || name === "mount") return "files";
  if (command === "report" && name === "output") return "files";
  if (command === "secrets recipients" && name === "change") {
    return ["list", "add", "remove", "rotate"].map((value) => ({ value, description: "" }));
  }
  if (command.startsWith("secrets ") && name === "file") return "files";
  if (command === "completion") {
    return ["bash", "zsh", "fish"].map((value) => ({ value, description: `The script for ${value}` }));
  }
  if (command === "schema") {
    return [
      ...["workspace", "block", "secrets"].map((value) => ({
        value,
        description: `The schema of ${value}.poly`,
      })),
      { value: "events", description: "The schema of `run --output=events`" },
    ];
  }
  if ((command === "block new" && name === "name") || command === "prune") return [];
  return namesFor(command, name, values);
}
