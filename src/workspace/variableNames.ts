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

/** The variable that makes the entrypoint join standard output and error. It is not passed to the action. */
export const streamsVariable = "POLYCRATE_STREAMS";
