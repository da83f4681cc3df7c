import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { exitCodes, PolycrateError } from "../../errors.ts";
import type { BuildContext, ContextEntry, ContextFile } from "../../workspace/context/buildContext.ts";
import { openFlags } from "../../workspace/context/contextDigest.ts";
import { endOfTar, tarHeader, tarPadding } from "./tarHeader.ts";

/**
 * Yields the build context as a tar: the same context, the same bytes. Files are read from the workspace `directory` and
 * checked while they are sent, since the image's tag is the hash of what they were. Throws a PolycrateError (65) when one
 * is something else by now; the tar then ends in the middle of that file, so that docker cannot take it for complete.
 */
export async function* contextTar(context: BuildContext, directory: string): AsyncGenerator<Uint8Array> {
  // docker looks at the first block alone to tell a tar from a Dockerfile, and takes a pax header for neither.
  yield tarHeader({ path: ".", kind: "directory", mode: 0o755, size: 0 });
  for (const entry of context.entries) {
    yield tarHeader({ ...metadataOf(entry), path: entry.path });
    if (entry.kind === "file" && entry.size > 0) {
      yield* checkedContent(entry, directory);
      yield tarPadding(entry.size);
    }
  }
  yield endOfTar;
}

/**
 * Writes the tar to docker's standard input and ends it. When docker no longer reads, that is no error: its exit code
 * tells more. Throws as `contextTar` does, with the input closed, so that docker fails and ends.
 */
export async function sendContext(
  context: BuildContext,
  directory: string,
  stdin: NodeJS.WritableStream,
): Promise<void> {
  const closed = Promise.withResolvers<"closed">();
  for (const event of ["error", "close"]) stdin.on(event, () => closed.resolve("closed"));
  try {
    for await (const part of contextTar(context, directory)) {
      if (stdin.write(part)) continue;
      const drained = Promise.withResolvers<"drained">();
      stdin.once("drain", () => drained.resolve("drained"));
      if ((await Promise.race([drained.promise, closed.promise])) === "closed") return;
    }
  } finally {
    stdin.end();
  }
}

function metadataOf(entry: ContextEntry): Omit<Parameters<typeof tarHeader>[0], "path"> {
  if (entry.kind === "link") return { kind: "link", mode: 0o777, size: 0, target: entry.target };
  return { kind: entry.kind, mode: entry.mode, size: entry.kind === "file" ? entry.size : 0 };
}

const partSize = 1 << 20;

/**
 * Yields the content of a file of the context in parts. The last is held back until all of it is known to be what was
 * hashed. Throws a PolycrateError (65) when it is not.
 */
export async function* checkedContent(entry: ContextFile, directory: string): AsyncGenerator<Uint8Array> {
  if (entry.content !== undefined) {
    yield Buffer.from(entry.content);
    return;
  }
  const file = await openChecked(entry, entry.source ?? join(directory, entry.path));
  try {
    const hasher = new Bun.CryptoHasher("sha256");
    for (let left = entry.size; left > 0; ) {
      const part = await readPart(file, Math.min(left, partSize));
      hasher.update(part);
      left -= part.length;
      if (part.length === 0) throw changed(entry);
      if (left === 0 && hasher.digest("hex") !== entry.digest) throw changed(entry);
      if (left === 0 && (await readPart(file, 1)).length > 0) throw changed(entry);
      yield part;
    }
  } finally {
    await file.close();
  }
}

async function openChecked(entry: ContextFile, source: string): Promise<FileHandle> {
  try {
    const file = await open(source, openFlags);
    if ((await file.stat()).isFile()) return file;
    await file.close();
  } catch (cause) {
    throw changed(entry, cause);
  }
  throw changed(entry);
}

async function readPart(file: FileHandle, size: number): Promise<Uint8Array> {
  const part = Buffer.allocUnsafe(size);
  const { bytesRead } = await file.read(part, 0, size, null);
  return part.subarray(0, bytesRead);
}

function changed({ path }: ContextFile, cause?: unknown): PolycrateError {
  return new PolycrateError(`\`${path}\` changed while it was sent to docker`, {
    hint: "nothing was tagged; run it again when the file is no longer being written",
    exitCode: exitCodes.invalidWorkspace,
    cause,
  });
}
