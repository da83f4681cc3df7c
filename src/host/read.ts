import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";

/** Why a file was not read. */
export type ReadProblem = "missing" | "unreadable" | "not a file" | "too large";

/** Opening so never waits for the other end of a pipe. */
export const readFlags = constants.O_RDONLY | constants.O_NONBLOCK;

/**
 * Returns the content of a regular file of at most `limit` bytes, or why there is none. Links are followed. Files of a
 * workspace are written by its actions and by whoever it was cloned from: a pipe, a device or a file without end must not
 * hold a command up.
 */
export function readFile(path: string, limit: number): Buffer | ReadProblem {
  return readFrom(() => openSync(path, readFlags), limit);
}

/** Returns the content of such a file as text; undefined when there is none. */
export function readText(path: string, limit: number): string | undefined {
  const content = readFile(path, limit);
  return typeof content === "string" ? undefined : content.toString();
}

/** Returns what `readFile` returns, of the file that `open` gives the descriptor of. */
export function readFrom(open: () => number, limit: number): Buffer | ReadProblem {
  try {
    const descriptor = open();
    try {
      const status = fstatSync(descriptor);
      if (!status.isFile()) return "not a file";
      return status.size > limit ? "too large" : readAll(descriptor, limit);
    } finally {
      closeSync(descriptor);
    }
  } catch (cause) {
    return problemOf(cause);
  }
}

/** The size of a file is only what it was: files of /proc have none, and others grow. */
function readAll(descriptor: number, limit: number): Buffer | ReadProblem {
  const parts: Buffer[] = [];
  for (let size = 0; size <= limit; ) {
    const part = Buffer.allocUnsafe(Math.min(partSize, limit + 1 - size));
    const count = readSync(descriptor, part);
    if (count === 0) return Buffer.concat(parts);
    parts.push(part.subarray(0, count));
    size += count;
  }
  return "too large";
}

const partSize = 1 << 16;

function problemOf(cause: unknown): ReadProblem {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  if (code === "ENOENT" || code === "ENOTDIR") return "missing";
  // A socket or a device without a driver cannot be opened at all; a link that is not followed is not a file.
  return code === "ENXIO" || code === "ENODEV" || code === "ELOOP" || code === "EISDIR"
    ? "not a file"
    : "unreadable";
}
