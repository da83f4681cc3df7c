import { posix } from "node:path";
import {
  type DockerfileInstruction,
  type DockerfileLines,
  dockerfileLines,
  instructionWords,
  triggerOf,
} from "./lines.ts";
import { assign, expandIn, globalScope, type Scope, stageScope } from "./scope.ts";

/**
 * What a Dockerfile copies from its build context, as far as its text determines it. Each of `unresolved` means that it may
 * copy more than `sources`; `assumptions` are valid unless the base image sets an `ENV` of that name.
 */
export type Dockerfile = {
  readonly instructions: readonly DockerfileInstruction[];
  readonly from: readonly DockerfileBase[];
  readonly sources: readonly ContextSource[];
  readonly unresolved: readonly Unresolved[];
  readonly assumptions: readonly ArgAssumption[];
};

/** One `FROM`. `written` is the word in the Dockerfile; `image` is undefined where a variable is not resolved. */
export type DockerfileBase = {
  readonly line: number;
  readonly kind: "image" | "stage" | "scratch";
  readonly written: string;
  readonly image: string | undefined;
  readonly stage: string | undefined;
};

/**
 * Something that an instruction copies from the context. `path` is clean and relative to the context's root, which is `""`.
 * A `pattern` has wildcards (Go's filepath.Match); `parents` has `**` as well, and the folders above a match count too.
 */
export type ContextSource = {
  readonly line: number;
  readonly instruction: string;
  readonly kind: "path" | "pattern" | "parents";
  readonly path: string;
  readonly excludes: readonly string[];
};

/** Something that the text does not determine, and why, as a clause for the user. */
export type Unresolved = { readonly line: number; readonly reason: string };

/** The default of the `ARG` `variable` was taken as its value, which an `ENV` of `image` would change. */
export type ArgAssumption = { readonly line: number; readonly variable: string; readonly image: string };

/** Reads any text; docker reports the errors in it. */
export function readDockerfile(text: string): Dockerfile {
  const lines = dockerfileLines(text);
  const state: ParseState = {
    global: globalScope(lines.escapeToken),
    stages: [],
    from: [],
    sources: [],
    unresolved: unresolvedLines(lines),
    assumptions: [],
  };
  for (const instruction of lines.instructions) readInstruction(state, instruction);
  const { from, sources, unresolved, assumptions } = state;
  return { instructions: lines.instructions, from, sources, unresolved, assumptions };
}

type ParseState = {
  readonly global: Scope;
  readonly stages: Stage[];
  readonly from: DockerfileBase[];
  readonly sources: ContextSource[];
  readonly unresolved: Unresolved[];
  readonly assumptions: ArgAssumption[];
};

type Stage = {
  readonly name: string | undefined;
  readonly scope: Scope;
  /** The instructions of `ONBUILD`. */
  readonly triggers: DockerfileInstruction[];
};

/** The frontends that docker publishes; others may parse the file differently. */
const knownFrontend = /^(?:docker\.io\/)?docker\/dockerfile(?:-upstream)?(?:[:@].*)?$/;

function unresolvedLines({ syntax, ambiguous }: DockerfileLines): Unresolved[] {
  const foreign = syntax !== undefined && !knownFrontend.test(syntax.value.split(/\s/)[0] ?? "");
  return [
    ...(foreign
      ? [{ line: syntax.line, reason: `\`${syntax.value}\` may parse this file differently` }]
      : []),
    ...ambiguous.map((line) => ({
      line,
      reason: "versions of docker differ in whether a doubled escape character continues a line",
    })),
  ];
}

function readInstruction(state: ParseState, instruction: DockerfileInstruction): void {
  const stage = state.stages.at(-1);
  if (instruction.keyword === "FROM") readFrom(state, instruction);
  else if (stage === undefined) readAssignment(state, state.global, instruction);
  else if (instruction.keyword === "ONBUILD") stage.triggers.push(triggerOf(instruction));
  else readInStage(state, stage.scope, instruction);
}

function readInStage(state: ParseState, scope: Scope, instruction: DockerfileInstruction): void {
  readAssignment(state, scope, instruction);
  if (instruction.keyword === "COPY" || instruction.keyword === "ADD") readCopy(state, scope, instruction);
  if (instruction.keyword === "RUN") readMounts(state, scope, instruction);
}

function readAssignment(state: ParseState, scope: Scope, instruction: DockerfileInstruction): void {
  if (instruction.keyword !== "ARG" && instruction.keyword !== "ENV") return;
  const reasons = assign(scope, instruction);
  state.unresolved.push(...reasons.map((reason) => ({ line: instruction.line, reason })));
}

function readFrom(state: ParseState, { rest, line }: DockerfileInstruction): void {
  const [written = "", as = "", stage] = instructionWords(rest);
  const name = as.toLowerCase() === "as" ? stage?.toLowerCase() : undefined;
  const expanded = expandIn(state.global, written);
  const image = expanded.kind === "set" ? expanded.text : undefined;
  const below = state.stages.findLast(
    (other) => other.name !== undefined && other.name === image?.toLowerCase(),
  );
  const kind = below !== undefined ? "stage" : image === "scratch" ? "scratch" : "image";
  state.from.push({ line, kind, written, image, stage: name });
  const scope = stageScope(state.global, image ?? written, below?.scope);
  // A trigger runs in the next build on its image, which may be a later stage of the same file.
  const triggering = image === undefined ? state.stages : below === undefined ? [] : [below];
  for (const trigger of triggering.flatMap(({ triggers }) => triggers)) readInStage(state, scope, trigger);
  state.stages.push({ name, scope, triggers: [] });
}

function readCopy(state: ParseState, scope: Scope, instruction: DockerfileInstruction): void {
  const flags = flagValues(instruction);
  if ((flags.get("from")?.at(-1) ?? "") !== "") return;
  const parents = (flags.get("parents")?.at(-1) ?? "false") !== "false";
  const excludes = (flags.get("exclude") ?? []).flatMap((word) => {
    const expanded = expandIn(scope, word);
    return expanded.kind === "set" ? [expanded.text] : [];
  });
  for (const word of instructionWords(instruction.rest).slice(0, -1)) {
    if (instruction.heredocs.includes(word) || isRemote(word)) continue;
    const path = sourceText(state, scope, instruction.line, word);
    if (path === undefined || isRemote(path)) continue;
    const kind = parents ? "parents" : hasWildcards(path) ? "pattern" : "path";
    addSource(state, instruction, kind, path, excludes);
  }
}

/** Sources that `ADD` downloads. `git@host:path` is not recognized: no file has such a name, so nothing is copied. */
function isRemote(word: string): boolean {
  return /^["']?(?:https?|git|ssh):\/\//.test(word);
}

function readMounts(state: ParseState, scope: Scope, instruction: DockerfileInstruction): void {
  for (const mount of flagValues(instruction).get("mount") ?? []) {
    const fields = mountFieldsOf(mount);
    if ((fields.get("from") ?? "") !== "") continue;
    const type = sourceText(state, scope, instruction.line, fields.get("type") ?? "bind");
    if (type?.toLowerCase() !== "bind") continue;
    const word = fields.get("source") ?? fields.get("src") ?? "";
    const source = sourceText(state, scope, instruction.line, word);
    if (source !== undefined) addSource(state, instruction, "path", source, []);
  }
}

/** Returns the fields of a mount by their keys. The value is a line of CSV: a field with a comma is in double quotes. */
export function mountFieldsOf(mount: string): ReadonlyMap<string, string> {
  const fields = mount.match(/"(?:[^"]|"")*"|[^,]+/g) ?? [];
  return new Map(
    fields.map((field) => {
      const text = field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field;
      const [, key = text, value = ""] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
      return [key.toLowerCase(), value];
    }),
  );
}

/** Returns the values of an instruction's flags by their names; a flag without a value is `true`. */
export function flagValues({ flags }: DockerfileInstruction): ReadonlyMap<string, readonly string[]> {
  const values = new Map<string, string[]>();
  for (const flag of flags) {
    const [, name = "", value = "true"] = /^--([^=]*)(?:=(.*))?$/s.exec(flag) ?? [];
    values.set(name, [...(values.get(name) ?? []), value]);
  }
  return values;
}

/** Returns the text of a word that determines what is taken; undefined, and one more `unresolved`, when it is not certain. */
function sourceText(state: ParseState, scope: Scope, line: number, word: string): string | undefined {
  const expanded = expandIn(scope, word);
  const reason =
    expanded.kind === "unknown"
      ? expanded.reason
      : /[\uFFFD\0]/.test(expanded.text)
        ? `\`${word}\` is not a UTF-8 file name`
        : undefined;
  if (reason !== undefined) state.unresolved.push({ line, reason });
  if (reason !== undefined || expanded.kind === "unknown") return undefined;
  const { image } = scope;
  if (image !== undefined) {
    state.assumptions.push(...expanded.assumed.map((variable) => ({ line, variable, image })));
  }
  return expanded.text;
}

function addSource(
  state: ParseState,
  { line, text: instruction }: DockerfileInstruction,
  kind: ContextSource["kind"],
  path: string,
  excludes: readonly string[],
): void {
  // As in the builders: the context is `/`, and `..` does not leave it.
  const clean = posix.normalize(`/${path}`).replace(/^\/+|\/+$/g, "");
  state.sources.push({ line, instruction, kind, path: clean, excludes });
}

/** Docker's own test: an escaped wildcard does not count, and a name without wildcards is literal, with its escapes. */
function hasWildcards(path: string): boolean {
  return /^(?:[^\\*?[]|\\.)*[*?[]/s.test(path);
}
