import { isUtf8 } from "node:buffer";
import { homedir } from "node:os";
import { relative, resolve } from "node:path";
import { exitCodes, PolycrateError } from "../errors.ts";
import { fileStatus } from "../host/fileStatus.ts";
import { readOwnFile } from "../host/filesBelow.ts";
import { readFile } from "../host/read.ts";
import {
  isYamlList,
  isYamlMap,
  type YamlKey,
  type YamlMap,
  type YamlPath,
  type YamlValue,
} from "../yaml/value.ts";
import type { ResolvedAction, ResolvedBlock } from "./blocks/resolveBlock.ts";
import type { BlockSource, Workspace } from "./load.ts";
import { type PolyFile, positionIn } from "./poly/polyFile.ts";
import { realPlace } from "./realPlace.ts";

/** A variable for the container. A secret's value is shown nowhere; `written` says where a shell gets it from. */
export type Variable = { readonly name: string; readonly value: string; readonly secret?: SecretSource };

/** Where a secret comes from when the run is repeated by hand: a variable, a file, or a word that a shell expands. */
export type SecretSource =
  | { readonly variable: string }
  | { readonly file: string }
  | { readonly written: string };

/** Linux passes no single string of 128 KiB or more to a program (MAX_ARG_STRLEN), the name and the end included. */
const longestVariable = 128 * 1024 - 1;

/** A variable that something sets; its value is read only when nothing later sets another. */
export type Declaration = { readonly name: string; readonly read: () => Variable };

/** Where a variable is declared when it is not in a file of the workspace: `NAME=value`, or `NAME` for the caller's. */
export type Assignment = {
  readonly name: string;
  readonly value: string | undefined;
  /** How a shell computes the value, when a variable of the caller is in it: then it is a secret. */
  readonly written?: string | undefined;
};

/**
 * Returns the variables, of those with one name the last. Throws on a name that is none, a value that is missing or too
 * long, and a secret that is not to be had: (65) for a file of the workspace, (64) for the command line.
 */
export function readVariables(declarations: readonly Declaration[]): readonly Variable[] {
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
  const config = file.value.get("config");
  const container = isYamlMap(config) ? config.get("container") : undefined;
  const refuseAt = (at: YamlPath) => placed(file, at);
  return [
    ...declaredIn(workspace, container, host, (name) => refuseAt(["config", "container", "env", name])),
    ...flags.map(({ index, ...assignment }) =>
      declared(assignment, refuseAt(["config", "container", "docker_flags", index]), host),
    ),
    ...workspace.settings.extraenv.map((text, index) =>
      declared(splitAssignment(text), refuseAt(["extraenv", index]), host),
    ),
  ];
}

/** Returns what the `env` of the block sets, then that of the action; each is told where it is written. */
export function declaredByBlock(
  workspace: Workspace,
  block: ResolvedBlock | undefined,
  action: ResolvedAction | undefined,
  host: NodeJS.ProcessEnv,
): readonly Declaration[] {
  const sources = (block?.lineage ?? []).flatMap((one) => one.sources);
  const written = (name: YamlKey, pathTo: (source: BlockSource) => YamlPath | undefined): Refuse => {
    const [found] = sources.flatMap((source) => {
      const path = pathTo(source);
      const env = path === undefined ? undefined : envAt(source.value, path);
      return path !== undefined && env?.has(name) === true ? [{ source, path }] : [];
    });
    if (found === undefined) throw new Error(`the variable ${String(name)} is written nowhere`);
    return placed(found.source.file, [...found.source.at, ...found.path, "env", name]);
  };
  return [
    ...declaredIn(workspace, block?.value, host, (name) => written(name, () => [])),
    ...declaredIn(workspace, action?.value, host, (name) =>
      written(name, ({ value }) => {
        const actions = value.get("actions");
        const index = isYamlList(actions)
          ? actions.findIndex((one) => isYamlMap(one) && one.get("name") === action?.name)
          : -1;
        return index < 0 ? undefined : ["actions", index];
      }),
    ),
  ];
}

/** Returns what `--env NAME=value` and `--env NAME` set, the latter secret. */
export function declaredByFlags(flags: readonly string[], host: NodeJS.ProcessEnv): readonly Declaration[] {
  const refuse: Refuse = (message, hint) => {
    throw new PolycrateError(`\`--env\`: ${message}`, { hint, exitCode: exitCodes.wrongCommandLine });
  };
  return flags.map((flag) => declared(splitAssignment(flag), refuse, host));
}

type Refuse = (message: string, hint: string) => never;

function placed(file: PolyFile, path: YamlPath): Refuse {
  return (message, hint) => {
    const { line, column } = positionIn(file, path);
    throw new PolycrateError(`${file.path}:${line}:${column}: ${message}`, {
      hint,
      exitCode: exitCodes.invalidWorkspace,
    });
  };
}

function splitAssignment(text: string): Assignment {
  const at = text.indexOf("=");
  return at < 0 ? { name: text, value: undefined } : { name: text.slice(0, at), value: text.slice(at + 1) };
}

function declared(
  { name, value, written }: Assignment,
  refuse: Refuse,
  host: NodeJS.ProcessEnv,
): Declaration {
  checkName(name, refuse);
  const read = (): Variable => {
    if (value === undefined) return fromHost(name, name, refuse, host);
    return checked({ name, value, ...(written === undefined ? {} : { secret: { written } }) }, refuse);
  };
  return { name, read };
}

/** The `env` of a container, a block or an action; `refuseAt` says where a name of it stands. */
function declaredIn(
  workspace: Workspace,
  owner: YamlValue | undefined,
  host: NodeJS.ProcessEnv,
  refuseAt: (name: YamlKey) => Refuse,
): readonly Declaration[] {
  const env = isYamlMap(owner) ? envAt(owner, []) : undefined;
  return Array.from(env ?? [], ([key, value]) => {
    const name = String(key);
    // A position costs parsing the file once more, so it is looked up only to be told.
    const refuse: Refuse = (message, hint) => refuseAt(key)(message, hint);
    checkName(name, refuse);
    return { name, read: () => readVariable(workspace, name, value, refuse, host) };
  });
}

function envAt(owner: YamlMap, path: YamlPath): YamlMap | undefined {
  let value: YamlValue | undefined = owner;
  for (const key of [...path, "env"]) {
    if (isYamlMap(value)) value = value.get(key);
    else value = isYamlList(value) && typeof key === "number" ? value[key] : undefined;
  }
  return isYamlMap(value) ? value : undefined;
}

function readVariable(
  workspace: Workspace,
  name: string,
  value: YamlValue,
  refuse: Refuse,
  host: NodeJS.ProcessEnv,
): Variable {
  if (value === null)
    return refuse(`the variable \`${name}\` has no value`, `write \`${name}: ""\` for an empty one`);
  if (!isYamlMap(value)) return checked({ name, value: String(value) }, refuse);
  const variable = value.get("from_env");
  if (typeof variable === "string") return fromHost(name, variable, refuse, host);
  return fromFile(workspace, name, String(value.get("from_file")), refuse);
}

function fromHost(name: string, variable: string, refuse: Refuse, host: NodeJS.ProcessEnv): Variable {
  const value = host[variable];
  if (value === undefined)
    return refuse(`the variable \`${variable}\` is not set here`, `set it: \`export ${variable}=…\``);
  return checked({ name, value, secret: { variable } }, refuse);
}

function fromFile(workspace: Workspace, name: string, file: string, refuse: Refuse): Variable {
  const named = resolve(workspace.path, file.replace(/^~(?=\/|$)/, homedir()));
  const { path, isOutside } = realPlace(workspace.path, named);
  if (isOutside && fileStatus(path)?.isFile() === true) {
    const hint = `put the file itself there, or name it: \`${path}\``;
    return refuse(`\`${file}\` leads out of the workspace`, hint);
  }
  const bytes = path.startsWith(`${workspace.path}/`)
    ? readOwnFile(workspace.path, relative(workspace.path, path), longestVariable)
    : readFile(path, longestVariable);
  if (bytes === "too large") return refuse(...tooLong(name));
  if (bytes === "not a file") return refuse(`\`${file}\` is not a file`, "name a file with the value in it");
  if (typeof bytes === "string")
    return refuse(`the file \`${file}\` cannot be read`, "see that it exists and that you may read it");
  if (!isUtf8(bytes))
    return refuse(`the file \`${file}\` is no UTF-8 text`, "mount it as a file: `extramounts`, or `--mount`");
  const value = bytes.toString();
  return checked({ name, value, secret: { file: path } }, refuse);
}

function checkName(name: string, refuse: Refuse): void {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    refuse(`\`${name}\` is no name of a variable`, "use letters, digits and `_`, and no digit first");
  }
  if (isReserved(name) || name.startsWith(carrierPrefix))
    refuse(`the variable \`${name}\` is set by polycrate`, "choose another name");
}

function checked(variable: Variable, refuse: Refuse): Variable {
  const { name, value } = variable;
  if (value.includes("\0"))
    refuse(`the value of \`${name}\` has a NUL character`, "no environment variable can hold one");
  const prefix = variable.secret === undefined ? "--env=" : carrierPrefix;
  if (Buffer.byteLength(`${prefix}${name}=${value}`) > longestVariable) {
    refuse(...tooLong(name));
  }
  return variable;
}

function tooLong(name: string): [string, string] {
  return [
    `the value of \`${name}\` is longer than Linux passes to a program (128 KiB)`,
    "mount it as a file: `extramounts`, or `--mount`",
  ];
}

/** What a secret's name has before it while it travels. */
export const carrierPrefix = "POLYCRATE_ENV_";

/** The variables that polycrate sets itself: nothing else may set them. */
export const reservedNames = [
  "POLYCRATE_WORKSPACE_NAME",
  "POLYCRATE_BLOCK_NAME",
  "POLYCRATE_ACTION_NAME",
  "POLYCRATE_TRANSACTION_ID",
  "POLYCRATE_SNAPSHOT_FILE",
  "POLYCRATE_WORKSPACE_SNAPSHOT_YAML",
  "POLYCRATE_WORKSPACE",
  "POLYCRATE_BLOCK",
  "POLYCRATE_ACTION",
  "POLYCRATE_WORKFLOW",
  "POLYCRATE_STEP",
  "POLYCRATE_BLOCK_WORKDIR",
  "POLYCRATE_BLOCK_ARTIFACTS",
  "POLYCRATE_VERSION",
  "POLYCRATE_CLI_VERSION",
  "POLYCRATE_FORCE",
  "POLYCRATE_IMAGE_REFERENCE",
  "POLYCRATE_IMAGE_VERSION",
  "IN_CONTAINER",
  "IN_CI",
  "TINI_KILL_PROCESS_GROUP",
  "TINI_VERBOSITY",
] as const;

/** The name of a variable that polycrate sets itself. */
export type ReservedName = (typeof reservedNames)[number];

/** True for a name that only polycrate itself may give a value. */
export function isReserved(name: string): boolean {
  return name === streamsVariable || reservedNames.some((reserved) => reserved === name);
}

/** The variable by which the entrypoint learns that it has to join the action's outputs; the action does not see it. */
export const streamsVariable = "POLYCRATE_STREAMS";
