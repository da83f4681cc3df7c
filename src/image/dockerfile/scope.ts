import type { DockerfileInstruction } from "./lines.ts";
import { quotedWords } from "./lines.ts";
import { type Expanded, expandWord, type VariableValue } from "./variables.ts";

/** The variables of a stage at the instruction that is read. */
export type Scope = {
  readonly escapeToken: string;
  /** The base image of the stage, directly or through other stages; none for `scratch`. */
  readonly image: string | undefined;
  readonly globals: Variables;
  readonly environment: Variables;
  readonly arguments: Variables;
  /** Names of `ARG`s of the stages below: newer builders pass them on, older ones do not. */
  readonly inherited: ReadonlySet<string>;
};

type Variables = Map<string, VariableValue>;

/** The scope before the first `FROM`: its `ARG`s are seen by `FROM`, and by a stage that declares them again. */
export function globalScope(escapeToken: string): Scope {
  const globals: Variables = new Map();
  return {
    escapeToken,
    image: undefined,
    globals,
    environment: new Map(),
    arguments: globals,
    inherited: new Set(),
  };
}

/** The scope of a new stage on `image`, or on the stage `below`. */
export function stageScope(global: Scope, image: string, below: Scope | undefined): Scope {
  return {
    ...global,
    image: below !== undefined ? below.image : image === "scratch" ? undefined : image,
    environment: new Map(below?.environment),
    arguments: new Map(),
    inherited: new Set([...(below?.inherited ?? []), ...(below?.arguments.keys() ?? [])]),
  };
}

/** Expands a word of an instruction in the scope. */
export function expandIn(scope: Scope, word: string): Expanded {
  return expandWord(word, scope.escapeToken, (name) => valueIn(scope, name));
}

/** Sets the variables of an `ARG` or `ENV`. Returns the reasons why names of variables cannot be resolved. */
export function assign(scope: Scope, { keyword, rest }: DockerfileInstruction): readonly string[] {
  const unresolved: string[] = [];
  // All values are expanded as they are before the instruction.
  const assignments = pairsOf(keyword, rest, scope.escapeToken).map(([name, written]) => ({
    name: expandIn(scope, name),
    value: written === undefined ? undefined : expandIn(scope, written),
  }));
  for (const { name, value } of assignments) {
    if (name.kind === "unknown") unresolved.push(name.reason);
    else if (keyword === "ARG") declareArgument(scope, name.text, value);
    else if (value !== undefined) scope.environment.set(name.text, value);
  }
  return unresolved;
}

type Pair = readonly [name: string, value: string | undefined];

function pairsOf(keyword: string, rest: string, escapeToken: string): readonly Pair[] {
  const words = quotedWords(rest, escapeToken);
  if (keyword === "ENV" && !words[0]?.includes("=")) {
    const [, name, value] = /^([^\t\v\f\r ]+)[\t\v\f\r ]+(.*)$/s.exec(rest) ?? [];
    return name === undefined ? [] : [[name, value]];
  }
  return words.map((word): Pair => {
    const [, name = word, value] = /^([^=]*)=(.*)$/s.exec(word) ?? [];
    return [name, value];
  });
}

function declareArgument(scope: Scope, name: string, value: Expanded | undefined): void {
  const before = scope.arguments.get(name);
  const again = before !== undefined && value === undefined && before.kind === "set";
  const declared: VariableValue = again
    ? { kind: "unknown", reason: `\`$${name}\` is declared twice` }
    : (value ?? scope.globals.get(name) ?? { kind: "unset", assumed: [] });
  scope.arguments.set(name, declared);
}

function valueIn(scope: Scope, name: string): VariableValue {
  const set = scope.environment.get(name);
  if (set !== undefined) return set;
  if (builderSets(name)) return { kind: "unknown", reason: `the builder sets \`$${name}\`` };
  const argument = scope.arguments.get(name);
  if (argument !== undefined && (argument.kind === "unknown" || scope.image === undefined)) return argument;
  if (argument !== undefined) return { ...argument, assumed: [...argument.assumed, name] };
  if (scope.image !== undefined)
    return { kind: "unknown", reason: `\`${scope.image}\` may set \`$${name}\`` };
  if (scope.inherited.has(name))
    return { kind: "unknown", reason: `\`$${name}\` is an \`ARG\` of another stage` };
  return { kind: "unset", assumed: [] };
}

/** Platform arguments of BuildKit, the proxy arguments that docker takes from its configuration, and the default PATH. */
function builderSets(name: string): boolean {
  return (
    /^(?:TARGET|BUILD)(?:PLATFORM|OS|OSVERSION|ARCH|VARIANT|STAGE)$/.test(name) ||
    /^(?:https?|ftp|no|all)_proxy$/i.test(name) ||
    /^(?:PATH|SOURCE_DATE_EPOCH)$/.test(name)
  );
}
