import { wrapFileError } from "../host/fileErrors.ts";
import { entryNameOf, splitPath } from "../host/fileName.ts";
import { openFolder } from "../host/openFolder.ts";
import { copyStaged, type Staging } from "../host/staging.ts";
import type { ArrivedEntry } from "./arrival.ts";
import type { Landing } from "./landing.ts";

/**
 * Writes what came from there below the folder for conflicts, and returns its path, relative to the workspace. It has no rights beyond
 * those of a file, and none of it is a repository that git would read settings of. Throws (73).
 */
export function keepTheirs(
  { root, conflicts }: Landing,
  staging: Staging,
  path: string,
  entry: ArrivedEntry,
): string {
  const kept = `${conflicts}/${path.replaceAll(/(?<=^|\/)\.git(?=\/|$)/gi, "git")}`;
  const split = splitPath(kept);
  using folder = openFolder(root, split.folder, "make");
  const name = entryNameOf(split.name);
  wrapFileError(kept, () => copyStaged(staging, entry.staged, (entry.mode & 0o777) | 0o600, folder, name));
  return kept;
}
