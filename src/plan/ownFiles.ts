import type { PlannedFile } from "./plan.ts";

/** Keeps polycrate's own folder out of git. */
export const ignoreFile: PlannedFile = stays(".polycrate/.gitignore", "*\n");

/** The file on the host that each run's snapshot is mounted over. */
export const snapshotMountPoint: PlannedFile = stays(
  ".snapshot.yml",
  "# the snapshot of each run is mounted here; `polycrate shell` shows it in a container, `polycrate snapshot` prints it\n",
);

/** Returns a file of the workspace that is created unless it exists; its path is relative to the workspace. */
export function stays(path: string, content: string): PlannedFile {
  return { path, mode: 0o644, content, lifetime: "stays" };
}
