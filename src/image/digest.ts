import { fstatSync } from "node:fs";
import { exitCodes, PolycrateError } from "../errors.ts";
import { type ReadProblem, readOpened, readParts } from "../host/read.ts";

/** The twelve permission bits of a file, and the size in bytes and the SHA-256 in hex of its content. */
export type FileDigest = { readonly mode: number; readonly size: number; readonly digest: string };

/**
 * Reads the file that `open` opens and returns its digest, with at most 1 MiB of it in memory. Undefined when it is no
 * longer a file. `path` is its name in the PolycrateError (65) for one that cannot be read.
 */
export async function digestFile(
  open: () => number | ReadProblem,
  path: string,
): Promise<FileDigest | undefined> {
  const descriptor = open();
  if (descriptor === "missing" || descriptor === "not a file") return undefined;
  if (typeof descriptor === "string") throw unreadableFile(path);
  const { mode, size } = fstatSync(descriptor);
  if (size >= partSize) return { mode: mode & 0o7777, ...(await digestInParts(descriptor, path)) };
  // Most files are small, and reading a thousand of them synchronously takes a tenth of the time.
  const content = readOpened(descriptor, partSize);
  if (content === "too large") return digestFile(open, path);
  if (typeof content === "string") throw unreadableFile(path);
  return { mode: mode & 0o7777, size: content.length, digest: sha256(content) };
}

/** Returns the SHA-256 in hex of a content in memory. */
export function sha256(content: Uint8Array): string {
  return new Bun.CryptoHasher("sha256").update(content).digest("hex");
}

/** The most bytes of a file that are in memory at once. */
export const partSize = 1 << 20;

async function digestInParts(descriptor: number, path: string) {
  const hasher = new Bun.CryptoHasher("sha256");
  let size = 0;
  try {
    for await (const part of readParts(descriptor, partSize)) {
      hasher.update(part);
      size += part.length;
    }
  } catch (cause) {
    throw unreadableFile(path, cause);
  }
  return { size, digest: hasher.digest("hex") };
}

function unreadableFile(path: string, cause?: unknown): PolycrateError {
  return new PolycrateError(`\`${path}\` cannot be read for the build context`, {
    hint: "change its permissions, or list it in `.dockerignore`",
    exitCode: exitCodes.invalidWorkspace,
    cause,
  });
}
