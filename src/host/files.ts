import {
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { exitCodes, PolycrateError } from "../errors.ts";
import { type ReadProblem, readFlags, readFrom } from "./read.ts";

// An action may be root in the container and change the workspace at any moment, so nothing here looks at a path and uses
// it afterwards. Every folder on the way from `root` is opened without following a link, and what is done next is done in
// the open folder (`/proc/self/fd/N/name`, which is what openat(2) does). Where there is no such path, as on macOS, each
// step is checked and then used.

/** Makes the folder and those above it, below `root`; with `mode` it has exactly that. Throws (73) when a link is on the way. */
export function makeFolder(root: string, path: string, mode?: number): void {
  using folder = openFolder(root, path, "make");
  if (mode !== undefined && folder.isNew) attempt(folder.path, () => fchmodSync(folder.descriptor, mode));
}

/** Makes a folder that the caller named, and those above it, whatever links lead there. Throws (73). */
export function makeNewFolder(path: string): void {
  attempt(path, () => mkdirSync(path, { recursive: true }));
}

/** Creates a file that must not be there yet, and its folders. Throws (73) when it cannot, or when a link is on the way. */
export function createFile(root: string, path: string, content: string, mode: number): void {
  using folder = openFolder(root, dirname(path), "make");
  writeNewFile(folder, basename(path), content, mode);
}

/** Creates a file when there is none; what is there must be a file. Throws (73). */
export function createFileUnlessThere(root: string, path: string, content: string, mode: number): void {
  using folder = openFolder(root, dirname(path), "make");
  const name = basename(path);
  try {
    writeNewFile(folder, name, content, mode);
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
    if (lstatSync(folder.entry(name), { throwIfNoEntry: false })?.isFile() === false) {
      throw notA("file", join(folder.path, name));
    }
  }
}

/** Writes the file so that a reader finds the old or the new content, also after a power cut. Throws (73). */
export function replaceFile(root: string, path: string, content: string, mode: number): void {
  using folder = openFolder(root, dirname(path), "make");
  const [name, temporary] = [basename(path), `${basename(path)}.${process.pid}.tmp`];
  try {
    writeNewFile(folder, temporary, content, mode, fsyncSync);
    attempt(join(folder.path, name), () => renameSync(folder.entry(temporary), folder.entry(name)));
  } catch (error) {
    removeQuietly(folder.entry(temporary));
    throw error;
  }
}

/** Opens a new file for appending and returns its descriptor. Throws (73). */
export function openNewFile(root: string, path: string, mode: number): number {
  using folder = openFolder(root, dirname(path), "make");
  const name = basename(path);
  return attempt(join(folder.path, name), () =>
    openSync(folder.entry(name), newFileFlags | constants.O_APPEND, mode),
  );
}

/** Returns a file below `root`, of at most `limit` bytes, or why there is none; a link anywhere on the way is not followed. */
export function readOwnFile(root: string, path: string, limit: number): Buffer | ReadProblem {
  try {
    using folder = openFolder(root, dirname(path), "look");
    return readFrom(() => openSync(folder.entry(basename(path)), readFlags | constants.O_NOFOLLOW), limit);
  } catch (error) {
    if (error instanceof PolycrateError) return "missing";
    throw error;
  }
}

/** Returns the names in a folder below `root`, sorted; none when it is not there, or a link is on the way. */
export function namesIn(root: string, path: string): readonly string[] {
  try {
    using folder = openFolder(root, path, "look");
    return readdirSync(folder.entry(".")).sort();
  } catch {
    return [];
  }
}

/**
 * Removes a file or folder below `root` with all that is in it; nothing when it is not there. A link is removed, and never
 * followed. Throws (73) when it cannot, or when a link is on the way.
 */
export function removePath(root: string, path: string): void {
  try {
    using folder = openFolder(root, dirname(path), "look");
    removeEntry(folder, basename(path));
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
  }
}

function removeEntry(above: OpenFolder, name: string): void {
  const path = join(above.path, name);
  const descriptor = openedFolder(above, name);
  if (descriptor === undefined) attempt(path, () => unlinkSync(above.entry(name)));
  else {
    removeContent(folderAt(descriptor, path));
    attempt(path, () => rmdirSync(above.entry(name)));
  }
}

function removeContent(opened: OpenFolder): void {
  using folder = opened;
  for (const name of attempt(folder.path, () => readdirSync(folder.entry(".")))) removeEntry(folder, name);
}

/** The descriptor of the folder of that name; undefined when it is something else. */
function openedFolder(above: OpenFolder, name: string): number | undefined {
  try {
    return openSync(above.entry(name), folderFlags);
  } catch (cause) {
    if (["ENOTDIR", "ELOOP"].includes(codeOf(cause))) return undefined;
    return attempt(join(above.path, name), () => {
      throw cause;
    });
  }
}

/** A folder that is held open; `entry` is the path of a name in it, wherever the folder has been moved meanwhile. */
type OpenFolder = Disposable & {
  readonly descriptor: number;
  readonly path: string;
  readonly entry: (name: string) => string;
};

const folderFlags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

const newFileFlags = constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW | constants.O_WRONLY;

const hasDescriptorPaths = existsSync("/proc/self/fd");

function folderAt(descriptor: number, path: string): OpenFolder {
  const base = hasDescriptorPaths ? `/proc/self/fd/${descriptor}` : path;
  return {
    descriptor,
    path,
    entry: (name) => `${base}/${name}`,
    [Symbol.dispose]: () => closeSync(descriptor),
  };
}

/** Opens the folder by way of every folder from `root` down, which are made as they are needed when that is asked for. */
function openFolder(
  root: string,
  path: string,
  missing: "make" | "look",
): OpenFolder & { readonly isNew: boolean } {
  let folder = folderAt(
    attempt(root, () => openSync(root, folderFlags)),
    root,
  );
  let isNew = false;
  for (const name of path.split("/").filter((segment) => segment !== "" && segment !== ".")) {
    using above = folder;
    const next = join(above.path, name);
    if (name === "..") throw notA("folder", next);
    const opened = attempt(next, () => openOrMake(above, name, missing));
    isNew = opened.isNew;
    folder = folderAt(opened.descriptor, next);
  }
  return { ...folder, isNew };
}

/** Another run may make the folder between the look and the making, which is as good. */
function openOrMake(above: OpenFolder, name: string, missing: "make" | "look") {
  const open = () => openSync(above.entry(name), folderFlags);
  try {
    return { descriptor: open(), isNew: false };
  } catch (cause) {
    if (["ENOTDIR", "ELOOP"].includes(codeOf(cause))) throw notA("folder", join(above.path, name));
    if (missing === "look" || codeOf(cause) !== "ENOENT") throw cause;
  }
  const isNew = made(above.entry(name));
  return { descriptor: open(), isNew };
}

function made(path: string): boolean {
  try {
    mkdirSync(path, { mode: 0o755 });
    return true;
  } catch (cause) {
    if (codeOf(cause) === "EEXIST") return false;
    throw cause;
  }
}

function writeNewFile(
  folder: OpenFolder,
  name: string,
  content: string,
  mode: number,
  sync: (descriptor: number) => void = () => {},
): void {
  attempt(join(folder.path, name), () => {
    const file = openSync(folder.entry(name), newFileFlags, mode);
    let isWhole = false;
    try {
      const bytes = Buffer.from(content);
      for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
      fchmodSync(file, mode);
      sync(file);
      isWhole = true;
    } finally {
      closeSync(file);
      // On a full disk; a lock or an owner without its content would be there for ever.
      if (!isWhole) removeQuietly(folder.entry(name));
    }
  });
}

/** What is in the way of an error that is being reported must not take its place. */
function removeQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // it was never made, or cannot be removed
  }
}

function notA(kind: "file" | "folder", path: string): PolycrateError {
  return new PolycrateError(`\`${path}\` is not a ${kind}`, {
    hint: "polycrate follows no link here; move it away",
    exitCode: exitCodes.cannotWrite,
  });
}

function attempt<Result>(path: string, action: () => Result): Result {
  try {
    return action();
  } catch (cause) {
    throw cause instanceof PolycrateError ? cause : cannotWrite(`\`${path}\``, cause);
  }
}

/** Returns the error (73) for what the system did not let us write. */
export function cannotWrite(what: string, cause: unknown): PolycrateError {
  const code = codeOf(cause);
  return new PolycrateError(`cannot write ${what}: ${reasons[code] ?? code}`, {
    hint: hints[code] ?? "see that the workspace can be written",
    exitCode: exitCodes.cannotWrite,
    cause,
  });
}

/** Returns the system's name of an error, like `ENOSPC`, also of one that a PolycrateError reports. */
export function codeOf(error: unknown): string {
  const cause = error instanceof PolycrateError ? error.cause : error;
  return cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EDQUOT: "the disk quota is used up",
  EEXIST: "it is there already",
  ELOOP: "it is a link",
  ENOSPC: "the disk is full",
  ENOTDIR: "a file is in the way",
  EPERM: "not permitted",
  EROFS: "the file system is read-only",
};

const hints: Readonly<Record<string, string>> = {
  EACCES: "run as the owner of the workspace, or give yourself write access to it",
  ENOSPC: "free some space",
  EROFS: "copy the workspace to a place that can be written",
};
