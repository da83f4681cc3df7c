import { didYouMean, exitCodes, PolycrateError } from "../errors.ts";
import type { ActionTarget } from "../plan/target.ts";
import { assertFits } from "../workspace/environment.ts";
import { type InputDeclaration, inputsOf } from "../workspace/inputs/declarations.ts";
import { inputProblems } from "../workspace/inputs/problems.ts";
import { type Input, parseInput, plainInput, secretInput } from "../workspace/inputs/values.ts";
import { assertNoErrors } from "../workspace/poly/problems.ts";
import { askInputs, canAsk, type MissingInput } from "./askInputs.ts";
import { inputArgument, inputFlags, valueHints } from "./inputFlags.ts";
import type { CommandData } from "./parseArgs.ts";

/** Returns the inputs that the action declares. Throws (65) when the declarations have errors. */
export function declaredInputs({ block, action }: ActionTarget): readonly InputDeclaration[] {
  const declarations = inputsOf(action.value);
  if (action.value.has("inputs")) assertNoErrors(inputProblems(block.resolved.lineage, action.value, []));
  return declarations;
}

/** A text for an input by its name. */
export type GivenInputs = ReadonlyMap<string, string>;

/**
 * Returns what the command line gives to the inputs of an action. Throws (64) for an unknown flag or input, for one that is given
 * by both of its flags, and for a secret.
 */
export function readInputFlags(
  declarations: readonly InputDeclaration[],
  { all, withInputs }: Pick<CommandData, "all" | "withInputs">,
): GivenInputs {
  const flags = inputFlags(declarations);
  const { words } = withInputs(flags);
  const given = new Map<string, string>();
  for (const name of Object.keys(flags)) {
    const value = lastValue(words, name);
    if (value !== undefined) given.set(name, value);
  }
  for (const assignment of all("input")) {
    const { name, value } = splitInput(assignment, declarations);
    if (Object.hasOwn(flags, name) && lastValue(words, name) !== undefined) {
      throw refusedInput(`\`--input ${name}=…\` and \`--${name}\` set the same input`, "use one of them");
    }
    given.set(name, value);
  }
  const exposed = declarations.find(({ name, secret }) => secret && given.has(name));
  if (exposed !== undefined) throw exposedSecret(exposed);
  return given;
}

function lastValue(words: readonly string[], name: string): string | undefined {
  const word = words.findLast(
    (one) => one === `--${name}` || one === `--no-${name}` || one.startsWith(`--${name}=`),
  );
  if (word === undefined) return undefined;
  return word.startsWith(`--${name}=`) ? word.slice(name.length + 3) : String(word === `--${name}`);
}

function splitInput(assignment: string, declarations: readonly InputDeclaration[]) {
  const at = assignment.indexOf("=");
  const name = at < 0 ? assignment : assignment.slice(0, at);
  const names = declarations.map((declaration) => declaration.name);
  if (!names.includes(name)) {
    const all = names.length === 0 ? "it declares none" : `its inputs: ${names.join(", ")}`;
    throw refusedInput(`the action has no input \`${name}\``, didYouMean(name, names) ?? all);
  }
  if (at < 0) throw refusedInput(`\`--input ${name}\` has no value`, `use \`--input ${name}=VALUE\``);
  return { name, value: assignment.slice(at + 1) };
}

function exposedSecret({ name, variable }: InputDeclaration): PolycrateError {
  return refusedInput(
    `the secret input \`${name}\` cannot be passed on the command line, where other users can read it`,
    `set \`${variable}\` in the environment, or omit it to be asked on a terminal`,
  );
}

/** What the inputs of one action are made of; `title` names the action in messages. */
export type InputRequest = {
  readonly title: string;
  readonly declarations: readonly InputDeclaration[];
  readonly given: readonly Input[];
};

/** How missing values are found: in the environment, or by asking. */
export type InputSources = { readonly environment: NodeJS.ProcessEnv; readonly dryRun: boolean };

/**
 * Returns the inputs of each action: those given, else a secret one's variable in the environment, else the default; missing ones
 * that are required are asked for on a terminal, and are an error (64) elsewhere that names all of them. Several actions with
 * the same secret variable share its value. In a dry run nothing is asked: the printed script takes secrets from the environment.
 */
export async function completeInputs(
  requests: readonly InputRequest[],
  { environment, dryRun }: InputSources,
): Promise<readonly (readonly Input[])[]> {
  const found = requests.map(({ declarations, given }) =>
    declarations.map((declaration) => ({
      declaration,
      input:
        given.find(({ name }) => name === declaration.name) ??
        valueWithoutAsking(declaration, environment, dryRun),
    })),
  );
  const missing = found.flatMap((inputs, index) =>
    inputs.flatMap(({ declaration, input }): readonly MissingInput[] =>
      input === undefined && declaration.required
        ? [{ title: requests[index]?.title ?? "", declaration }]
        : [],
    ),
  );
  if (missing.length > 0 && (dryRun || !canAsk())) throw missingInputs(missing);
  const answers = await askInputs(missing);
  const all = found.map((inputs, index) =>
    inputs.flatMap(
      ({ declaration, input }) => input ?? answers(requests[index]?.title ?? "", declaration) ?? [],
    ),
  );
  for (const { variable } of all.flat()) assertFits(variable, failOnInput);
  return all;
}

function failOnInput(message: string, hint: string): never {
  throw refusedInput(message, hint);
}

function valueWithoutAsking(
  declaration: InputDeclaration,
  environment: NodeJS.ProcessEnv,
  dryRun: boolean,
): Input | undefined {
  if (declaration.secret) {
    const value = environment[declaration.variable] ?? "";
    if (value !== "") return secretInput(declaration, secretText(declaration, value));
    return dryRun && declaration.required ? secretInput(declaration, "") : undefined;
  }
  const value = declaration.default === undefined ? undefined : parseInput(declaration, declaration.default);
  return value === undefined || "expected" in value ? undefined : plainInput(declaration, value);
}

/** An empty variable is what CI has for a secret that is not set. */
function secretText(declaration: InputDeclaration, value: string): string {
  const read = parseInput(declaration, value);
  if (!("expected" in read)) return read.text;
  const { name, variable } = declaration;
  throw refusedInput(
    `\`${variable}\` is not a valid value for the input \`${name}\``,
    `use ${read.expected}`,
  );
}

function missingInputs(missing: readonly MissingInput[]): PolycrateError {
  const titles = [...new Set(missing.map(({ title }) => title))];
  const named = titles.map((title) => {
    const names = missing.filter((one) => one.title === title).map((one) => `\`${one.declaration.name}\``);
    return `\`${title}\` requires ${names.length === 1 ? "the input" : "the inputs"} ${names.join(", ")}`;
  });
  const flags = missing.flatMap(({ declaration: { name, type, choices, secret } }) =>
    secret ? [] : [`\`${inputArgument(name, choices.length > 0 ? choices.join("|") : valueHints[type])}\``],
  );
  const secrets = missing.flatMap(({ declaration: { variable, secret } }) =>
    secret ? [`\`${variable}\``] : [],
  );
  const hints = [
    ...(flags.length === 0 ? [] : [`pass ${flags.join(" ")}`]),
    ...(secrets.length === 0 ? [] : [`set ${[...new Set(secrets)].join(", ")} in the environment`]),
  ];
  return refusedInput(named.join("; "), hints.join("; "));
}

/** Returns the inputs of texts for an action. Throws (64) for a value of the refusedInput type; `argument` shows how it was passed. */
export function parseGiven(declarations: readonly InputDeclaration[], given: GivenInputs): readonly Input[] {
  return declarations.flatMap((declaration): readonly Input[] => {
    const text = given.get(declaration.name);
    if (text === undefined) return [];
    const read = parseInput(declaration, text);
    if (!("expected" in read)) return [plainInput(declaration, read)];
    throw refusedInput(
      `invalid value \`${text}\` for the input \`${declaration.name}\``,
      `use ${read.expected}, as in \`${inputArgument(declaration.name, exampleOf(declaration))}\``,
    );
  });
}

function exampleOf({ type, choices }: InputDeclaration): string {
  return choices[0] ?? { string: "text", integer: "3", number: "1.5", boolean: "true" }[type];
}

function refusedInput(message: string, hint: string): PolycrateError {
  return new PolycrateError(message, { hint, exitCode: exitCodes.wrongCommandLine });
}
