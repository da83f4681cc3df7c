import {
  type BigIntStats,
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  type PathLike,
  readdirSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmdirSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { exitCodes, PolycrateError } from "../errors.ts";
import {
  hasDescriptorPaths,
  openPlace,
  openToRead,
  pathOnly,
  type ReadProblem,
  readOpened,
  readProblemOf,
  textOf,
} from "./read.ts";

// An action may be root in the container and change the workspace at any moment, so nothing here looks at a path and uses
// it afterwards. Every folder on the way from `root` is opened without following a link, and what is done next is done in
// the open folder (`/proc/self/fd/N/name`, which is what openat(2) does). Where there is no such path, as on macOS, each
// step is checked and then used.

/** Makes the folder and those above it, below `root`; with `mode` it has exactly that. Throws (73) when a link is on the way. */
export function makeFolder(root: string, path: string, mode?: number): void {
  using folder = openFolder(root, path, "make");
  if (mode !== undefined && folder.isNew) attempt(folder.path, () => fchmodSync(folder.descriptor, mode));
}

/** Makes a folder that the caller named, and those above it; returns where it is without links. Throws (73). */
export function makeNewFolder(path: string): string {
  return attempt(path, () => {
    mkdirSync(path, { recursive: true });
    return realpathSync(path);
  });
}

/** Creates a file that must not be there yet, and its folders. Throws (73) when it cannot, or when a link is on the way. */
export function createFile(root: string, path: string, content: string, mode: number): void {
  using folder = openFolder(root, dirname(path), "make");
  writeNewFile(folder, basename(path), content, mode);
}

/** A file to create. */
export type NewFile = { readonly path: string; readonly content: string; readonly mode: number };

/**
 * Creates files that must not be there yet in a folder below `root`; their paths are relative to it, and a folder that is
 * made for them has exactly the mode. Throws (73) as `createFile` does.
 */
export function createFiles(root: string, path: string, files: readonly NewFile[], folderMode: number): void {
  using folder = openFolder(root, path, "make");
  for (const { path: file, content, mode } of files) {
    using above = openFolder(folder, dirname(file), "make");
    if (above.isNew) attempt(above.path, () => fchmodSync(above.descriptor, folderMode));
    writeNewFile(above, basename(file), content, mode);
  }
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
  // A process that was killed had the same number, and did not come to the renaming.
  tryTo(() => unlinkSync(folder.entry(temporary)));
  writeNewFile(folder, temporary, content, mode, fsyncSync);
  try {
    attempt(join(folder.path, name), () => renameSync(folder.entry(temporary), folder.entry(name)));
  } catch (error) {
    tryTo(() => unlinkSync(folder.entry(temporary)));
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
  return readOpened(openOwnFile(root, path), limit);
}

/** Returns the content of such a file as text; undefined when there is none. */
export function readOwnText(root: string, path: string, limit: number): string | undefined {
  return textOf(readOwnFile(root, path, limit));
}

/**
 * Returns a file of at most `limit` bytes, to which links may lead, or why there is none: `outside` when it is not below
 * `root`, which is without links. It is opened once and then judged. Throws what the system says of a path to nothing.
 */
export function readFileInside(root: string, path: string, limit: number): Buffer | ReadProblem | "outside" {
  const isInside = (real: string) => real.startsWith(root.endsWith("/") ? root : `${root}/`);
  if (!hasDescriptorPaths) {
    const real = realpathSync(path);
    return isInside(real) ? readOwnFile(root, relative(root, real), limit) : "outside";
  }
  const place = openSync(path, constants.O_NONBLOCK | pathOnly);
  if (isInside(readlinkSync(`/proc/self/fd/${place}`))) return readOpened(openPlace(place), limit);
  closeSync(place);
  return "outside";
}

/** Opens such a file and returns its descriptor, or why there is none. */
export function openOwnFile(root: string, path: string): number | ReadProblem {
  try {
    using folder = openFolder(root, dirname(path), "look");
    return openToRead(folder.entry(basename(path)), "refuse");
  } catch (error) {
    if (!(error instanceof PolycrateError)) throw error;
    return error.cause === undefined ? "not a file" : readProblemOf(error.cause);
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

/** Returns when a file or folder below `root` was changed last, in milliseconds since 1970; undefined when it is not there. */
export function changedAt(root: string, path: string): number | undefined {
  try {
    using above = openFolder(root, dirname(path), "look");
    return lstatSync(above.entry(basename(path))).mtimeMs;
  } catch {
    return undefined;
  }
}

/** Returns why the folder is not gone into, as when a link is on the way; undefined when it can be, or is not there. */
export function refusalOf(root: string, path: string): PolycrateError | undefined {
  try {
    openFolder(root, path, "look")[Symbol.dispose]();
    return undefined;
  } catch (error) {
    if (!(error instanceof PolycrateError)) throw error;
    return codeOf(error) === "ENOENT" ? undefined : error;
  }
}

/** Something that is not a folder; its path is relative to the root that was searched. */
export type FoundFile = { readonly path: string; readonly status: BigIntStats };

/** Returns what is below a folder below `root`. No link is followed; what cannot be read, or is too deep, counts as not there. */
export function filesBelow(root: string, path: string): readonly FoundFile[] {
  const found: FoundFile[] = [];
  const visit = (folder: OpenFolder, place: string, depth: number) => {
    using opened = folder;
    for (const name of readdirSync(opened.entry("."))) {
      const status = lstatSync(opened.entry(name), { bigint: true, throwIfNoEntry: false });
      if (status === undefined) continue;
      const next = join(place, name);
      if (!status.isDirectory()) found.push({ path: next, status });
      else if (depth < deepest) tryTo(() => visit(openBelow(opened, name), next, depth + 1));
    }
  };
  tryTo(() => visit(openFolder(root, path, "look"), path, 0));
  return found;
}

/** Each folder on the way is held open. */
const deepest = 500;

/**
 * Removes a file or folder below `root` with all that is in it; nothing when it is not there. A link is removed, and never
 * followed. Throws (73) when it cannot, or when a link is on the way.
 */
export function removePath(root: string, path: string): void {
  try {
    using above = openFolder(root, dirname(path), "look");
    const name = basename(path);
    if (isRemoved(above, name)) return;
    emptyFolder(openBelow(above, name));
    removeEmpty(above, name);
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
  }
}

/** Removes a file, a link or an empty folder; false for a folder that has something in it. */
function isRemoved(folder: OpenFolder, name: Name): boolean {
  const place = folder.entry(name);
  try {
    if (lstatSync(place).isDirectory()) rmdirSync(place);
    else unlinkSync(place);
    return true;
  } catch (cause) {
    if (codeOf(cause) === "ENOENT") return true;
    if (codeOf(cause) === "ENOTEMPTY") return false;
    throw failure("remove", `\`${join(folder.path, String(name))}\``, cause);
  }
}

/** A full folder in a folder is moved to the top before it is emptied: so no depth takes more than two open folders. */
function emptyFolder(opened: OpenFolder): void {
  using top = opened;
  const full: Name[] = [];
  const clear = (folder: OpenFolder) => {
    for (const name of attempt(folder.path, () => readdirSync(folder.entry("."), "buffer"), "remove")) {
      if (isRemoved(folder, name)) continue;
      const moved = folder === top ? name : crypto.randomUUID();
      if (folder !== top) move(folder, name, top, moved);
      full.push(moved);
    }
  };
  clear(top);
  for (const name of full) {
    using folder = openBelow(top, name);
    clear(folder);
    removeEmpty(top, name);
  }
}

function move(folder: OpenFolder, name: Name, target: OpenFolder, moved: Name): void {
  const rename = () => renameSync(folder.entry(name), target.entry(moved));
  attempt(join(folder.path, String(name)), rename, "remove");
}

function removeEmpty(folder: OpenFolder, name: Name): void {
  attempt(join(folder.path, String(name)), () => rmdirSync(folder.entry(name)), "remove");
}

/** A folder that is held open; `entry` is the path of a name in it, wherever the folder has been moved meanwhile. */
type OpenFolder = Disposable & {
  readonly descriptor: number;
  readonly path: string;
  readonly entry: (name: Name) => PathLike;
};

/** Not every name is UTF-8, and what is removed must not depend on it. */
type Name = string | Buffer;

const folderFlags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

const newFileFlags = constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW | constants.O_WRONLY;

function folderAt(descriptor: number, path: string): OpenFolder {
  const base = hasDescriptorPaths ? `/proc/self/fd/${descriptor}` : path;
  return {
    descriptor,
    path,
    entry: (name) =>
      typeof name === "string" ? `${base}/${name}` : Buffer.concat([Buffer.from(`${base}/`), name]),
    [Symbol.dispose]: () => closeSync(descriptor),
  };
}

function openBelow(above: OpenFolder, name: Name): OpenFolder {
  const path = join(above.path, String(name));
  return folderAt(
    attempt(path, () => openSync(above.entry(name), folderFlags), "open"),
    path,
  );
}

/** Opens the folder by way of every folder from `root` down, which are made as they are needed when that is asked for. */
function openFolder(
  root: string | OpenFolder,
  path: string,
  missing: "make" | "look",
): OpenFolder & { readonly isNew: boolean } {
  const verb = missing === "make" ? "write" : "open";
  const [start, shown] = typeof root === "string" ? [root, root] : [root.entry("."), root.path];
  let folder = folderAt(
    attempt(shown, () => openSync(start, folderFlags), verb),
    shown,
  );
  let isNew = false;
  for (const name of path.split("/").filter((segment) => segment !== "" && segment !== ".")) {
    using above = folder;
    const next = join(above.path, name);
    if (name === "..") throw notA("folder", next);
    const opened = attempt(next, () => openOrMake(above, name, missing), verb);
    isNew = opened.isNew;
    folder = folderAt(opened.descriptor, next);
  }
  return { ...folder, isNew };
}

/** Another run may make the folder between the look and the making, which is as good. */
function openOrMake(above: OpenFolder, name: string, missing: "make" | "look") {
  const open = () => {
    try {
      return openSync(above.entry(name), folderFlags);
    } catch (cause) {
      if (["ENOTDIR", "ELOOP"].includes(codeOf(cause))) throw notA("folder", join(above.path, name));
      throw cause;
    }
  };
  try {
    return { descriptor: open(), isNew: false };
  } catch (cause) {
    if (missing === "look" || codeOf(cause) !== "ENOENT") throw cause;
  }
  const isNew = made(above.entry(name));
  return { descriptor: open(), isNew };
}

function made(path: PathLike): boolean {
  try {
    mkdirSync(path, { mode: 0o755 });
    return true;
  } catch (cause) {
    if (codeOf(cause) === "EEXIST") return false;
    throw cause;
  }
}

/** A file that could not be written to its end is not left: it would be taken for what it should have become. */
function writeNewFile(
  folder: OpenFolder,
  name: string,
  content: string,
  mode: number,
  sync: (descriptor: number) => void = () => {},
): void {
  attempt(join(folder.path, name), () => {
    const file = openSync(folder.entry(name), newFileFlags, mode);
    try {
      const bytes = Buffer.from(content);
      for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
      fchmodSync(file, mode);
      sync(file);
    } catch (cause) {
      tryTo(() => unlinkSync(folder.entry(name)));
      throw cause;
    } finally {
      closeSync(file);
    }
  });
}

/** For what may fail: it must not take the place of an error that is being reported. */
function tryTo(action: () => void): void {
  try {
    action();
  } catch {
    // as good as done
  }
}

function notA(kind: "file" | "folder", path: string): PolycrateError {
  return new PolycrateError(`\`${path}\` is not a ${kind}`, {
    hint: "polycrate follows no link here; move it away",
    exitCode: exitCodes.cannotWrite,
  });
}

/** Runs what writes at the path, and reports in a PolycrateError (73) why it could not. */
export function attempt<Result>(path: string, action: () => Result, verb: Verb = "write"): Result {
  try {
    return action();
  } catch (cause) {
    throw cause instanceof PolycrateError ? cause : failure(verb, `\`${path}\``, cause);
  }
}

type Verb = "write" | "open" | "remove";

/** Returns the error (73) for what the system did not let us write. */
export function cannotWrite(what: string, cause: unknown): PolycrateError {
  return failure("write", what, cause);
}

function failure(verb: Verb, what: string, cause: unknown): PolycrateError {
  return new PolycrateError(`cannot ${verb} ${what}: ${reasonOf(cause)}`, {
    hint: hints[codeOf(cause)] ?? "see that the workspace can be written",
    exitCode: exitCodes.cannotWrite,
    cause,
  });
}

/** Returns in words why the system refused something: `the disk is full`; its own name for what there is no word for. */
export function reasonOf(error: unknown): string {
  const code = codeOf(error);
  return reasons[code] ?? code;
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
  EIO: "the disk has an error",
  ELOOP: "it is a link",
  EMFILE: "too many files are open",
  ENOENT: "it does not exist",
  ENOSPC: "the disk is full",
  ENOTDIR: "a file is in the way",
  ENOTEMPTY: "something was put into it meanwhile",
  EPERM: "not permitted",
  EROFS: "the file system is read-only",
};

const hints: Readonly<Record<string, string>> = {
  EACCES: "run as the owner of the workspace, or give yourself write access to it",
  ENOSPC: "free some space",
  EROFS: "copy the workspace to a place that can be written",
};
