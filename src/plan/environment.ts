import { configuredImage } from "../image/imageSource.ts";
import type { Variable } from "../workspace/environment.ts";
import type { Workspace } from "../workspace/load.ts";
import { matrixVariables } from "../workspace/matrix.ts";
import { type ReservedName, reservedNames } from "../workspace/variableNames.ts";
import type { ContainerFacts } from "./hostFacts.ts";
import { containerPath } from "./runPaths.ts";
import { type Target, workdirOf } from "./target.ts";
import type { ContainerUser } from "./user/containerUser.ts";
import { agentVariables, keyIn, type SshState, sshArguments } from "./user/ssh.ts";

/** Describes the terminal to programs. */
const terminalVariable = "TERM";

/** Tells programs which span they run in (W3C Trace Context, as OpenTelemetry passes it on to processes). */
const traceVariable = "TRACEPARENT";

/** Variables that differ from run to run; they are not in the snapshot, which an action can depend on. */
export const variablesOfOccasion: ReadonlySet<string> = new Set([terminalVariable, traceVariable]);

/** Returns the variables of the container: the workspace's override the defaults, inputs and polycrate's own both. */
export function containerEnvironment(
  workspace: Workspace,
  target: Target,
  user: ContainerUser,
  ssh: SshState,
  facts: ContainerFacts,
  yes: boolean,
): readonly Variable[] {
  const own = ownVariables(workspace, target, facts, yes);
  const defaults = [
    { name: terminalVariable, value: "xterm-256color" },
    ...user.variables,
    ...agentVariables(facts.files),
    ...ansibleDefaults(user, ssh),
    ...locatedFiles(workspace, target),
  ];
  const byName = new Map<string, Variable>();
  const inputs = facts.inputs.map(({ variable }) => variable);
  const last = [...inputs, ...matrixOf(target), ...traceVariables(target, facts)];
  for (const variable of [...defaults, ...facts.variables, ...own, ...last]) {
    byName.delete(variable.name);
    byName.set(variable.name, variable);
  }
  return [...byName.values()];
}

/**
 * Host keys are checked: an unknown one is accepted once and remembered in the workspace's `known_hosts`. The YAML form of
 * results is ansible-core's own since 2.13; the older callback of that name has left community.general.
 */
function ansibleDefaults({ home }: ContainerUser, { privateKey, sshConfig }: SshState): readonly Variable[] {
  return [
    ...(privateKey === undefined ? [] : [{ name: "ANSIBLE_PRIVATE_KEY_FILE", value: keyIn(home) }]),
    { name: "ANSIBLE_HOST_KEY_CHECKING", value: "True" },
    { name: "ANSIBLE_SSH_COMMON_ARGS", value: sshArguments(sshConfig) },
    { name: "ANSIBLE_STDOUT_CALLBACK", value: "default" },
    { name: "ANSIBLE_CALLBACK_RESULT_FORMAT", value: "yaml" },
    { name: "ANSIBLE_INVENTORY_ENABLED", value: "host_list,script,auto,yaml,ini,toml" },
    { name: "ANSIBLE_DISPLAY_OK_HOSTS", value: "True" },
    { name: "ANSIBLE_DISPLAY_SKIPPED_HOSTS", value: "False" },
    ...varsPlugins(home),
  ];
}

/**
 * The plugin of the Go program's image provides the snapshot to scripts that call `ansible-playbook`; Ansible (2.14 to 2.19)
 * ignores its name if it is not installed. Without the stage `all`, `start` would skip the `group_vars` next to a playbook.
 */
function varsPlugins(home: string): readonly Variable[] {
  const folders = [home, "/root"].map((one) => `${one}/.ansible/plugins/vars`);
  return [
    { name: "ANSIBLE_VARS_ENABLED", value: "host_group_vars,polycrate_vars" },
    {
      name: "ANSIBLE_VARS_PLUGINS",
      value: [...new Set([...folders, "/usr/share/ansible/plugins/vars"])].join(":"),
    },
    { name: "ANSIBLE_RUN_VARS_PLUGINS", value: "start" },
    { name: "ANSIBLE_VARS_PLUGIN_STAGE", value: "all" },
  ];
}

function locatedFiles(workspace: Workspace, { block }: Target): readonly Variable[] {
  const { containerRoot } = workspace.layout;
  const { inventory, kubeconfig } = block?.places ?? {};
  return [
    ...(inventory === undefined
      ? []
      : [{ name: "ANSIBLE_INVENTORY", value: containerPath(containerRoot, inventory) }]),
    ...(kubeconfig === undefined
      ? []
      : [{ name: "KUBECONFIG", value: containerPath(containerRoot, kubeconfig) }]),
  ];
}

/** Nothing overrides them: what the summary, the record and the snapshot say of a combination is what the action gets. */
function matrixOf({ step }: Target): readonly Variable[] {
  return Object.entries(matrixVariables(step?.matrix ?? [])).map(([name, value]) => ({ name, value }));
}

/** Only an action's run has a span. */
function traceVariables({ action }: Target, { traceparent }: ContainerFacts): readonly Variable[] {
  return action === undefined || traceparent === undefined
    ? []
    : [{ name: traceVariable, value: traceparent }];
}

function ownVariables(
  workspace: Workspace,
  target: Target,
  { transaction, version }: ContainerFacts,
  yes: boolean,
): readonly Variable[] {
  const { containerRoot } = workspace.layout;
  const { block, action, step } = target;
  const image = configuredImage(workspace);
  const values: Readonly<Record<ReservedName, string | undefined>> = {
    POLYCRATE_WORKSPACE_NAME: workspace.settings.name,
    POLYCRATE_BLOCK_NAME: block?.resolved.name,
    POLYCRATE_ACTION_NAME: action?.name,
    POLYCRATE_TRANSACTION_ID: transaction,
    POLYCRATE_SNAPSHOT_FILE: `${containerRoot}/.snapshot.yml`,
    POLYCRATE_WORKSPACE_SNAPSHOT_YAML: `${containerRoot}/.snapshot.yml`,
    POLYCRATE_WORKSPACE: containerRoot,
    POLYCRATE_BLOCK: block?.resolved.name,
    POLYCRATE_ACTION: action?.name,
    POLYCRATE_WORKFLOW: step?.workflow,
    POLYCRATE_STEP: step?.name,
    POLYCRATE_BLOCK_WORKDIR: containerPath(containerRoot, workdirOf(target)),
    POLYCRATE_BLOCK_ARTIFACTS: block && containerPath(containerRoot, block.places.artifacts),
    POLYCRATE_VERSION: version,
    POLYCRATE_CLI_VERSION: version,
    POLYCRATE_FORCE: yes ? "1" : "0",
    POLYCRATE_IMAGE_REFERENCE: image.reference,
    POLYCRATE_IMAGE_VERSION: image.version,
    IN_CONTAINER: "1",
    IN_CI: "true",
    TINI_KILL_PROCESS_GROUP: "1",
    TINI_VERBOSITY: "0",
  };
  return reservedNames.flatMap((name) => {
    const value = values[name];
    return value === undefined ? [] : [{ name, value }];
  });
}
