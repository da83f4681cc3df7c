import type { Workspace } from "../workspace/load.ts";
import type { ContainerFacts } from "./hostFacts.ts";
import type { RunDirectory } from "./plan.ts";

/** Where the files of one run are: absolute on the host, and in the container. */
export type RunPaths = {
  readonly runDirectory: RunDirectory;
  readonly snapshot: string;
  readonly files: string;
  /** The folder of decrypted files, by their paths in the workspace. */
  readonly secretFiles: string;
  /** The file in which the entrypoint records its progress, and its folder, which the action can write. */
  readonly status: string;
  readonly statusFolder: string;
  /** The container's passwd and group files, for a user that the image does not define. */
  readonly passwd: string;
  readonly group: string;
  readonly snapshotInContainer: string;
};

/** Where the run's files are mounted, and the folder in which the entrypoint records its progress. */
export const filesInContainer = "/run/polycrate";
export const statusFolderInContainer = "/run/polycrate-status";
export const statusInContainer = `${statusFolderInContainer}/status`;

/** Beside the status: what playbooks did on their hosts. */
export const recapFile = "recap";
export const recapInContainer = `${statusFolderInContainer}/${recapFile}`;

/** The snapshot's file in the run directory. */
export const snapshotFile = "snapshot.yml";

/** Returns the paths of a run. Every run has its own directory, so concurrent runs do not conflict. */
export function runPathsOf(workspace: Workspace, { place, transaction }: ContainerFacts): RunPaths {
  const runDirectory = { root: place.root, path: `${place.folder}/${transaction}` };
  const run = `${place.root}/${runDirectory.path}`;
  return {
    runDirectory,
    snapshot: `${run}/${snapshotFile}`,
    files: `${run}/files`,
    secretFiles: `${run}/secrets`,
    status: `${run}/status/status`,
    statusFolder: `${run}/status`,
    passwd: `${run}/files/passwd`,
    group: `${run}/files/group`,
    snapshotInContainer: `${workspace.layout.containerRoot}/.snapshot.yml`,
  };
}

/** Returns where a path that is relative to the workspace is in the container. */
export function containerPath(containerRoot: string, path: string | undefined): string {
  return path === undefined || path === "" ? containerRoot : `${containerRoot}/${path}`;
}
