import type { DockerFlag } from "../engine/flags/dockerFlag.ts";
import { mountsOfFlags, targetsOfFlags } from "../engine/flags/flagMounts.ts";
import { exitCodes, PolycrateError } from "../errors.ts";
import type { Limits } from "../workspace/limits.ts";
import type { Workspace } from "../workspace/load.ts";
import type { BindMount } from "../workspace/mounts.ts";
import { combineMounts, isCovered, type PlacedMount } from "./combineMounts.ts";
import type { ContainerFacts } from "./hostFacts.ts";
import { containerPath, filesInContainer, type RunPaths, statusFolderInContainer } from "./runPaths.ts";
import { type Target, workdirOf } from "./target.ts";
import type { ContainerUser } from "./user/containerUser.ts";
import { sshMounts } from "./user/ssh.ts";

/** The origin of polycrate's own mounts. */
export const ownMounts = "polycrate";

/**
 * Returns the mounts of the container; the workspace's override polycrate's optional ones. Throws (65) when the workspace's
 * mounts conflict with each other or with polycrate's essential ones.
 */
export function containerMounts(
  workspace: Workspace,
  paths: RunPaths,
  user: ContainerUser,
  limits: Limits,
  facts: ContainerFacts,
): readonly PlacedMount[] {
  const essential = essentialMounts(workspace, paths, limits);
  const writable = limits.isReadOnly ? writableMounts(workspace, limits, facts) : [];
  const optional = optionalMounts(workspace, paths, user, facts);
  const combined = combineMounts([
    { origin: ownMounts, mounts: [...essential, ...writable, ...optional] },
    { origin: "`extramounts`", mounts: facts.extraMounts },
    { origin: "`--mount`", mounts: facts.mountFlags },
    { origin: "`docker_flags`", mounts: mountsOfFlags(facts.flags) },
  ]);
  const targets = new Set(essential.map(({ target }) => target));
  const covered = combined.find(({ target, origin }) => origin !== ownMounts && targets.has(target));
  if (covered !== undefined) {
    throw new PolycrateError(
      `${covered.origin}: the mount target \`${covered.target}\` is reserved by polycrate`,
      {
        hint: "choose another path in the container",
        exitCode: exitCodes.invalidWorkspace,
      },
    );
  }
  const taken = takenTargets(combined, facts.flags);
  return combined.filter(
    ({ origin, target }) => origin !== ownMounts || targets.has(target) || !isCovered(target, taken),
  );
}

/** The mounts that must not be replaced. */
function essentialMounts(
  { path, layout, secretFiles }: Workspace,
  paths: RunPaths,
  { isReadOnly }: Limits,
): readonly BindMount[] {
  return [
    { source: path, target: layout.containerRoot, readonly: isReadOnly },
    { source: paths.files, target: filesInContainer, readonly: true },
    { source: paths.statusFolder, target: statusFolderInContainer, readonly: false },
    { source: paths.snapshot, target: paths.snapshotInContainer, readonly: true },
    ...secretFiles.map((file) => ({
      source: `${paths.secretFiles}/${file.path}`,
      target: containerPath(layout.containerRoot, file.path),
      readonly: true,
    })),
  ];
}

/** What can be written of a workspace that is read-only: its `writable` folders, and the host keys that ssh accepts. */
function writableMounts(
  { path, layout }: Workspace,
  { writable }: Limits,
  { files: { knownHosts } }: ContainerFacts,
): readonly BindMount[] {
  const hosts = knownHosts === undefined ? [] : [knownHosts.slice(path.length + 1)];
  return [...writable, ...hosts].map((folder) => ({
    source: `${path}/${folder}`,
    target: containerPath(layout.containerRoot, folder),
    readonly: false,
  }));
}

/** The mounts that the workspace's can replace. */
function optionalMounts(
  { settings }: Workspace,
  paths: RunPaths,
  user: ContainerUser,
  { files }: ContainerFacts,
): readonly BindMount[] {
  const users = [
    { source: paths.passwd, target: "/etc/passwd", readonly: true },
    { source: paths.group, target: "/etc/group", readonly: true },
  ];
  return [
    ...(user.entries === undefined ? [] : users),
    ...sshMounts(files, user.home),
    ...(settings.config.container.docker_socket
      ? [{ source: dockerSocket, target: dockerSocket, readonly: false }]
      : []),
  ];
}

const dockerSocket = "/var/run/docker.sock";

/** Returns the targets of the workspace's own mounts. */
export function takenTargets(
  mounts: readonly PlacedMount[],
  flags: readonly DockerFlag[],
): readonly string[] {
  const own = mounts.filter(({ origin }) => origin !== ownMounts).map(({ target }) => target);
  return [...own, ...targetsOfFlags(flags)];
}

/**
 * Returns the folders that are hidden from the action, because other runs trust what polycrate writes there. A logs folder
 * that contains blocks or artifacts cannot be hidden.
 */
export function hiddenFoldersOf(
  { layout }: Workspace,
  target: Target,
  taken: readonly string[],
): readonly string[] {
  const { blocksRoot, artifactsRoot, logsRoot, containerRoot } = layout;
  const used = [blocksRoot, artifactsRoot, workdirOf(target), target.block?.places.artifacts];
  const holdsMore = used.some((folder) => folder !== undefined && isCovered(folder, [logsRoot]));
  const isHidden = isCovered(logsRoot, [".polycrate"]);
  return [".polycrate", ...(holdsMore || isHidden ? [] : [logsRoot])]
    .map((folder) => containerPath(containerRoot, folder))
    .filter((folder) => !isCovered(folder, taken));
}

/** Returns the files of the workspace that polycrate also mounts elsewhere. */
export function mountedTwice(
  { path, layout: { containerRoot } }: Workspace,
  mounts: readonly PlacedMount[],
  covered: readonly string[],
): readonly MountedTwice[] {
  return mounts
    .filter(({ source, origin }) => origin === ownMounts && source.startsWith(`${path}/`))
    .map(({ source, target }) => {
      const names = source.slice(path.length + 1).split("/");
      const way = names.map((_, index) => [containerRoot, ...names.slice(0, index + 1)].join("/"));
      return { target, inWorkspace: way.at(-1) ?? containerRoot, way };
    })
    .filter(({ target, inWorkspace }) => target !== inWorkspace && !isCovered(inWorkspace, covered));
}

/** Returns the targets of the mounts that make a part of a read-only workspace writable, at its own place. */
export function writableTargets(
  { path, layout: { containerRoot } }: Workspace,
  mounts: readonly PlacedMount[],
): readonly string[] {
  return mounts
    .filter(({ source, target, origin }) => {
      const inWorkspace = source.startsWith(`${path}/`) ? source.slice(path.length) : undefined;
      return origin === ownMounts && target === `${containerRoot}${inWorkspace}`;
    })
    .map(({ target }) => target);
}

/**
 * Where a file of the workspace is mounted separately, its path in the mounted workspace, and the folders on that path
 * including itself; all in the container.
 */
export type MountedTwice = {
  readonly target: string;
  readonly inWorkspace: string;
  readonly way: readonly string[];
};
