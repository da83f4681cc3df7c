import {
  chmodSync,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import { openToRead, readOpened } from "./read.ts";

// Files outside of any workspace that only one user can access. Nothing throws: the caller works without them.

/** A folder that only the user can read, created when it is missing. */
export type PrivateFolder = { readonly path: string; readonly uid: number };

/** The limits of a folder; the oldest files are removed first. */
export type FolderLimits = { readonly files: number; readonly bytes: number };

/**
 * Returns the user's folder for what can be found again: `polycrate` in `XDG_CACHE_HOME` or `~/.cache`; undefined when the user
 * does not own it, as root does not own the home of the caller (`sudo -E`).
 */
export function cacheFolder(
  environment: Readonly<Record<string, string | undefined>>,
  uid: number,
): PrivateFolder | undefined {
  const { XDG_CACHE_HOME: named = "", HOME: home = "" } = environment;
  const base = isAbsolute(named) ? named : isAbsolute(home) ? join(home, ".cache") : undefined;
  return base === undefined || ownerAt(base) !== uid ? undefined : { path: join(base, "polycrate"), uid };
}

/** Returns the owner (uid) of the path, else of its parent folder; undefined when neither exists. */
export function ownerAt(path: string): number | undefined {
  return orUndefined(() => statSync(path).uid) ?? orUndefined(() => statSync(dirname(path)).uid);
}

/** Returns the owner (uid) of the path, else of the nearest folder above it that exists. */
export function ownerAbove(path: string): number | undefined {
  const owner = orUndefined(() => statSync(path).uid);
  return owner === undefined && dirname(path) !== path ? ownerAbove(dirname(path)) : owner;
}

/**
 * Returns a file of that user in such a folder, of at most `limit` bytes; undefined for a link, a pipe, or a file that another user
 * owns or can write.
 */
export function readPrivateFile(folder: PrivateFolder, name: string, limit: number): Buffer | undefined {
  if (!isPrivate(folder)) return undefined;
  const descriptor = openToRead(join(folder.path, name), "refuse");
  if (typeof descriptor === "string") return undefined;
  const status = orUndefined(() => fstatSync(descriptor));
  if (status?.uid !== folder.uid || (status.mode & 0o022) !== 0) {
    closeSync(descriptor);
    return undefined;
  }
  const content = readOpened(descriptor, limit);
  return typeof content === "string" ? undefined : content;
}

/** Writes a new file and renames it, so that readers never see a partial one. On failure the old file remains. */
export function writePrivateFile(
  folder: PrivateFolder,
  name: string,
  content: Uint8Array,
  limits: FolderLimits,
): void {
  orUndefined(() => makePrivateFolder(folder));
  if (!isPrivate(folder)) return;
  const file = join(folder.path, name);
  const unfinished = `${file}.${process.pid}`;
  orUndefined(() => {
    writeFileSync(unfinished, content, { flag: "wx", mode: 0o600 });
    renameSync(unfinished, file);
  });
  orUndefined(() => rmSync(unfinished, { force: true }));
  orUndefined(() => removeOldest(folder, limits));
}

/**
 * Adds to a file of that user in such a folder, unless it becomes larger than `limit`. Readers may see a part of it, or only a part is
 * written: they check what they read.
 */
export function appendPrivateFile(
  folder: PrivateFolder,
  name: string,
  content: Uint8Array,
  limit: number,
): void {
  if (!isPrivate(folder)) return;
  orUndefined(() => {
    const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    const file = openSync(join(folder.path, name), flags);
    try {
      const status = fstatSync(file);
      // In one call: two that add at once follow each other.
      if (status.isFile() && status.uid === folder.uid && status.size + content.length <= limit)
        writeSync(file, content);
    } finally {
      closeSync(file);
    }
  });
}

/** Removes a file of such a folder; false if there is none. */
export function removePrivateFile(folder: PrivateFolder, name: string): boolean {
  return (
    isPrivate(folder) &&
    orUndefined(() => {
      rmSync(join(folder.path, name));
      return true;
    }) === true
  );
}

function orUndefined<Value>(step: () => Value): Value | undefined {
  try {
    return step();
  } catch {
    return undefined;
  }
}

/** True for a folder that only that user can access; the content of a link or of another folder is not trusted. */
export function isPrivate({ path, uid }: PrivateFolder): boolean {
  const status = orUndefined(() => lstatSync(path));
  return status?.isDirectory() === true && status.uid === uid && (status.mode & 0o077) === 0;
}

/** The XDG specification requires 0700 for a folder that is created; the umask may have removed bits. */
function makePrivateFolder({ path }: PrivateFolder): void {
  if (mkdirSync(path, { recursive: true, mode: 0o700 }) !== undefined) chmodSync(path, 0o700);
}

function removeOldest({ path }: PrivateFolder, limits: FolderLimits): void {
  const files = readdirSync(path).flatMap((name) => orUndefined(() => fileIn(path, name)) ?? []);
  let bytes = 0;
  for (const [index, file] of files.sort((one, other) => other.mtimeMs - one.mtimeMs).entries()) {
    bytes += file.size;
    if (index >= limits.files || bytes > limits.bytes) rmSync(file.path, { force: true });
  }
}

function fileIn(folder: string, name: string) {
  const path = join(folder, name);
  const { size, mtimeMs } = lstatSync(path);
  return { path, size, mtimeMs };
}
