import { isUtf8 } from "node:buffer";
import { homedir } from "node:os";
import { resolve } from "node:path";
import { exitCodes, PolycrateError } from "../errors.ts";
import { readFile } from "../host/read.ts";
import type { Workspace } from "./loadWorkspace.ts";
import { positionIn } from "./poly/polyFile.ts";
import { isYamlMap, type YamlPath, type YamlValue } from "./yaml/yamlValue.ts";

/** A variable for the container. A secret's value is shown nowhere; `written` says where a shell gets it from. */
export type Variable = { readonly name: string; readonly value: string; readonly secret?: SecretSource };

/** Where a secret comes from when the run is repeated by hand. */
export type SecretSource = { readonly variable: string } | { readonly file: string };

/** Linux passes no single string of 128 KiB or more to a program (MAX_ARG_STRLEN), the name and the end included. */
const longestVariable = 128 * 1024 - 1;

/**
 * Returns the variables that the workspace file sets, secrets read, in the order in which later ones win. Throws (65)
 * on a name that is none, a value that is missing or too long, and a secret that is not to be had.
 */
export function readEnvironment(workspace: Workspace, host: NodeJS.ProcessEnv): readonly Variable[] {
  const config = workspace.file.value.get("config");
  const container = isYamlMap(config) ? config.get("container") : undefined;
  const env = isYamlMap(container) ? container.get("env") : undefined;
  const at = ["config", "container", "env"];
  const configured = isYamlMap(env)
    ? Array.from(env, ([key, value]) => readVariable(workspace, String(key), value, [...at, key], host))
    : [];
  const extra = (workspace.settings.extraenv ?? []).map((text, index): Variable => {
    const [name, value] = splitAssignment(text);
    return checked({ name, value }, placed(workspace, ["extraenv", index]));
  });
  return [...configured, ...extra];
}

/** Returns the variables of `--env NAME=value` and `--env NAME`, the latter secret. Throws (64) as `readEnvironment` does. */
export function readEnvironmentFlags(flags: readonly string[], host: NodeJS.ProcessEnv): readonly Variable[] {
  return flags.map((flag): Variable => {
    const refuse = (message: string, hint: string) => {
      throw new PolycrateError(`\`--env\`: ${message}`, { hint, exitCode: exitCodes.wrongCommandLine });
    };
    if (flag.includes("=")) {
      const [name, value] = splitAssignment(flag);
      return checked({ name, value }, refuse);
    }
    const value = host[flag];
    if (value === undefined) {
      checkName(flag, refuse);
      return refuse(`the variable \`${flag}\` is not set here`, `set it, or write \`--env ${flag}=value\``);
    }
    return checked({ name: flag, value, secret: { variable: flag } }, refuse);
  });
}

type Refuse = (message: string, hint: string) => never;

function placed(workspace: Workspace, path: YamlPath): Refuse {
  return (message, hint) => {
    const { line, column } = positionIn(workspace.file, path);
    throw new PolycrateError(`${workspace.file.path}:${line}:${column}: ${message}`, {
      hint,
      exitCode: exitCodes.invalidWorkspace,
    });
  };
}

function splitAssignment(text: string): [string, string] {
  const at = text.indexOf("=");
  return [text.slice(0, at), text.slice(at + 1)];
}

function readVariable(
  workspace: Workspace,
  name: string,
  value: YamlValue,
  path: YamlPath,
  host: NodeJS.ProcessEnv,
): Variable {
  const refuse = placed(workspace, path);
  if (value === null)
    return refuse(`the variable \`${name}\` has no value`, `write \`${name}: ""\` for an empty one`);
  if (isYamlMap(value)) return readSecret(workspace, name, value, refuse, host);
  return checked({ name, value: String(value) }, refuse);
}

function readSecret(
  workspace: Workspace,
  name: string,
  source: ReadonlyMap<unknown, YamlValue>,
  refuse: Refuse,
  host: NodeJS.ProcessEnv,
): Variable {
  const variable = source.get("from_env");
  if (typeof variable === "string") {
    const value = host[variable];
    if (value === undefined)
      return refuse(`the variable \`${variable}\` is not set here`, `set it: \`export ${variable}=…\``);
    return checked({ name, value, secret: { variable } }, refuse);
  }
  const file = String(source.get("from_file"));
  const path = resolve(workspace.path, file.replace(/^~(?=\/|$)/, homedir()));
  const bytes = readFile(path, longestVariable);
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
}

function checked(variable: Variable, refuse: Refuse): Variable {
  const { name, value } = variable;
  checkName(name, refuse);
  if (isReserved(name) || name.startsWith(carrierPrefix))
    refuse(`the variable \`${name}\` is set by polycrate`, "choose another name");
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
