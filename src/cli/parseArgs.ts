import { parseArgs } from "node:util";
import type { ArgDef, ArgsDef } from "citty";
import { didYouMean, exitCodes, PolycrateError } from "../errors.ts";
import { quote } from "../host/arg.ts";
import type { Outputs } from "../host/output.ts";
import type { Cancellation, CancellationSources } from "../run/cancellation.ts";
import type { Commands } from "./command.ts";
import { manual } from "./examples.ts";
import { flagSpellings, isValueOptional } from "./flags.ts";
import { olderFlags, olderValues } from "./olderFlags.ts";

/** What a command receives in addition to citty's `args`, as `context.data`. */
export type CommandData = {
  /** The arguments after `--`. */
  readonly rest: readonly string[];
  /** The arguments that are not flags. */
  readonly positionals: readonly string[];
  /** Returns all values of a flag that may be repeated. */
  readonly all: (flag: string) => readonly string[];
  /** Checks the line again, with the flags of an action's inputs; throws (64) for those that are unknown then. */
  readonly withInputs: (inputs: ArgsDef) => CheckedLine;
} & Program;

/** What all commands share. */
export type Program = {
  readonly outputs: Outputs;
  readonly cancellation: Cancellation;
  /** Calls the listener with each signal that would end the program, until what it returns is called. */
  readonly onSignal: CancellationSources["onSignal"];
  readonly commands: Commands;
};

/** A command line that was checked against a command: words in citty's syntax, and the data. */
export type CheckedLine = {
  readonly words: readonly string[];
  readonly data: Omit<CommandData, keyof Program>;
};

/**
 * Checks a command's words against its flags. citty alone would accept unknown flags, keep only the last value of a
 * repeated flag, and take words after `--` for positional ones. Throws (64) with a suggestion. `inputs` are the flags of an
 * action's inputs; while they are `"not known yet"`, flags after the names of a block and an action may be theirs,
 * and `--NAME=VALUE` anywhere.
 */
export function checkCommandLine(
  command: string,
  definition: ArgsDef,
  words: readonly string[],
  inputs: ArgsDef | "not known yet" = {},
): CheckedLine {
  const dashes = words.indexOf("--");
  const own = dashes < 0 ? words : words.slice(0, dashes);
  const inputFlags = inputs === "not known yet" ? [] : commandFlags(inputs);
  const flags = [...commandFlags(definition), ...inputFlags];
  const checked: string[] = [];
  const values = new Map<string, string[]>();
  const tokens = tokensOf(flags, own);
  const positionals = tokens.flatMap((token) => (token.kind === "positional" ? [token.value] : []));
  const namesAction = inputs === "not known yet" && positionals.length >= namesOfAction;
  let isPartial = false;
  let names = 0;
  for (const token of tokens) {
    if (token.kind === "positional") names += 1;
    if (token.kind !== "option") continue;
    const known = flagNamed(flags, token.rawName);
    // Before the names, a value on its own could be one of them.
    if (known === undefined && namesAction && (names >= namesOfAction || token.inlineValue === true)) {
      isPartial = true;
      continue;
    }
    const flag = known ?? failUnknown(command, flags, token.rawName);
    if (inputFlags.includes(flag)) assertNotFlag(token);
    const value = optionValue(token);
    checked.push(normalizedFlag(command, flag, { ...token, value }));
    if (value !== undefined) values.set(flag.name, [...(values.get(flag.name) ?? []), value]);
  }
  // The value of a flag that is not known yet looks like an argument.
  const given = isPartial ? positionals.slice(0, namesOfAction) : positionals;
  checkPositionals(command, definition, given);
  return {
    words: [...checked, ...given],
    data: {
      positionals: given,
      rest: dashes < 0 ? [] : words.slice(dashes + 1),
      all: (name) => values.get(name) ?? [],
      withInputs: (known) => checkCommandLine(command, definition, words, known),
    },
  };
}

/** BLOCK and ACTION. */
const namesOfAction = 2;

/** True when the words are only flags of the command, with their values. */
export function areFlags(definition: ArgsDef, words: readonly string[]): boolean {
  const flags = commandFlags(definition);
  return tokensOf(flags, words).every(
    (token) =>
      token.kind === "option" &&
      flags.some((flag) => isNamed(flag, token.rawName)) &&
      (token.value !== undefined || parserOptions(flags)[token.name]?.type === "boolean"),
  );
}

function tokensOf(flags: readonly Flag[], words: readonly string[]) {
  const isSpelled = flags.some(({ definition }) => isValueOptional(definition));
  return parseArgs({
    args: words.map((word) => (isSpelled ? (flagSpellings[word] ?? word) : word)),
    options: parserOptions(flags),
    strict: false,
    allowPositionals: true,
    tokens: true,
  }).tokens;
}

type Flag = { readonly name: string; readonly alias: readonly string[]; readonly definition: ArgDef };

function commandFlags(definition: ArgsDef): readonly Flag[] {
  return Object.entries(definition)
    .filter(([, one]) => one.type !== "positional")
    .map(([name, one]) => ({ name, definition: one, alias: flagAliases(one) }));
}

/** Returns the other names of a flag, without dashes. */
export function flagAliases(definition: ArgDef): readonly string[] {
  if (definition.type === "positional" || !("alias" in definition)) return [];
  return [definition.alias ?? []].flat();
}

/** True for an argument that may be given several times: the hint of its value is `…`. */
export function isRepeated(definition: ArgDef): boolean {
  return definition.type === "positional" && definition.valueHint === "…";
}

type Option = { type: "boolean" | "string"; short?: string; multiple: true };

function parserOptions(flags: readonly Flag[]): Record<string, Option> {
  const negative = flags.flatMap(({ name, definition }): (readonly [string, Option])[] =>
    definition.type === "boolean" ? [[`no-${name}`, { type: "boolean", multiple: true }]] : [],
  );
  const own = flags.map(({ name, alias, definition }): readonly [string, Option] => {
    const type = definition.type === "boolean" ? "boolean" : "string";
    const [short] = alias.filter((one) => one.length === 1);
    return [name, { type, multiple: true, ...(short === undefined ? {} : { short }) }];
  });
  return Object.fromEntries([...negative, ...own]);
}

/** A flag of polycrate is never the value of an input, so that it means the same before the inputs are known. */
function assertNotFlag({ rawName, value, inlineValue }: OptionToken): void {
  if (inlineValue === true || value?.startsWith("-") !== true) return;
  throw new PolycrateError(`flag \`${rawName}\` requires a value`, {
    hint: `a value that starts with \`-\` follows a \`=\`: \`${rawName}=${value}\``,
    exitCode: exitCodes.wrongCommandLine,
  });
}

/** A flag of that name comes before the negative form of another. */
function flagNamed(flags: readonly Flag[], rawName: string): Flag | undefined {
  return flags.find(({ name }) => rawName === `--${name}`) ?? flags.find((flag) => isNamed(flag, rawName));
}

function failUnknown(command: string, flags: readonly Flag[], rawName: string): never {
  const near = didYouMean(
    rawName,
    flags.map(({ name }) => `--${name}`),
  );
  const { trailingArgs = "" } = manual[command] ?? {};
  throw new PolycrateError(`unknown flag \`${rawName}\` for \`polycrate ${command}\``, {
    hint:
      olderFlags[rawName] ??
      near ??
      (trailingArgs.startsWith("--")
        ? `pass the command and its flags after \`--\`: \`polycrate ${command} ${trailingArgs}\``
        : `\`polycrate ${command} --help\` lists its flags`),
    exitCode: exitCodes.wrongCommandLine,
  });
}

function isNamed({ name, alias, definition }: Flag, rawName: string): boolean {
  const bare = rawName.replace(/^--?/, "");
  return (
    (rawName.startsWith("--") ? name === bare : alias.includes(bare)) ||
    (definition.type === "boolean" && rawName === `--no-${name}`)
  );
}

type OptionToken = {
  readonly rawName: string;
  readonly value: string | undefined;
  readonly inlineValue: boolean | undefined;
};

/** `-e=A` means `-e A`, as in docker; node's parser leaves the `=` in the value. */
function optionValue({ rawName, value, inlineValue }: OptionToken): string | undefined {
  const isShort = inlineValue === true && !rawName.startsWith("--");
  return isShort ? value?.replace(/^=/, "") : value;
}

function normalizedFlag(
  command: string,
  { name, definition }: Flag,
  { rawName, value, inlineValue }: OptionToken,
): string {
  const wrongFlag = (message: string, hint: string) =>
    new PolycrateError(`\`polycrate ${command}\`: ${message}`, {
      hint,
      exitCode: exitCodes.wrongCommandLine,
    });
  if (definition.type === "boolean") {
    const isNegative = rawName.startsWith("--no-") && rawName !== `--${name}`;
    if (!isNegative && (value === "true" || value === "false"))
      return value === "true" ? `--${name}` : `--no-${name}`;
    if (inlineValue === true)
      throw wrongFlag(`flag \`${rawName}\` does not take a value`, `use \`--${name}\` or \`--no-${name}\``);
    return isNegative ? `--no-${name}` : `--${name}`;
  }
  if (value === undefined) throw wrongFlag(`flag \`${rawName}\` requires a value`, `use \`--${name}=VALUE\``);
  const choices = definition.type === "enum" ? (definition.options ?? []) : [];
  const meant = choices.length === 0 ? value : (olderValues[name]?.[value ?? ""] ?? value);
  if (choices.length > 0 && meant !== undefined && !choices.includes(meant)) {
    throw wrongFlag(`invalid value \`${value}\` for \`${rawName}\``, `use one of ${choices.join(", ")}`);
  }
  return `--${name}=${meant}`;
}

function checkPositionals(command: string, definition: ArgsDef, given: readonly string[]): void {
  const expected = Object.entries(definition).filter(([, one]) => one.type === "positional");
  const missing = expected
    .slice(given.length)
    .find(([, one]) => one.required !== false && one.default === undefined);
  const usage = `\`polycrate ${command} --help\` shows its usage`;
  if (missing !== undefined) {
    throw new PolycrateError(`missing argument ${missing[0].toUpperCase()} for \`polycrate ${command}\``, {
      hint: usage,
      exitCode: exitCodes.wrongCommandLine,
    });
  }
  const [stray] = expected.some(([, one]) => isRepeated(one)) ? [] : given.slice(expected.length);
  if (stray !== undefined) {
    const trailingArgs = manual[command]?.trailingArgs;
    throw new PolycrateError(`unexpected argument \`${stray}\` for \`polycrate ${command}\``, {
      hint:
        trailingArgs === undefined
          ? usage
          : trailingArgs.startsWith("--")
            ? `did you mean \`polycrate ${command} -- ${given.map(quote).join(" ")}\`?`
            : `pass arguments to the action after \`--\`; ${usage}`,
      exitCode: exitCodes.wrongCommandLine,
    });
  }
}
