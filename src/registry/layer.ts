import { posix } from "node:path";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { printable } from "../errors.ts";
import { type ArchivedEntry, readTar } from "../tar/readTar.ts";
import {
  addEntry,
  type BlockEntry,
  badBlock,
  largestBlock,
  mostEntries,
  removeBelow,
  tooMany,
  wrongLink,
  wrongPath,
} from "./blockEntries.ts";

/** The entries so far, and how many of the image's layers' entries were read. */
export type LayerState = { readonly entries: Map<string, BlockEntry>; count: number; bytes: number };

/**
 * Applies a layer, a tar that may be compressed, to the entries of those below it, with its whiteouts (OCI image specification,
 * layers). Throws (65) for anything that a block may not have; `what` names the image.
 */
export async function applyLayer(state: LayerState, layer: Uint8Array, what: string): Promise<void> {
  const { entries } = state;
  const seen = new Set<string>();
  const fail = (problem: string) => badBlock(what, `a layer is not a complete tar: ${printable(problem)}`);
  const limits = { entries: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY, fail };
  for await (const entry of readTar(inOnePart(decompressed(layer, what)), limits)) {
    state.count += 1;
    if (state.count > mostEntries) throw tooMany(what);
    const { path } = entry;
    if (path === ".") continue;
    const wrong = wrongPath(path) ?? wrongKindOfEntry(entry);
    if (wrong !== undefined) throw badBlock(what, printable(wrong));
    const whiteout = /^(.*\/)?\.wh\.([^/]*)$/.exec(path);
    const content = await readContent(entry, state, what);
    if (whiteout !== null) whiteOut(entries, seen, whiteout[1] ?? "", whiteout[2] ?? "");
    else {
      addEntry(entries, entryOf(entry, content), what);
      seen.add(path);
    }
  }
}

async function* inOnePart(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

function decompressed(layer: Uint8Array, what: string): Uint8Array {
  const [first, second, third, fourth] = layer;
  const options = { maxOutputLength: largestBlock + mostEntries * 2048 };
  try {
    if (first === 0x1f && second === 0x8b) return gunzipSync(layer, options);
    const isZstd = first === 0x28 && second === 0xb5 && third === 0x2f && fourth === 0xfd;
    return isZstd ? zstdDecompressSync(layer, options) : layer;
  } catch {
    throw badBlock(what, `a layer cannot be decompressed to ${largestBlock / 1e6} MB or less`);
  }
}

function wrongKindOfEntry({ path, kind, mode, target, regions }: ArchivedEntry): string | undefined {
  if (!["file", "directory", "link"].includes(kind)) return `\`${path}\` is a ${kind}`;
  if (regions !== undefined) return `\`${path}\` is a sparse file`;
  if ((mode & 0o6000) !== 0) return `\`${path}\` has the setuid or setgid bit`;
  return kind === "link" ? wrongLink(path, target) : undefined;
}

async function readContent(entry: ArchivedEntry, state: LayerState, what: string): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of entry.content()) {
    state.bytes += part.length;
    if (state.bytes > largestBlock) throw badBlock(what, `it is larger than ${largestBlock / 1e6} MB`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function entryOf({ path, kind, mode, target }: ArchivedEntry, content: Uint8Array): BlockEntry {
  if (kind === "directory") return { path, kind };
  if (kind === "link") return { path, kind, target };
  return { path, kind: "file", executable: (mode & 0o111) !== 0, content };
}

/** A whiteout hides what the layers below have, not what its own layer adds. */
function whiteOut(
  entries: Map<string, BlockEntry>,
  seen: ReadonlySet<string>,
  folder: string,
  name: string,
): void {
  const kept = [...entries].filter(([path]) => seen.has(path));
  if (name === ".wh..opq")
    removeBelow(entries, folder === "" ? "." : posix.normalize(folder).replace(/\/$/, ""));
  else {
    removeBelow(entries, `${folder}${name}`);
    entries.delete(`${folder}${name}`);
  }
  for (const [path, entry] of kept) entries.set(path, entry);
}
