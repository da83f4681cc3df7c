import {
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { exitCodes, PolycrateError } from "../errors.ts";

/**
 * Makes the folder and those above it, below `root`. An action may be root in the container and plant links in the
 * workspace, so every step of the way has to be a real folder. Throws (73) when one is not, or cannot be made.
 */
export function makeFolder(root: string, path: string, mode = 0o755): void {
  let folder = root;
  for (const segment of path.split("/")) {
    folder = join(folder, segment);
    const stat = lstatSync(folder, { throwIfNoEntry: false });
    if (stat?.isDirectory()) continue;
    if (stat !== undefined) refuseLink(folder, "a folder");
    attempt(folder, () => mkdirSync(folder, { mode }));
  }
}

/** Makes a folder that somebody named, and those above it, whatever links lead there. Throws (73). */
export function makeNewFolder(path: string): void {
  attempt(path, () => mkdirSync(path, { recursive: true }));
}

/** Creates a file that must not be there yet, and its folders. Throws (73) when it cannot, or when a link is on the way. */
export function createFile(root: string, path: string, content: string, mode: number): void {
  makeFolder(root, dirname(path));
  const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
  writeWith(join(root, path), O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY, content, mode, false);
}

/** Creates a file when there is none; what is there must be a file. Throws (73). */
export function createFileUnlessThere(root: string, path: string, content: string, mode: number): void {
  const stat = lstatSync(join(root, path), { throwIfNoEntry: false });
  if (stat === undefined) createFile(root, path, content, mode);
  else if (!stat.isFile()) refuseLink(join(root, path), "a file");
}

/** Writes the file so that a reader finds the old or the new content, also after a power cut. Throws (73). */
export function replaceFile(root: string, path: string, content: string, mode: number): void {
  makeFolder(root, dirname(path));
  const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
  const target = join(root, path);
  const temporary = `${target}.${process.pid}.tmp`;
  try {
    writeWith(temporary, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY, content, mode, true);
    attempt(target, () => renameSync(temporary, target));
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** Opens a new file for appending and returns its descriptor. Throws (73). */
export function openNewFile(root: string, path: string, mode: number): number {
  makeFolder(root, dirname(path));
  const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY, O_APPEND } = constants;
  return attempt(join(root, path), () =>
    openSync(join(root, path), O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY | O_APPEND, mode),
  );
}

function writeWith(path: string, flags: number, content: string, mode: number, sync: boolean): void {
  attempt(path, () => {
    const file = openSync(path, flags, mode);
    try {
      const bytes = Buffer.from(content);
      for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
      fchmodSync(file, mode);
      if (sync) fsyncSync(file);
    } finally {
      closeSync(file);
    }
  });
}

function refuseLink(path: string, expected: string): never {
  throw new PolycrateError(`\`${path}\` is not ${expected}`, {
    hint: "polycrate follows no link here; move it away",
    exitCode: exitCodes.cannotWrite,
  });
}

/** Runs what writes at the path, and says in a PolycrateError (73) why it could not. */
export function attempt<Result>(path: string, action: () => Result): Result {
  try {
    return action();
  } catch (cause) {
    const code = codeOf(cause);
    throw new PolycrateError(`cannot write \`${path}\`: ${reasons[code] ?? code}`, {
      hint: hints[code] ?? "see that the workspace can be written",
      exitCode: exitCodes.cannotWrite,
      cause,
    });
  }
}

/** Returns the system's name of an error, like `ENOSPC`. */
export function codeOf(cause: unknown): string {
  if (cause instanceof Error && "code" in cause) return String(cause.code);
  return String(cause);
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
