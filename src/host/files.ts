import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  realpathSync,
  renameSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { codeOf, ignoreErrors, wrapFileError, wrongKind } from "./fileErrors.ts";
import { type OpenFolder, openFolder } from "./openFolder.ts";

/** Creates a folder below `root`, with its parents; a new one has exactly the `mode`. Throws (73) when a parent is a link. */
export function makeFolder(root: string, path: string, mode?: number): void {
  using folder = openFolder(root, path, "make");
  if (mode !== undefined && folder.isNew)
    wrapFileError(folder.path, () => fchmodSync(folder.descriptor, mode));
}

/** Creates a folder that the caller named, with its parents; returns its real path. Throws (73). */
export function makeNewFolder(path: string): string {
  return wrapFileError(path, () => {
    mkdirSync(path, { recursive: true });
    return realpathSync(path);
  });
}

/** Creates a file that must not exist yet, with its parent folders. Throws (73) when it fails, or a parent is a link. */
export function createFile(root: string, path: string, content: string, mode: number): void {
  using folder = openFolder(root, dirname(path), "make");
  writeNewFile(folder, basename(path), content, mode);
}

/** A file to create. */
export type NewFile = {
  readonly path: string;
  readonly content: string | Uint8Array;
  readonly mode: number;
};

/**
 * Creates files that must not exist yet in a folder below `root`; their paths are relative to it, and new folders
 * have exactly the mode. Throws (73) as `createFile` does.
 */
export function createFiles(root: string, path: string, files: readonly NewFile[], folderMode: number): void {
  using folder = openFolder(root, path, "make");
  for (const { path: file, content, mode } of files) {
    using above = openFolder(folder, dirname(file), "make");
    if (above.isNew) wrapFileError(above.path, () => fchmodSync(above.descriptor, folderMode));
    writeNewFile(above, basename(file), content, mode);
  }
}

/** Creates a file unless it exists; throws (73) when the path is not a file. */
export function createFileUnlessThere(root: string, path: string, content: string, mode: number): void {
  using folder = openFolder(root, dirname(path), "make");
  const name = basename(path);
  try {
    writeNewFile(folder, name, content, mode);
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
    if (lstatSync(folder.entry(name), { throwIfNoEntry: false })?.isFile() === false) {
      throw wrongKind("file", join(folder.path, name));
    }
  }
}

/**
 * Replaces a file by rename, so that readers see the old or the new content; even after a power cut, unless it is synced later,
 * by `syncFile`. Throws (73).
 */
export function replaceFile(
  root: string,
  path: string,
  content: string | Uint8Array,
  mode: number,
  sync: "now" | "later" = "now",
): void {
  using folder = openFolder(root, dirname(path), "make");
  replaceIn(folder, basename(path), content, mode, sync === "now" ? fsyncSync : () => {});
}

/** Waits until a file that was written is on the disk. Throws (73). */
export function syncFile(root: string, path: string): void {
  using folder = openFolder(root, dirname(path), "look");
  wrapFileError(join(folder.path, basename(path)), () => {
    const descriptor = openSync(
      folder.entry(basename(path)),
      constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
    );
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  });
}

/**
 * Writes a file whose name tells its content, unless a file of that name and size exists: then only its time is renewed.
 * Readers check what they read, because after a power cut it may not be complete. Throws (73).
 */
export function keepFile(root: string, path: string, content: string, mode: number): void {
  using folder = openFolder(root, dirname(path), "make");
  const name = basename(path);
  const found = lstatSync(folder.entry(name), { throwIfNoEntry: false });
  if (found?.isFile() === true && found.size === Buffer.byteLength(content)) {
    const now = new Date();
    ignoreErrors(() => lutimesSync(folder.entry(name), now, now));
  } else replaceIn(folder, name, content, mode, () => {});
}

function replaceIn(
  folder: OpenFolder,
  name: string,
  content: string | Uint8Array,
  mode: number,
  sync: (descriptor: number) => void,
): void {
  const temporary = `${name}.${process.pid}.tmp`;
  // A killed process of the same number may have left one.
  ignoreErrors(() => unlinkSync(folder.entry(temporary)));
  writeNewFile(folder, temporary, content, mode, sync);
  try {
    wrapFileError(join(folder.path, name), () => renameSync(folder.entry(temporary), folder.entry(name)));
  } catch (error) {
    ignoreErrors(() => unlinkSync(folder.entry(temporary)));
    throw error;
  }
}

/** Opens a new file for appending and returns its descriptor. Throws (73). */
export function openNewFile(root: string, path: string, mode: number): number {
  using folder = openFolder(root, dirname(path), "make");
  const name = basename(path);
  return wrapFileError(join(folder.path, name), () =>
    openSync(folder.entry(name), newFileFlags | constants.O_APPEND, mode),
  );
}

/** Appends to a file that exists, or creates it, and does not follow a link in its place. Throws (73). */
export function appendToFile(path: string, content: string): void {
  const flags = constants.O_CREAT | constants.O_APPEND | constants.O_WRONLY;
  wrapFileError(path, () => {
    const file = openSync(path, flags | constants.O_NOFOLLOW | constants.O_NONBLOCK, 0o644);
    try {
      if (!fstatSync(file).isFile()) throw wrongKind("file", path);
      writeAll(file, content);
    } finally {
      closeSync(file);
    }
  });
}

/** Replaces the content of a file that exists, in its place, so that a mount of it shows the new one. Throws (73). */
export function overwriteFile(root: string, path: string, content: string): void {
  using folder = openFolder(root, dirname(path), "look");
  const flags = constants.O_WRONLY | constants.O_TRUNC | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  wrapFileError(join(folder.path, basename(path)), () => {
    const file = openSync(folder.entry(basename(path)), flags);
    try {
      writeAll(file, content);
    } finally {
      closeSync(file);
    }
  });
}

function writeAll(file: number, content: string | Uint8Array): void {
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
}

const newFileFlags = constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW | constants.O_WRONLY;

/** A file that could not be written completely is removed: it cannot be distinguished from a complete one. */
function writeNewFile(
  folder: OpenFolder,
  name: string,
  content: string | Uint8Array,
  mode: number,
  sync: (descriptor: number) => void = () => {},
): void {
  wrapFileError(join(folder.path, name), () => {
    const file = openSync(folder.entry(name), newFileFlags, mode);
    try {
      writeAll(file, content);
      fchmodSync(file, mode);
      sync(file);
    } catch (cause) {
      ignoreErrors(() => unlinkSync(folder.entry(name)));
      throw cause;
    } finally {
      closeSync(file);
    }
  });
}
