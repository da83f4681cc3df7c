/** True for a name that a shell can use: `[A-Za-z_][A-Za-z0-9_]*`. */
export function isVariableName(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name);
}

/** True for a name that only polycrate can set. */
export function isReserved(name: string): boolean {
  return (
    name.startsWith(secretEnvPrefix) ||
    name === streamsVariable ||
    reservedNames.some((reserved) => reserved === name)
  );
}

/** The prefix of a secret's name in the docker client's environment, so that the client does not use it itself. */
export const secretEnvPrefix = "POLYCRATE_ENV_";

/** The variables that polycrate sets in the container. */
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

/** The name of a variable that polycrate sets in the container. */
export type ReservedName = (typeof reservedNames)[number];

/** The value of each of these variables, for the manual. */
export const variableMeanings: Readonly<Record<ReservedName, string>> = {
  POLYCRATE_WORKSPACE_NAME: "The name of the workspace.",
  POLYCRATE_BLOCK_NAME: "The name of the block.",
  POLYCRATE_ACTION_NAME: "The name of the action.",
  POLYCRATE_TRANSACTION_ID: "The id of the run, as in `polycrate history`.",
  POLYCRATE_SNAPSHOT_FILE: "The path of the snapshot.",
  POLYCRATE_WORKSPACE_SNAPSHOT_YAML: "The same path, for older playbooks.",
  POLYCRATE_WORKSPACE: "The path of the workspace in the container.",
  POLYCRATE_BLOCK: "The name of the block.",
  POLYCRATE_ACTION: "The name of the action.",
  POLYCRATE_WORKFLOW: "The name of the workflow, in a workflow.",
  POLYCRATE_STEP: "The name of the step, in a workflow.",
  POLYCRATE_BLOCK_WORKDIR: "The working directory: the folder of the block that defines the action.",
  POLYCRATE_BLOCK_ARTIFACTS: "The folder whose files are kept as the block's artifacts.",
  POLYCRATE_VERSION: "The version of polycrate.",
  POLYCRATE_CLI_VERSION: "The same version, for older scripts.",
  POLYCRATE_FORCE: "`1` with `--yes` or `--force`, else `0`; for older scripts.",
  POLYCRATE_IMAGE_REFERENCE: "The configured image without its tag; for older scripts.",
  POLYCRATE_IMAGE_VERSION: "The tag of the configured image; for older scripts.",
  IN_CONTAINER: "`1`.",
  IN_CI: "`true`; for older scripts.",
  TINI_KILL_PROCESS_GROUP: "`1`: a signal reaches all processes of the action.",
  TINI_VERBOSITY: "`0`.",
};

/** The variable that makes the entrypoint join standard output and error. It is not passed to the action. */
export const streamsVariable = "POLYCRATE_STREAMS";
