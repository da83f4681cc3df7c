import { posix } from "node:path";
import type { VolumeMount } from "../engine/engine.ts";
import { targetsOfFlags } from "../engine/flags/flagMounts.ts";
import type { Limits } from "../workspace/limits.ts";
import type { Workspace } from "../workspace/load.ts";
import type { PlacedMount } from "./combineMounts.ts";
import type { ContainerFacts } from "./hostFacts.ts";
import { ownMounts } from "./mounts.ts";

/** Folders and files of the workspace that others are mounted over, relative to it. */
export type MountPoints = { readonly folders: readonly string[]; readonly files: readonly string[] };

/** What is mounted in a container. */
type Mounted = { readonly mounts: readonly PlacedMount[]; readonly volumes: readonly VolumeMount[] };

/**
 * Returns what must exist in the workspace before a run to which it is read-only, because the engine cannot create it then;
 * nothing for other runs. The mount points of polycrate's own files are created for every run.
 */
export function mountPointsOf(
  { layout }: Pick<Workspace, "layout">,
  { isReadOnly, writable }: Limits,
  { mounts, volumes }: Mounted,
  { flags, mountedFiles }: Pick<ContainerFacts, "flags" | "mountedFiles">,
): MountPoints {
  if (!isReadOnly) return { folders: [], files: [] };
  const own = mounts.filter(({ origin }) => origin !== ownMounts);
  const isFile = (target: string) =>
    own.some((mount) => mount.target === target && mountedFiles.has(mount.source));
  const targets = [...own, ...volumes].map(({ target }) => target).concat(targetsOfFlags(flags));
  const folder = `${layout.containerRoot}/`;
  const inside = [...new Set(targets)].flatMap((target) => {
    const path = posix.normalize(target).replace(/\/+$/, "");
    return path.startsWith(folder) ? [{ path: path.slice(folder.length), isFile: isFile(target) }] : [];
  });
  return {
    folders: [...writable, ...inside.flatMap(({ path, isFile }) => (isFile ? [] : [path]))],
    files: inside.flatMap(({ path, isFile }) => (isFile ? [path] : [])),
  };
}
