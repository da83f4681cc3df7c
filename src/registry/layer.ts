import { posix } from "node:path";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { extract, type Header } from "tar-stream";
import { PolycrateError, printable } from "../errors.ts";
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
  const archive = extract();
  archive.end(decompressed(layer, what));
  const { entries } = state;
  const seen = new Set<string>();
  try {
    for await (const entry of archive) {
      state.count += 1;
      if (state.count > mostEntries) throw tooMany(what);
      const { header } = entry;
      const path = header.name.replace(/^(?:\.\/)+/, "").replace(/\/$/, "");
      if (path === "" || path === ".") {
        entry.resume();
        continue;
      }
      const wrong = wrongPath(path) ?? wrongHeader(header, path);
      if (wrong !== undefined) throw badBlock(what, printable(wrong));
      const whiteout = /^(.*\/)?\.wh\.([^/]*)$/.exec(path);
      const content = await readContent(entry, state, what);
      if (whiteout !== null) whiteOut(entries, seen, whiteout[1] ?? "", whiteout[2] ?? "");
      else {
        addEntry(entries, entryOf(header, path, content), what);
        seen.add(path);
      }
    }
  } catch (error) {
    if (error instanceof PolycrateError) throw error;
    throw badBlock(what, "a layer is not a complete tar");
  } finally {
    archive.destroy();
  }
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

function wrongHeader({ type, mode = 0, linkname }: Header, path: string): string | undefined {
  const isPlain = ["file", "directory", "symlink", "contiguous-file"].includes(type ?? "file");
  if (!isPlain) return `\`${path}\` is a ${type === "link" ? "hard link" : type}`;
  if ((mode & 0o6000) !== 0) return `\`${path}\` has the setuid or setgid bit`;
  return type === "symlink" ? wrongLink(path, linkname ?? "") : undefined;
}

async function readContent(
  entry: AsyncIterable<unknown>,
  state: LayerState,
  what: string,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of entry) {
    if (!(part instanceof Uint8Array)) continue;
    state.bytes += part.length;
    if (state.bytes > largestBlock) throw badBlock(what, `it is larger than ${largestBlock / 1e6} MB`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function entryOf({ type, mode = 0, linkname }: Header, path: string, content: Uint8Array): BlockEntry {
  if (type === "directory") return { path, kind: "directory" };
  if (type === "symlink") return { path, kind: "link", target: linkname ?? "" };
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
