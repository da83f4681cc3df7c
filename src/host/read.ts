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

// A workspace's files are not trusted: they are written by actions, or come from a clone. A pipe, a device or an endless file
// must not block a command or exhaust its memory. So only this folder opens files for reading.

/** Why a file was not read. */
export type ReadProblem = "missing" | "unreadable" | "not a file" | "too large";

/** The size limit of a text file, in bytes: larger than any real one, and still read and checked within seconds. */
export const largestText = 16_000_000;

/** True when descriptors of files and folders have paths; not on macOS. */
export const hasDescriptorPaths = existsSync("/proc/self/fd");

/** Returns the content of a regular file of at most `limit` bytes, or why it cannot be read. Links are followed. */
export function readFile(path: string, limit: number): Buffer | ReadProblem {
  return readOpened(openToRead(path, "follow"), limit);
}

/** Returns the content of such a file as text; undefined when it cannot be read. */
export function readText(path: string, limit: number): string | undefined {
  return contentText(readFile(path, limit));
}

/** Returns a content as text; undefined for a problem. */
export function contentText(content: Buffer | ReadProblem): string | undefined {
  return typeof content === "string" ? undefined : content.toString();
}

/**
 * Opens a regular file and returns its descriptor, or why it cannot be read. It is checked before it is opened: opening a
 * device can have side effects, and opening a pipe wakes the process at its other end.
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

/** Opens the regular file of a `pathOnly` descriptor, which it closes, or returns "not a file". */
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

/** Returns the content of the open file, which it closes, or why it cannot be read. */
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

/** Files in /proc report no size, those in /sys a larger one. Data that is appended while reading is not read. */
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

/** Returns why a file cannot be read, by the system error. */
export function readProblemOf(cause: unknown): ReadProblem {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  if (code === "ENOENT" || code === "ENOTDIR") return "missing";
  // A socket, or a device without a driver, cannot be opened; a link that is not followed is not a file.
  return ["ENXIO", "ENODEV", "ELOOP", "EISDIR"].includes(code) ? "not a file" : "unreadable";
}
