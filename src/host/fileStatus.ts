import { realpathSync, type Stats, statSync } from "node:fs";

/**
 * Returns the status of the path, links followed; undefined when it does not exist or cannot be reached: a loop of
 * links, a file in place of a folder, a name that is too long.
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

/** Returns the path with links resolved; undefined when it does not exist. */
export function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
