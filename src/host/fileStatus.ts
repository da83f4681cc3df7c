import { realpathSync, type Stats, statSync } from "node:fs";

/**
 * Returns the status of what is at the path, links followed; undefined when there is nothing to reach: also for links in a
 * circle, a file in place of a folder, and names that are too long.
 */
export function fileStatus(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** True for a file, links followed. */
export function isFile(path: string): boolean {
  return fileStatus(path)?.isFile() === true;
}

/** True for a folder, links followed. */
export function isFolder(path: string): boolean {
  return fileStatus(path)?.isDirectory() === true;
}

/** Returns the path with links resolved; undefined when it leads to nothing. */
export function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
