import type { VolumeMount } from "../engine/engine.ts";
import type { DockerFlag } from "../engine/flags/dockerFlag.ts";
import { targetsOfFlags } from "../engine/flags/flagMounts.ts";
import { actionLimitProblems, workspaceLimitProblems } from "../engine/flags/limitProblems.ts";
import type { Variable } from "../workspace/environment.ts";
import { type HostFiles, hasEncryptedKey } from "../workspace/hostFiles.ts";
import { type Limits, limitsOf } from "../workspace/limits.ts";
import type { Workspace } from "../workspace/load.ts";
import { assertNoErrors } from "../workspace/poly/problems.ts";
import type { SecretFile } from "../workspace/secrets/secretFile.ts";
import { type SecretText, secretTexts } from "../workspace/secrets/secretTexts.ts";
import { cacheVolumes, foldersAboveCaches } from "./caches.ts";
import { isCovered, type PlacedMount } from "./combineMounts.ts";
import { containerLabels, containerName } from "./containerIdentity.ts";
import { containerEnvironment } from "./environment.ts";
import type { ContainerFacts } from "./hostFacts.ts";
import { type MountPoints, mountPointsOf } from "./mountPoints.ts";
import {
  containerMounts,
  hiddenFoldersOf,
  type MountedTwice,
  mountedTwice,
  ownMounts,
  takenTargets,
  writableTargets,
} from "./mounts.ts";
import { containerPath, type RunPaths, runPathsOf } from "./runPaths.ts";
import { type Target, workdirOf } from "./target.ts";
import { type ContainerUser, resolveUser, withoutUserFlag } from "./user/containerUser.ts";
import { decryptedKeyMode, keyIn, knownHostsIn, type SshState, sshConfigOf } from "./user/ssh.ts";

/** The container of one run, in docker's terms, without the image and the terminal. */
export type Container = SshState & {
  readonly transaction: string;
  readonly name: string;
  readonly labels: readonly string[];
  readonly shell: string;
  readonly workdir: string;
  readonly user: ContainerUser;
  readonly environment: readonly Variable[];
  /** The secrets of `secrets.poly`, which the container's snapshot has. */
  readonly secrets: readonly SecretText[];
  /** Files that it finds decrypted. */
  readonly secretFiles: readonly SecretFile[];
  readonly mounts: readonly PlacedMount[];
  /** The workspace's caches, unless another mount of the workspace covers them. */
  readonly volumes: readonly VolumeMount[];
  /** Where the host's files are mounted, so that what is written there persists. */
  readonly hostTargets: readonly string[];
  /** Polycrate's own folders in the workspace, which are empty and read-only for the action. */
  readonly hiddenFolders: readonly string[];
  /** Files of the workspace that are also mounted elsewhere. */
  readonly mountedTwice: readonly MountedTwice[];
  /** What is writable of a read-only workspace, and where that is; in the container. */
  readonly writable: { readonly root: string; readonly targets: readonly string[] };
  /** The user's own folders, which are removed with the container. */
  readonly tmpfs: readonly string[];
  readonly limits: Limits;
  /** What has to exist in a workspace that the container cannot write to, so that the engine can mount over it; relative to it. */
  readonly mountPoints: MountPoints;
  readonly flags: readonly DockerFlag[];
  readonly paths: RunPaths;
};

/** Returns the container for the target. Throws (65) when mounts conflict. */
export function describeContainer(
  workspace: Workspace,
  target: Target,
  facts: ContainerFacts,
  yes: boolean,
): Container {
  const { containerRoot } = workspace.layout;
  const { flags } = facts;
  const limits = limitsOfTarget(workspace, target, flags);
  const paths = runPathsOf(workspace, facts);
  const user = resolveUser(workspace.settings.config.container.user ?? undefined, flags, facts.caller);
  const files = withDecryptedKey(workspace, paths, facts);
  const mounts = containerMounts(workspace, paths, user, limits, { ...facts, files });
  const taken = takenTargets(mounts, flags);
  const volumes = cacheVolumes(workspace, user, facts).filter(({ target }) => !isCovered(target, taken));
  const ssh = sshStateOf(containerRoot, user, files, mounts, taken);
  const hiddenFolders = hiddenFoldersOf(workspace, target, taken);
  return {
    transaction: facts.transaction,
    name: containerName(workspace, target, facts.transaction),
    labels: containerLabels(workspace, target, facts.transaction),
    shell: workspace.settings.config.container.shell,
    workdir: containerPath(containerRoot, workdirOf(target)),
    user,
    secrets: secretTexts(workspace.secrets),
    secretFiles: workspace.secretFiles,
    environment: containerEnvironment(workspace, target, user, ssh, facts, yes),
    mounts,
    volumes,
    hostTargets: [...mounts, ...volumes].map(({ target }) => target).concat(targetsOfFlags(flags)),
    hiddenFolders,
    mountedTwice: facts.isEngineHere ? mountedTwice(workspace, mounts, [...taken, ...hiddenFolders]) : [],
    writable: {
      root: containerRoot,
      targets: facts.isEngineHere ? writableTargets(workspace, mounts) : [],
    },
    tmpfs: tmpfsOf(user, volumes).filter((folder) => !isCovered(folder, taken)),
    ...ssh,
    limits,
    mountPoints: mountPointsOf(workspace, limits, { mounts, volumes }, facts),
    flags: withoutUserFlag(user, flags),
    paths,
  };
}

/** A key that is kept encrypted is mounted from where it is decrypted to, which only the caller can read. */
function withDecryptedKey(
  workspace: Workspace,
  { secretFiles }: RunPaths,
  { files, caller }: ContainerFacts,
): HostFiles {
  if (!hasEncryptedKey(workspace)) return files;
  const path = `${secretFiles}/${workspace.layout.privateKey}`;
  return { ...files, privateKey: { path, uid: caller.uid, mode: decryptedKeyMode } };
}

/** Returns the limits of the target. Throws (65) when an action's are more than the workspace's, and when `docker_flags` conflict. */
function limitsOfTarget(
  workspace: Workspace,
  { block, action }: Target,
  flags: readonly DockerFlag[],
): Limits {
  const { container } = workspace.settings.config;
  assertNoErrors([
    ...workspaceLimitProblems(workspace, flags),
    ...(block === undefined || action === undefined
      ? []
      : actionLimitProblems(workspace, { block: block.resolved, ...action }, flags)),
  ]);
  return limitsOf(container, action?.settings);
}

function sshStateOf(
  containerRoot: string,
  { home }: ContainerUser,
  files: HostFiles,
  mounts: readonly PlacedMount[],
  taken: readonly string[],
): SshState {
  const isOurs = (path: string) =>
    mounts.some(({ target, origin }) => target === path && origin === ownMounts);
  const knownHosts = isOurs(knownHostsIn(home)) ? files.knownHosts : undefined;
  const sshConfig = sshConfigOf(containerRoot, home, knownHosts !== undefined);
  return {
    privateKey: isOurs(keyIn(home)) ? files.privateKey : undefined,
    knownHosts,
    sshConfig: isCovered(sshConfig.path, taken) ? undefined : sshConfig,
  };
}

/** docker would create the folders above a mount in the home, owned by root, so each is a tmpfs of its own. */
function tmpfsOf({ entries, home }: ContainerUser, volumes: readonly VolumeMount[]): readonly string[] {
  return entries === undefined ? [] : [home, `${home}/.ssh`, ...foldersAboveCaches(home, volumes)];
}
