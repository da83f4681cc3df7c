import { exitCodes, PolycrateError } from "../errors.ts";
import { openOwnFile } from "../host/filesBelow.ts";
import type { ProgramInput } from "../host/process.ts";
import { openToRead, readParts } from "../host/read.ts";
import { endOfTar, tarHeader, tarPadding } from "../tar/tarHeader.ts";
import type { ContextEntry, ContextFile } from "./buildContext.ts";
import { partSize } from "./digest.ts";

/** What a tar is made of: the entries of a build context, or files whose contents are bytes in memory. */
export type TarContent = { readonly entries: readonly TarEntry[] };

type TarEntry = ContextEntry | TarFile;

type TarFile = Omit<ContextFile, "content"> & { readonly content?: string | Uint8Array };

/**
 * Yields the build context as a tar: equal contexts give equal bytes. Files are read from the workspace `directory` and
 * checked while they are sent, since the image's tag is their hash. Throws a PolycrateError (65) when one has changed;
 * the tar then ends inside that file: docker treats a tar that ends between two entries as complete.
 */
export async function* contextTar(context: TarContent, directory: string): AsyncGenerator<Uint8Array> {
  // docker recognizes a tar by its first block, and a pax header is not enough.
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
 * Writes the tar to docker's standard input and ends it. It is not an error when docker stops reading: its exit code
 * reports the reason. Throws as `contextTar` does, with the input closed, so that docker fails and ends.
 */
export async function sendContext(
  context: TarContent,
  directory: string,
  stdin: ProgramInput,
): Promise<void> {
  try {
    for await (const part of contextTar(context, directory)) {
      if (!(await stdin.write(part))) return;
    }
  } finally {
    await stdin.end();
  }
}

function metadataOf(entry: TarEntry): Omit<Parameters<typeof tarHeader>[0], "path"> {
  if (entry.kind === "link") return { kind: "link", mode: 0o777, size: 0, target: entry.target };
  return { kind: entry.kind, mode: entry.mode, size: entry.kind === "file" ? entry.size : 0 };
}

/**
 * Yields the content of a file of the context in parts. The last is held back until the whole content is known to be what was
 * hashed. Throws a PolycrateError (65) when it is not.
 */
export async function* checkedContent(entry: TarFile, directory: string): AsyncGenerator<Uint8Array> {
  if (entry.content !== undefined) {
    yield typeof entry.content === "string" ? Buffer.from(entry.content) : entry.content;
    return;
  }
  const hasher = new Bun.CryptoHasher("sha256");
  let size = 0;
  let held: Uint8Array = new Uint8Array();
  for await (const part of partsIn(entry, directory)) {
    if (held.length > 0) yield held;
    held = part;
    size += part.length;
    hasher.update(part);
    if (size > entry.size) break;
  }
  if (size !== entry.size || hasher.digest("hex") !== entry.digest) throw changedFile(entry);
  if (held.length > 0) yield held;
}

async function* partsIn(entry: TarFile, directory: string): AsyncGenerator<Uint8Array> {
  const { path, source } = entry;
  const descriptor = source === undefined ? openOwnFile(directory, path) : openToRead(source, "refuse");
  if (typeof descriptor === "string") throw changedFile(entry);
  yield* readParts(descriptor, Math.min(entry.size + 1, partSize));
}

function changedFile({ path }: TarFile): PolycrateError {
  return new PolycrateError(`\`${path}\` changed while it was sent to docker`, {
    hint: "no image was tagged; try again when the file is no longer being written",
    exitCode: exitCodes.invalidWorkspace,
  });
}
