import type { DockerFlag } from "../engine/flags/dockerFlag.ts";
import { mountsOfFlags, targetsOfFlags } from "../engine/flags/flagMounts.ts";
import { label } from "../engine/labels.ts";
import { exitCodes, PolycrateError } from "../errors.ts";
import type { Caller } from "../host/user.ts";
import { configuredImage } from "../image/imageSource.ts";
import {
  directoryOfActions,
  type ResolvedAction,
  type ResolvedBlock,
} from "../workspace/blocks/resolveBlock.ts";
import { type ReservedName, reservedNames, type Variable } from "../workspace/environment.ts";
import type { Workspace } from "../workspace/load.ts";
import type { BindMount } from "../workspace/mounts.ts";
import type { BlockPlaces, KeyFile, RunFiles } from "../workspace/runFiles.ts";
import { combineMounts, isCovered, type PlacedMount } from "./mounts.ts";
import type { RunDirectory, RunPlace } from "./plan.ts";
import { choosePerson, flagsBeside, type Person } from "./user/containerUser.ts";
import {
  agentVariables,
  keyIn,
  knownHostsIn,
  type SshConfig,
  sshArguments,
  sshConfigOf,
  sshMounts,
} from "./user/ssh.ts";

/** What a container is made for: an action of a block, or a shell or command in the place of one. */
export type Subject = {
  readonly block: { readonly resolved: ResolvedBlock; readonly places: BlockPlaces } | undefined;
  readonly action: ResolvedAction | undefined;
  readonly step: { readonly workflow: string; readonly name: string } | undefined;
};

/** What was read for the container from outside of the blocks. */
export type Ingredients = {
  readonly transaction: string;
  readonly place: RunPlace;
  /** Whether the engine has the files of this machine as they are. */
  readonly isEngineHere: boolean;
  readonly version: string;
  readonly caller: Caller;
  readonly files: RunFiles;
  readonly environment: readonly Variable[];
  readonly extraMounts: readonly BindMount[];
  readonly mountFlags: readonly BindMount[];
  readonly flags: readonly DockerFlag[];
  /** Questions are answered with yes beforehand. */
  readonly force: boolean;
};

/** The container of one run, in docker's words; the image and the terminal are not its concern. */
export type Container = {
  readonly transaction: string;
  readonly name: string;
  readonly labels: readonly string[];
  readonly shell: string;
  readonly workdir: string;
  readonly person: Person;
  readonly environment: readonly Variable[];
  readonly mounts: readonly PlacedMount[];
  /** Where the container shows what is the host's: what is written there stays. */
  readonly hostTargets: readonly string[];
  /** Folders of polycrate's own in the workspace, which the action finds empty and cannot write. */
  readonly hiddenFolders: readonly string[];
  /** Files of the workspace that are mounted at another place too. */
  readonly mountedTwice: readonly MountedTwice[];
  /** Folders of the person's own that are gone with the container. */
  readonly privateFolders: readonly string[];
  /** The workspace's key when it is mounted, and the file in which host keys are remembered; both on the host. */
  readonly privateKey: KeyFile | undefined;
  readonly knownHosts: string | undefined;
  /** Undefined when the workspace mounts something of its own there. */
  readonly sshConfig: SshConfig | undefined;
  readonly flags: readonly DockerFlag[];
  readonly paths: RunPaths;
};

/**
 * Where a file of the workspace is mounted by itself, where it is in the mounted workspace, and the folders on the way to it
 * from there, itself included; all in the container.
 */
export type MountedTwice = {
  readonly target: string;
  readonly inWorkspace: string;
  readonly way: readonly string[];
};

/** Where the files of one run are: absolute on the host, and in the container. */
export type RunPaths = {
  readonly runDirectory: RunDirectory;
  readonly snapshot: string;
  readonly files: string;
  /** The file in which the entrypoint notes how far it came, and its folder, which the action may write. */
  readonly status: string;
  readonly statusFolder: string;
  /** The container's passwd and group files, for a person whom the image does not know. */
  readonly passwd: string;
  readonly group: string;
  readonly snapshotInContainer: string;
};

/** Where the run's files are mounted, and the folder in which the entrypoint notes how far it came. */
export const filesInContainer = "/run/polycrate";
export const statusFolderInContainer = "/run/polycrate-status";
export const statusInContainer = `${statusFolderInContainer}/status`;

/** Tells programs what the terminal can do; it is no part of what an action may depend on. */
export const terminalVariable = "TERM";

const ourMounts = "polycrate";

/** Returns the container for the subject. Throws (65) when the workspace's mounts get in each other's way. */
export function describeContainer(
  workspace: Workspace,
  subject: Subject,
  ingredients: Ingredients,
): Container {
  const { containerRoot } = workspace.layout;
  const { files, flags } = ingredients;
  const paths = runPathsOf(workspace, ingredients);
  const person = choosePerson(
    workspace.settings.config.container.user ?? undefined,
    flags,
    ingredients.caller,
  );
  const mounts = mountsOf(workspace, paths, person, ingredients);
  const taken = takenTargets(mounts, flags);
  const ssh = sshStateOf(containerRoot, person, files, mounts, taken);
  const hiddenFolders = hiddenFoldersOf(workspace, subject, taken);
  return {
    transaction: ingredients.transaction,
    name: containerName(workspace, subject, ingredients.transaction),
    labels: labelsOf(workspace, subject, ingredients.transaction),
    shell: workspace.settings.config.container.shell,
    workdir: containerPath(containerRoot, workdirOf(subject)),
    person,
    environment: environmentOf(workspace, subject, person, ssh, ingredients),
    mounts,
    hostTargets: [...mounts.map(({ target }) => target), ...targetsOfFlags(flags)],
    hiddenFolders,
    mountedTwice: ingredients.isEngineHere
      ? mountedTwice(workspace, mounts, [...taken, ...hiddenFolders])
      : [],
    privateFolders: privateFoldersOf(person).filter((folder) => !isCovered(folder, taken)),
    ...ssh,
    flags: flagsBeside(person, flags),
    paths,
  };
}

/** Returns where a path that is relative to the workspace is in the container. */
export function containerPath(containerRoot: string, path: string | undefined): string {
  return path === undefined || path === "" ? containerRoot : `${containerRoot}/${path}`;
}

/** Returns the folder an action starts in, relative to the workspace: its writer's; without one, where the block's actions do. */
function workdirOf({ block, action }: Subject): string | undefined {
  if (action !== undefined) return action.directory;
  return block === undefined ? undefined : directoryOfActions(block.resolved);
}

/** Returns the paths of a run; every run has a directory of its own, so runs at the same time never meet. */
function runPathsOf(workspace: Workspace, { place, transaction }: Ingredients): RunPaths {
  const runDirectory = { root: place.root, path: `${place.folder}/${transaction}` };
  const run = `${place.root}/${runDirectory.path}`;
  return {
    runDirectory,
    snapshot: `${run}/snapshot.yml`,
    files: `${run}/files`,
    status: `${run}/status/status`,
    statusFolder: `${run}/status`,
    passwd: `${run}/files/passwd`,
    group: `${run}/files/group`,
    snapshotInContainer: `${workspace.layout.containerRoot}/.snapshot.yml`,
  };
}

/** A name that people recognise in `docker ps`, unique by the random end of the transaction id. */
function containerName(workspace: Workspace, { block, action }: Subject, transaction: string): string {
  const words = [workspace.settings.name, block?.resolved.name, action?.name].filter(
    (word) => word !== undefined,
  );
  const readable = inAscii(words.join("-"))
    .replace(/[^A-Za-z0-9_.-]+/g, "-")
    .slice(0, 80);
  return `polycrate-${readable}-${transaction.slice(-12)}`;
}

/** docker takes no other letters for a name. What is no Latin letter has no likeness here. */
function inAscii(text: string): string {
  const spelled = text.replace(/[ßæøœłđðþÆØŒŁĐÐÞı]/g, (letter) => likeness[letter] ?? letter);
  return spelled.normalize("NFKD").replace(/\p{M}+/gu, "");
}

const likeness: Readonly<Record<string, string>> = {
  ...{ ß: "ss", æ: "ae", ø: "o", œ: "oe", ł: "l", đ: "d", ð: "d", þ: "th", ı: "i" },
  ...{ Æ: "Ae", Ø: "O", Œ: "Oe", Ł: "L", Đ: "D", Ð: "D", Þ: "Th" },
};

function labelsOf(workspace: Workspace, { block, action }: Subject, transaction: string): readonly string[] {
  return [
    label("transaction", transaction),
    label("workspace", workspace.path),
    ...(block === undefined ? [] : [label("block", block.resolved.name)]),
    ...(action === undefined ? [] : [label("action", action.name)]),
  ];
}

type SshState = Pick<Container, "privateKey" | "knownHosts" | "sshConfig">;

function sshStateOf(
  containerRoot: string,
  { home }: Person,
  files: RunFiles,
  mounts: readonly PlacedMount[],
  taken: readonly string[],
): SshState {
  const isOurs = (path: string) =>
    mounts.some(({ target, origin }) => target === path && origin === ourMounts);
  const knownHosts = isOurs(knownHostsIn(home)) ? files.knownHosts : undefined;
  const sshConfig = sshConfigOf(containerRoot, home, knownHosts !== undefined);
  return {
    privateKey: isOurs(keyIn(home)) ? files.privateKey : undefined,
    knownHosts,
    sshConfig: isCovered(sshConfig.path, taken) ? undefined : sshConfig,
  };
}

/**
 * What polycrate itself writes is believed by later runs, and by those beside this one. A logs folder that holds blocks or
 * artifacts cannot be hidden.
 */
function hiddenFoldersOf(
  { layout }: Workspace,
  subject: Subject,
  taken: readonly string[],
): readonly string[] {
  const { blocksRoot, artifactsRoot, logsRoot, containerRoot } = layout;
  const used = [blocksRoot, artifactsRoot, workdirOf(subject), subject.block?.places.artifacts];
  const holdsMore = used.some((folder) => folder !== undefined && isCovered(folder, [logsRoot]));
  const isHidden = isCovered(logsRoot, [".polycrate"]);
  return [".polycrate", ...(holdsMore || isHidden ? [] : [logsRoot])]
    .map((folder) => containerPath(containerRoot, folder))
    .filter((folder) => !isCovered(folder, taken));
}

function mountedTwice(
  { path, layout: { containerRoot } }: Workspace,
  mounts: readonly PlacedMount[],
  covered: readonly string[],
): readonly MountedTwice[] {
  return mounts
    .filter(({ source, origin }) => origin === ourMounts && source.startsWith(`${path}/`))
    .map(({ source, target }) => {
      const names = source.slice(path.length + 1).split("/");
      const way = names.map((_, index) => [containerRoot, ...names.slice(0, index + 1)].join("/"));
      return { target, inWorkspace: way.at(-1) ?? containerRoot, way };
    })
    .filter(({ inWorkspace }) => !isCovered(inWorkspace, covered));
}

/** docker would make `.ssh` for the key that is mounted in it, and give it to root: so it is a folder of its own. */
function privateFoldersOf({ entries, home }: Person): readonly string[] {
  return entries === undefined ? [] : [home, `${home}/.ssh`];
}

function environmentOf(
  workspace: Workspace,
  subject: Subject,
  person: Person,
  ssh: SshState,
  ingredients: Ingredients,
): readonly Variable[] {
  const own = ownVariables(workspace, subject, ingredients);
  const defaults = [
    { name: terminalVariable, value: "xterm-256color" },
    ...person.variables,
    ...agentVariables(ingredients.files),
    ...ansibleDefaults(person, ssh),
    ...locatedFiles(workspace, subject),
  ];
  const byName = new Map<string, Variable>();
  for (const variable of [...defaults, ...ingredients.environment, ...own]) {
    byName.delete(variable.name);
    byName.set(variable.name, variable);
  }
  return [...byName.values()];
}

/**
 * Host keys are checked: an unknown one is accepted once and remembered in the workspace's `known_hosts`. The YAML form of
 * results is ansible-core's own since 2.13; the older callback of that name has left community.general.
 */
function ansibleDefaults({ home }: Person, { privateKey, sshConfig }: SshState): readonly Variable[] {
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
 * The plugin of the Go program's image gives the snapshot to a script that calls `ansible-playbook`; where it is not, Ansible
 * (2.14 to 2.19) passes over its name. Without the stage `all`, `start` would keep the `group_vars` beside a playbook away.
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

function locatedFiles(workspace: Workspace, { block }: Subject): readonly Variable[] {
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

function ownVariables(
  workspace: Workspace,
  subject: Subject,
  { transaction, version, force }: Ingredients,
): readonly Variable[] {
  const { containerRoot } = workspace.layout;
  const { block, action, step } = subject;
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
    POLYCRATE_BLOCK_WORKDIR: containerPath(containerRoot, workdirOf(subject)),
    POLYCRATE_BLOCK_ARTIFACTS: block && containerPath(containerRoot, block.places.artifacts),
    POLYCRATE_VERSION: version,
    POLYCRATE_CLI_VERSION: version,
    POLYCRATE_FORCE: force ? "1" : "0",
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

function mountsOf(
  workspace: Workspace,
  paths: RunPaths,
  person: Person,
  ingredients: Ingredients,
): readonly PlacedMount[] {
  const { containerRoot } = workspace.layout;
  const { files, flags, extraMounts, mountFlags } = ingredients;
  const mount = (source: string, target: string, readonly: boolean): BindMount => ({
    source,
    target,
    readonly,
  });
  const essential = [
    mount(workspace.path, containerRoot, false),
    mount(paths.files, filesInContainer, true),
    mount(paths.statusFolder, statusFolderInContainer, false),
    mount(paths.snapshot, paths.snapshotInContainer, true),
  ];
  const optional = [
    ...(person.entries === undefined
      ? []
      : [mount(paths.passwd, "/etc/passwd", true), mount(paths.group, "/etc/group", true)]),
    ...sshMounts(files, person.home),
    ...(workspace.settings.config.container.docker_socket
      ? [mount("/var/run/docker.sock", "/var/run/docker.sock", false)]
      : []),
  ];
  const combined = combineMounts([
    { origin: ourMounts, mounts: [...essential, ...optional] },
    { origin: "`extramounts`", mounts: extraMounts },
    { origin: "`--mount`", mounts: mountFlags },
    { origin: "`docker_flags`", mounts: mountsOfFlags(flags) },
  ]);
  const targets = new Set(essential.map(({ target }) => target));
  const covered = combined.find(({ target, origin }) => origin !== ourMounts && targets.has(target));
  if (covered !== undefined) {
    throw new PolycrateError(`${covered.origin}: \`${covered.target}\` is mounted by polycrate`, {
      hint: "choose another path in the container",
      exitCode: exitCodes.invalidWorkspace,
    });
  }
  const taken = takenTargets(combined, flags);
  return combined.filter(
    ({ origin, target }) => origin !== ourMounts || targets.has(target) || !isCovered(target, taken),
  );
}

/** Where the workspace puts something of its own. */
function takenTargets(mounts: readonly PlacedMount[], flags: readonly DockerFlag[]): readonly string[] {
  const own = mounts.filter(({ origin }) => origin !== ourMounts).map(({ target }) => target);
  return [...own, ...targetsOfFlags(flags)];
}
