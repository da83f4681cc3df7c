import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  openSync,
  type PathLike,
  read,
  readSync,
} from "node:fs";
import { promisify } from "node:util";

// Files of a workspace are written by its actions and by the authors it was cloned from: a pipe, a device or an endless file
// must not block a command, nor fill its memory. So only this room opens files to read.

/** Why a file was not read. */
export type ReadProblem = "missing" | "unreadable" | "not a file" | "too large";

/** The limit of a text that people write, in bytes: beyond any use, and still read and checked in seconds. */
export const largestText = 16_000_000;

/** True when descriptors of files and folders have paths; not on macOS. */
export const hasDescriptorPaths = existsSync("/proc/self/fd");

/** Returns the content of a regular file of at most `limit` bytes, or why there is none. Links are followed. */
export function readFile(path: string, limit: number): Buffer | ReadProblem {
  return readOpened(openToRead(path, "follow"), limit);
}

/** Returns the content of such a file as text; undefined when there is none. */
export function readText(path: string, limit: number): string | undefined {
  return contentText(readFile(path, limit));
}

/** Returns a content as text; undefined for a problem. */
export function contentText(content: Buffer | ReadProblem): string | undefined {
  return typeof content === "string" ? undefined : content.toString();
}

/**
 * Opens a regular file and returns its descriptor, or why there is none. It is checked before it is opened:
 * opening a device can trigger it, and opening a pipe wakes the process at its other end.
 */
export function openToRead(path: PathLike, links: "follow" | "refuse"): number | ReadProblem {
  const flags = constants.O_NONBLOCK | (links === "refuse" ? constants.O_NOFOLLOW : 0);
  try {
    return hasDescriptorPaths ? reopenFile(openSync(path, flags | pathOnly)) : regular(openSync(path, flags));
  } catch (cause) {
    return readProblemOf(cause);
  }
}

/** Linux's O_PATH (open(2)), which node has no name for. */
export const pathOnly = 0o10000000;

/** Opens the regular file of a `pathOnly` descriptor, which it closes, or returns that it is not a file. */
export function reopenFile(handle: number): number | ReadProblem {
  try {
    if (!fstatSync(handle).isFile()) return "not a file";
    return openSync(`/proc/self/fd/${handle}`, constants.O_NONBLOCK);
  } finally {
    closeSync(handle);
  }
}

function regular(descriptor: number): number | ReadProblem {
  if (fstatSync(descriptor).isFile()) return descriptor;
  closeSync(descriptor);
  return "not a file";
}

/** Returns the content of the open file, which it closes, or why there is none. */
export function readOpened(descriptor: number | ReadProblem, limit: number): Buffer | ReadProblem {
  if (typeof descriptor === "string") return descriptor;
  try {
    const { size } = fstatSync(descriptor);
    return size > limit ? "too large" : readAll(descriptor, size, limit);
  } catch (cause) {
    return readProblemOf(cause);
  } finally {
    closeSync(descriptor);
  }
}

/** Files of /proc report no size, and those of /sys a larger one. What a file grows by meanwhile is not read. */
function readAll(descriptor: number, expected: number, limit: number): Buffer | ReadProblem {
  const parts: Buffer[] = [];
  for (let size = 0; size <= limit; ) {
    const next = size < expected ? expected - size : blockSize;
    const part = Buffer.allocUnsafe(Math.min(next, limit + 1 - size));
    const count = readSync(descriptor, part);
    if (size === 0 && count === expected) return part.subarray(0, count);
    if (count === 0) return Buffer.concat(parts);
    parts.push(part.subarray(0, count));
    size += count;
  }
  return "too large";
}

const blockSize = 1 << 12;

const readAsync = promisify(read);

/** Yields the content of the open file, which it closes, in parts of at most `size` bytes; signals are handled between them. */
export async function* readParts(descriptor: number, size: number): AsyncGenerator<Buffer> {
  try {
    for (;;) {
      const { bytesRead, buffer } = await readAsync(descriptor, Buffer.allocUnsafe(size), 0, size, null);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    closeSync(descriptor);
  }
}

/** Returns the problem that a system error means for a reader. */
export function readProblemOf(cause: unknown): ReadProblem {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  if (code === "ENOENT" || code === "ENOTDIR") return "missing";
  // A socket, or a device without a driver, cannot be opened; a link that is not followed is not a file.
  return ["ENXIO", "ENODEV", "ELOOP", "EISDIR"].includes(code) ? "not a file" : "unreadable";
}
