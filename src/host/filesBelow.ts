import {
  type BigIntStats,
  closeSync,
  constants,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  realpathSync,
} from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { PolycrateError } from "../errors.ts";
import { codeOf, ignoreErrors } from "./fileErrors.ts";
import { type OpenFolder, openFolder, openSubfolder } from "./openFolder.ts";
import {
  contentText,
  hasDescriptorPaths,
  openToRead,
  pathOnly,
  type ReadProblem,
  readOpened,
  readProblemOf,
  reopenFile,
} from "./read.ts";

/** Returns the content of a file below `root`, of at most `limit` bytes, or why it cannot be read; links are not followed. */
export function readOwnFile(root: string, path: string, limit: number): Buffer | ReadProblem {
  return readOpened(openOwnFile(root, path), limit);
}

/** Returns the content of such a file as text; undefined when there is none. */
export function readOwnText(root: string, path: string, limit: number): string | undefined {
  return contentText(readOwnFile(root, path, limit));
}

/**
 * Returns the content of a file of at most `limit` bytes, links followed, or why it cannot be read: `outside` when it is not
 * below `root`, a real path. It is opened once and then checked. Throws the system's error when the path does not exist.
 */
export function readFileInside(root: string, path: string, limit: number): Buffer | ReadProblem | "outside" {
  const isInside = (real: string) => real.startsWith(root.endsWith("/") ? root : `${root}/`);
  if (!hasDescriptorPaths) {
    const real = realpathSync(path);
    return isInside(real) ? readOwnFile(root, relative(root, real), limit) : "outside";
  }
  const handle = openSync(path, constants.O_NONBLOCK | pathOnly);
  if (isInside(readlinkSync(`/proc/self/fd/${handle}`))) return readOpened(reopenFile(handle), limit);
  closeSync(handle);
  return "outside";
}

/** Opens such a file and returns its descriptor, or why it cannot be read. */
export function openOwnFile(root: string, path: string): number | ReadProblem {
  try {
    using folder = openFolder(root, dirname(path), "look");
    return openToRead(folder.entry(basename(path)), "refuse");
  } catch (error) {
    if (!(error instanceof PolycrateError)) throw error;
    return error.cause === undefined ? "not a file" : readProblemOf(error.cause);
  }
}

/** Returns the names in a folder below `root`, sorted; none when it does not exist, or a parent is a link. */
export function namesIn(root: string, path: string): readonly string[] {
  try {
    using folder = openFolder(root, path, "look");
    return readdirSync(folder.entry(".")).sort();
  } catch {
    return [];
  }
}

/** Returns the modification time of a path below `root`, in milliseconds since 1970; undefined when it does not exist. */
export function changedAt(root: string, path: string): number | undefined {
  try {
    using above = openFolder(root, dirname(path), "look");
    return lstatSync(above.entry(basename(path))).mtimeMs;
  } catch {
    return undefined;
  }
}

/** Returns why the folder cannot be opened, for example because a parent is a link; undefined when it can, or does not exist. */
export function refusalOf(root: string, path: string): PolycrateError | undefined {
  try {
    openFolder(root, path, "look")[Symbol.dispose]();
    return undefined;
  } catch (error) {
    if (!(error instanceof PolycrateError)) throw error;
    return codeOf(error) === "ENOENT" ? undefined : error;
  }
}

/** A file, link or other entry that is not a folder; its path is relative to the root that was searched. */
export type FoundFile = { readonly path: string; readonly status: BigIntStats };

/** Returns all files below a folder of `root`. Links are not followed; what cannot be read, or is nested too deeply, is left out. */
export function filesBelow(root: string, path: string): readonly FoundFile[] {
  const found: FoundFile[] = [];
  const visit = (folder: OpenFolder, folderPath: string, depth: number) => {
    using opened = folder;
    for (const name of readdirSync(opened.entry("."))) {
      const status = lstatSync(opened.entry(name), { bigint: true, throwIfNoEntry: false });
      if (status === undefined) continue;
      const next = join(folderPath, name);
      if (!status.isDirectory()) found.push({ path: next, status });
      else if (depth < deepestFolder) ignoreErrors(() => visit(openSubfolder(opened, name), next, depth + 1));
    }
  };
  ignoreErrors(() => visit(openFolder(root, path, "look"), path, 0));
  return found;
}

/** Each folder of the path is held open. */
const deepestFolder = 500;
