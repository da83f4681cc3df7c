import { lstatSync, realpathSync, type Stats, statSync } from "node:fs";

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

/** What tells one state of a file from another without reading it, as git's index does, and when it last changed. */
export type FileStamp = {
  /** Device, inode, size and times in nanoseconds. A user cannot set the time of the last change of status (ctime). */
  readonly identity: string;
  /** Milliseconds since 1970. */
  readonly changed: number;
};

/** Returns the stamp of a file; undefined for anything else, and for a link. */
export function fileStamp(path: string): FileStamp | undefined {
  try {
    const status = lstatSync(path, { bigint: true, throwIfNoEntry: false });
    if (status?.isFile() !== true) return undefined;
    const { dev, ino, size, mtimeNs, ctimeNs } = status;
    const changed = Math.max(Number(status.mtimeMs), Number(status.ctimeMs));
    return { identity: [dev, ino, size, mtimeNs, ctimeNs].join(" "), changed };
  } catch {
    return undefined;
  }
}
