import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  futimesSync,
  lutimesSync,
  mkdirSync,
  openSync,
  utimesSync,
} from "node:fs";
import { codeOf } from "./fileErrors.ts";
import type { EntryName } from "./fileName.ts";
import type { OpenFolder } from "./openFolder.ts";
import { hasDescriptorPaths, pathOnly } from "./read.ts";

// Changes of single entries of an open folder, which follow no links. They throw the system's errors.

/** Creates a folder that only the caller can use. */
export function makeEntryFolder(folder: OpenFolder, name: EntryName): void {
  mkdirSync(folder.entry(name), { mode: 0o700 });
}

/**
 * Gives a file or folder these twelve permission bits, and anything this time, in seconds since 1970; what is undefined stays. A link
 * has no bits of its own.
 */
export function changeEntry(
  folder: OpenFolder,
  name: EntryName,
  mode: number | undefined,
  mtime: number | undefined,
): void {
  // A file without the permission to be read can be changed by its owner too.
  const flags = constants.O_NOFOLLOW | (hasDescriptorPaths ? pathOnly : constants.O_NONBLOCK);
  const handle = openSync(folder.entry(name), flags);
  try {
    if (fstatSync(handle).isSymbolicLink()) {
      if (mtime !== undefined) lutimesSync(folder.entry(name), mtime, mtime);
    } else if (hasDescriptorPaths) {
      const path = `/proc/self/fd/${handle}`;
      if (mtime !== undefined) utimesSync(path, mtime, mtime);
      if (mode !== undefined) chmodSync(path, mode);
    } else {
      if (mtime !== undefined) futimesSync(handle, mtime, mtime);
      if (mode !== undefined) fchmodSync(handle, mode);
    }
  } finally {
    closeSync(handle);
  }
}

/** Runs a change of a folder's entries; when its owner took away the permission for it, the folder has it meanwhile. */
export function withPermission<Result>(folder: OpenFolder, change: () => Result): Result {
  try {
    return change();
  } catch (error) {
    if (codeOf(error) !== "EACCES") throw error;
    const { mode, uid } = fstatSync(folder.descriptor);
    if (uid !== process.getuid?.() || (mode & 0o300) === 0o300) throw error;
    fchmodSync(folder.descriptor, (mode & 0o7777) | 0o700);
    try {
      return change();
    } finally {
      fchmodSync(folder.descriptor, mode & 0o7777);
    }
  }
}
