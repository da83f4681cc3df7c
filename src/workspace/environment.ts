import { isUtf8 } from "node:buffer";
import { homedir } from "node:os";
import { relative, resolve } from "node:path";
import { isFile } from "../host/fileStatus.ts";
import { readOwnFile } from "../host/filesBelow.ts";
import { readFile } from "../host/read.ts";
import { valueAt } from "../yaml/path.ts";
import { revealScalar } from "../yaml/secret.ts";
import {
  isYamlList,
  isYamlMap,
  isYamlNumber,
  isYamlSecret,
  type YamlKey,
  type YamlMap,
  type YamlPath,
  type YamlSecret,
  type YamlValue,
  yamlMapAt,
  yamlTextAt,
} from "../yaml/value.ts";
import type { BlockSource } from "./blocks/blockSource.ts";
import { sourcesOf } from "./blocks/overlayBlocks.ts";
import type { ResolvedAction, ResolvedBlock } from "./blocks/resolveBlock.ts";
import { type Fail, failAt, failFlag } from "./fail.ts";
import { followLinks } from "./links.ts";
import type { Workspace } from "./load.ts";
import { isReserved, isVariableName, secretEnvPrefix } from "./variableNames.ts";

/** A variable for the container. A secret's value is never printed; `secret` is its source in a shell. */
export type Variable = { readonly name: string; readonly value: string; readonly secret?: SecretSource };

/** The source of a secret in a printed command: a variable, a file, or a word that a shell expands. */
export type SecretSource =
  | { readonly variable: string }
  /** A printed command takes the value from the variable; a run asks the manager, and the value is empty until then. */
  | { readonly variable: string; readonly manager: string }
  | { readonly file: string }
  | { readonly written: string };

/** Linux passes no single string of 128 KiB or more to a program (MAX_ARG_STRLEN), the name and the end included. */
const longestVariable = 128 * 1024 - 1;

/** A declaration of a variable; its value is only read when no later declaration has the same name. */
export type Declaration = {
  readonly name: string;
  readonly read: () => Variable;
  /** Throws an error about the name. */
  readonly fail: Fail;
};

/** `NAME=value`, or `NAME` for the value in the caller's environment. */
export type Assignment = {
  readonly name: string;
  readonly value: string | undefined;
  /** The value as a shell computes it, when it contains a variable of the caller, which makes it a secret. */
  readonly written?: string | undefined;
  /** Whether the value is of `secrets.poly`. */
  readonly isSecret?: boolean;
};

/**
 * Returns the variables; of several with one name, the last. Throws on an invalid name, a value that is missing or too
 * long, a secret that cannot be read, and a name that is that of an input's variable: (65) for a file of the workspace, (64)
 * for the command line.
 */
export function readVariables(
  declarations: readonly Declaration[],
  inputVariables: readonly string[] = [],
): readonly Variable[] {
  const taken = declarations.find(({ name }) => inputVariables.includes(name));
  taken?.fail(`the variable \`${taken.name}\` is set by an input of the action`, "choose another name");
  const last = new Map(declarations.map((declaration) => [declaration.name, declaration]));
  return declarations.filter((one) => last.get(one.name) === one).map(({ read }) => read());
}

/** Returns what `config.container.env` sets, then the variables of `docker_flags`, then `extraenv`. */
export function declaredByWorkspace(
  workspace: Workspace,
  flags: readonly (Assignment & { readonly index: number })[],
  host: NodeJS.ProcessEnv,
): readonly Declaration[] {
  const { file } = workspace;
  const container = yamlMapAt(yamlMapAt(file.value, "config"), "container");
  return [
    ...declarationsIn(workspace, container, host, (name) =>
      failAt(file, ["config", "container", "env", name]),
    ),
    ...flags.map(({ index, ...assignment }) =>
      declaration(assignment, failAt(file, ["config", "container", "docker_flags", index]), host),
    ),
    ...workspace.settings.extraenv.map((text, index) => {
      const written = valueAt(file.value, ["extraenv", index]);
      const assignment = isYamlSecret(written)
        ? { ...splitAssignment(String(revealScalar(written))), isSecret: true }
        : splitAssignment(text);
      return declaration(assignment, failAt(file, ["extraenv", index]), host);
    }),
  ];
}

/** Returns what the `env` of the block sets, then that of the action; errors are located where each is written. */
export function declaredByBlock(
  workspace: Workspace,
  block: ResolvedBlock | undefined,
  action: ResolvedAction | undefined,
  host: NodeJS.ProcessEnv,
): readonly Declaration[] {
  const sources = (block?.lineage ?? []).flatMap(sourcesOf);
  const failWhereWritten = (name: YamlKey, pathTo: (source: BlockSource) => YamlPath | undefined): Fail => {
    const [found] = sources.flatMap((source) => {
      const path = pathTo(source);
      const env = path === undefined ? undefined : yamlMapAt(valueAt(source.value, path), "env");
      return path !== undefined && env?.has(name) === true ? [{ source, path }] : [];
    });
    if (found === undefined) throw new Error(`the variable ${String(name)} is not written in any source`);
    return failAt(found.source.file, [...found.source.at, ...found.path, "env", name]);
  };
  return [
    ...declarationsIn(workspace, block?.value, host, (name) => failWhereWritten(name, () => [])),
    ...declarationsIn(workspace, action?.value, host, (name) =>
      failWhereWritten(name, ({ value }) => {
        const actions = value.get("actions");
        const index = isYamlList(actions)
          ? actions.findIndex((one) => isYamlMap(one) && one.get("name") === action?.name)
          : -1;
        return index < 0 ? undefined : ["actions", index];
      }),
    ),
  ];
}

/** Returns what the `env` of a workflow's step sets; errors are located there. */
export function declaredByStep(
  workspace: Workspace,
  step: StepInFile | undefined,
  host: NodeJS.ProcessEnv,
): readonly Declaration[] {
  const at = step === undefined ? undefined : pathOfStep(workspace.file.value, step);
  if (at === undefined) return [];
  return declarationsIn(workspace, valueAt(workspace.file.value, at), host, (name) =>
    failAt(workspace.file, [...at, "env", name]),
  );
}

/** A step, and its place in the file if it is known. */
export type StepInFile = { readonly workflow: string; readonly name: string; readonly index?: number };

/** Returns the place of a step in the workspace file; undefined when it is not there. */
export function pathOfStep(
  root: YamlMap,
  { workflow, name, index: known }: StepInFile,
): YamlPath | undefined {
  const place = indexOfName(root.get("workflows"), workflow);
  const steps: YamlPath = ["workflows", place, "steps"];
  const index = known ?? indexOfName(valueAt(root, steps), name);
  return index < 0 ? undefined : [...steps, index];
}

function indexOfName(list: YamlValue | undefined, name: string): number {
  return isYamlList(list) ? list.findIndex((one) => yamlTextAt(one, "name") === name) : -1;
}

/** Returns what `--env NAME=value` and `--env NAME` set, the latter secret. */
export function declaredByFlags(flags: readonly string[], host: NodeJS.ProcessEnv): readonly Declaration[] {
  return flags.map((flag) => declaration(splitAssignment(flag), failFlag("--env"), host));
}

function splitAssignment(text: string): Assignment {
  const at = text.indexOf("=");
  return at < 0 ? { name: text, value: undefined } : { name: text.slice(0, at), value: text.slice(at + 1) };
}

function declaration(
  { name, value, written, isSecret }: Assignment,
  fail: Fail,
  host: NodeJS.ProcessEnv,
): Declaration {
  assertName(name, fail);
  const read = (): Variable => {
    if (value === undefined) return hostVariable(name, name, fail, host);
    if (isSecret === true) return assertFits({ name, value, secret: { variable: name } }, fail);
    return assertFits({ name, value, ...(written === undefined ? {} : { secret: { written } }) }, fail);
  };
  return { name, read, fail };
}

/** The `env` of a container, a block or an action; `failOn` is about a name in it. */
function declarationsIn(
  workspace: Workspace,
  owner: YamlValue | undefined,
  host: NodeJS.ProcessEnv,
  failOn: (name: YamlKey) => Fail,
): readonly Declaration[] {
  const env = yamlMapAt(owner, "env");
  return Array.from(env ?? [], ([key, value]) => {
    const name = String(key);
    // The position of a name is only looked up for an error.
    const fail: Fail = (message, hint) => failOn(key)(message, hint);
    assertName(name, fail);
    return { name, read: () => envVariable(workspace, name, value, fail, host), fail };
  });
}

/** Returns the variable of a value of `env`: text, or the source of a secret. Throws as `fail` does. */
export function envVariable(
  workspace: Workspace,
  name: string,
  value: YamlValue,
  fail: Fail,
  host: NodeJS.ProcessEnv,
): Variable {
  if (value === null)
    return fail(`the variable \`${name}\` has no value`, `write \`${name}: ""\` for an empty value`);
  if (isYamlSecret(value))
    return assertFits({ name, value: textOfSecret(value), secret: { variable: name } }, fail);
  if (!isYamlMap(value)) return assertFits({ name, value: String(value) }, fail);
  const variable = value.get("from_env");
  if (typeof variable === "string") return hostVariable(name, variable, fail, host);
  const reference = value.get("from_manager");
  if (typeof reference === "string")
    return { name, value: "", secret: { variable: name, manager: reference } };
  return fileVariable(workspace, name, String(value.get("from_file")), fail);
}

/** A printed command takes it from the environment of its shell, as it does a `from_env` of that name. */
function textOfSecret(secret: YamlSecret): string {
  const value = revealScalar(secret);
  return isYamlNumber(value) ? value.source : String(value);
}

function hostVariable(name: string, variable: string, fail: Fail, host: NodeJS.ProcessEnv): Variable {
  const value = host[variable];
  if (value === undefined)
    return fail(`the variable \`${variable}\` is not set`, `set it: \`export ${variable}=…\``);
  return assertFits({ name, value, secret: { variable } }, fail);
}

function fileVariable(workspace: Workspace, name: string, file: string, fail: Fail): Variable {
  const named = resolve(workspace.path, file.replace(/^~(?=\/|$)/, homedir()));
  const { path, isOutside } = followLinks(workspace.path, named);
  if (isOutside && isFile(path)) {
    const hint = `replace the link with the file, or use its path: \`${path}\``;
    return fail(`\`${file}\` is a link to a path outside of the workspace`, hint);
  }
  const bytes = path.startsWith(`${workspace.path}/`)
    ? readOwnFile(workspace.path, relative(workspace.path, path), longestVariable)
    : readFile(path, longestVariable);
  if (bytes === "too large") return fail(...tooLong(name));
  if (bytes === "not a file") return fail(`\`${file}\` is not a file`, "name a file that contains the value");
  if (typeof bytes === "string")
    return fail(
      `the file \`${file}\` cannot be read`,
      "check that it exists and that you have permission to read it",
    );
  if (!isUtf8(bytes))
    return fail(
      `the file \`${file}\` is not UTF-8 text`,
      "mount it as a file, with `extramounts` or `--mount`",
    );
  const value = bytes.toString();
  return assertFits({ name, value, secret: { file: path } }, fail);
}

function assertName(name: string, fail: Fail): void {
  if (!isVariableName(name)) {
    fail(
      `\`${name}\` is not a valid variable name`,
      "use letters, digits and `_`; it must not start with a digit",
    );
  }
  if (isReserved(name)) fail(`the variable \`${name}\` is set by polycrate`, "choose another name");
}

/** Returns the variable. Calls `fail` if Linux cannot pass its value to a program. */
export function assertFits(variable: Variable, fail: Fail): Variable {
  const { name, value } = variable;
  if (value.includes("\0"))
    fail(
      `the value of \`${name}\` contains a NUL character`,
      "remove it: an environment variable cannot contain it",
    );
  const prefix = variable.secret === undefined ? "--env=" : secretEnvPrefix;
  if (Buffer.byteLength(`${prefix}${name}=${value}`) > longestVariable) {
    fail(...tooLong(name));
  }
  return variable;
}

function tooLong(name: string): [string, string] {
  return [
    `the value of \`${name}\` is too long: Linux passes at most 128 KiB to a program`,
    "mount it as a file, with `extramounts` or `--mount`",
  ];
}
