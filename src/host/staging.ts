import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  ftruncateSync,
  futimesSync,
  linkSync,
  lstatSync,
  lutimesSync,
  openSync,
  type PathLike,
  readlinkSync,
  readSync,
  renameSync,
  symlinkSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { codeOf, ignoreErrors, wrapFileError } from "./fileErrors.ts";
import type { EntryName } from "./fileName.ts";
import { makeFolder } from "./files.ts";
import { type OpenFolder, openFolder } from "./openFolder.ts";
import { openToRead } from "./read.ts";
import { removePath } from "./removal.ts";

// What comes from another machine is first written as a whole into a folder of its own, under numbers for names, and then put
// into its place by renaming: nothing in its place is ever half of a file, and until all of it has come nothing has changed.

/** A folder for files that come, in the file system of the place where they go; disposing removes it. */
export type Staging = Disposable & {
  readonly folder: OpenFolder;
  /** Creates the file of that number. */
  readonly create: (number: number) => StagedFile;
  /** Gives a file a second number. Throws (73). */
  readonly link: (existing: number, number: number) => void;
  /** Creates a link of that number; its time is in seconds since 1970. Throws (73). */
  readonly createLink: (number: number, target: EntryName, mtime: number) => void;
};

/** A file that is being written. Throws (73). */
export type StagedFile = Disposable & {
  /** Writes at an offset in bytes; what is left out is a hole. */
  readonly write: (part: Uint8Array, offset: number) => void;
  /** Gives it its size in bytes, and its time in seconds since 1970. */
  readonly finish: (size: number, mtime: number) => void;
};

/** Creates the folder, which must not hold anything of another run, below `root`. Throws (73). */
export function openStaging(root: string, path: string): Staging {
  removePath(root, path);
  makeFolder(root, path, 0o700);
  const folder = openFolder(root, path, "look");
  return {
    folder,
    create: (number) => stagedFile(folder, String(number)),
    link: (existing, number) =>
      wrapFileError(folder.path, () =>
        linkSync(folder.entry(String(existing)), folder.entry(String(number))),
      ),
    createLink: (number, target, mtime) =>
      wrapFileError(folder.path, () => {
        symlinkSync(target, folder.entry(String(number)));
        lutimesSync(folder.entry(String(number)), mtime, mtime);
      }),
    [Symbol.dispose]: () => {
      folder[Symbol.dispose]();
      ignoreErrors(() => removePath(root, path));
    },
  };
}

const newFile = constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW | constants.O_WRONLY;

function stagedFile(folder: OpenFolder, name: EntryName): StagedFile {
  const guard = <Result>(action: () => Result) => wrapFileError(folder.path, action);
  const file = guard(() => openSync(folder.entry(name), newFile, 0o600));
  return {
    write: (part, offset) =>
      guard(() => {
        for (let written = 0; written < part.length; )
          written += writeSync(file, part, written, part.length - written, offset + written);
      }),
    finish: (size, mtime) =>
      guard(() => {
        ftruncateSync(file, size);
        futimesSync(file, mtime, mtime);
      }),
    [Symbol.dispose]: () => closeSync(file),
  };
}

/**
 * Moves what is staged into the place of a name in an open folder, in one step; a file gets these permission bits. A link in its place
 * is replaced. Between file systems it is copied beside it first. Throws the system's error.
 */
export function placeStaged(
  { folder }: Staging,
  number: number,
  mode: number,
  target: OpenFolder,
  name: EntryName,
): void {
  const staged = String(number);
  setMode(folder, staged, mode);
  try {
    renameSync(folder.entry(staged), target.entry(name));
  } catch (error) {
    if (codeOf(error) !== "EXDEV") throw error;
    const beside = `.polycrate-${process.pid}-${staged}.tmp`;
    try {
      copyEntry(folder, staged, mode, target, beside);
      renameSync(target.entry(beside), target.entry(name));
    } catch (cause) {
      ignoreErrors(() => unlinkSync(target.entry(beside)));
      throw cause;
    }
  }
}

/** Copies what is staged to a new name in an open folder; a file gets these permission bits. Throws the system's error. */
export function copyStaged(
  { folder }: Staging,
  number: number,
  mode: number,
  target: OpenFolder,
  name: EntryName,
): void {
  copyEntry(folder, String(number), mode, target, name);
}

function copyEntry(
  folder: OpenFolder,
  staged: string,
  mode: number,
  target: OpenFolder,
  name: EntryName,
): void {
  const from = folder.entry(staged);
  if (lstatSync(from).isSymbolicLink()) symlinkSync(readlinkSync(from, "buffer"), target.entry(name));
  else copyFileTo(from, target, name, mode);
}

/** A second name of a file has its mode already, and a link has none. */
function setMode(folder: OpenFolder, name: EntryName, mode: number): void {
  const file = openToRead(folder.entry(name), "refuse");
  if (typeof file === "string") return;
  try {
    fchmodSync(file, mode);
  } finally {
    closeSync(file);
  }
}

function copyFileTo(from: PathLike, target: OpenFolder, name: EntryName, mode: number): void {
  const source = openSync(from, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const { size, mtimeMs } = fstatSync(source);
    using copy = stagedFile(target, name);
    const part = Buffer.allocUnsafe(1 << 18);
    for (let offset = 0; ; ) {
      const count = readSync(source, part, 0, part.length, offset);
      if (count === 0) break;
      copy.write(part.subarray(0, count), offset);
      offset += count;
    }
    copy.finish(size, mtimeMs / 1000);
    setMode(target, name, mode);
  } finally {
    closeSync(source);
  }
}
