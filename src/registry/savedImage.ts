import { posix } from "node:path";
import { extract } from "tar-stream";
import { PolycrateError } from "../errors.ts";
import { isJsonObject, memberAt, parseJson, textAt } from "../host/json.ts";
import { type BlockEntry, badBlock, largestBlock, mostEntries, originFile } from "./blockEntries.ts";
import { applyLayer, type LayerState } from "./layer.ts";

/** An image as `docker save` prints it: its labels, and what its layers amount to. */
export type SavedImage = {
  readonly labels: ReadonlyMap<string, string>;
  readonly entries: ReadonlyMap<string, BlockEntry>;
};

/**
 * Reads the archive of one image; only its `manifest.json` says what its files are, in the layout of older engines and in that of
 * OCI. Layers may be links to others. Everything is checked before it is returned. Throws (65) for an archive or a file in it that
 * is not what a block may have; `what` names the image.
 */
export async function readSavedImage(archive: AsyncIterable<Uint8Array>, what: string): Promise<SavedImage> {
  const files = await archivedFiles(archive, what);
  const manifest = memberAt(jsonIn(files, "manifest.json"), "0");
  const layers = memberAt(manifest, "Layers");
  const config = textAt(manifest, "Config");
  if (config === undefined || !Array.isArray(layers))
    throw badBlock(what, "docker printed an archive without a manifest");
  const state: LayerState = { entries: new Map(), count: 0, bytes: 0 };
  for (const name of layers) {
    const layer = contentAt(files, String(name));
    if (layer === undefined) throw badBlock(what, "docker printed an archive without its layers");
    await applyLayer(state, layer, what);
  }
  state.entries.delete(originFile);
  return { labels: labelsIn(jsonIn(files, config)), entries: state.entries };
}

type Archived = ReadonlyMap<string, Uint8Array | { readonly link: string }>;

/** The archive of a block is hardly larger than its layers; what is larger is not read to its end. */
const largestArchive = largestBlock + mostEntries * 2048;

async function archivedFiles(archive: AsyncIterable<Uint8Array>, what: string): Promise<Archived> {
  const files = new Map<string, Uint8Array | { readonly link: string }>();
  const reader = extract();
  const feeding = feed(archive, reader, what);
  try {
    for await (const entry of reader) {
      const name = posix.normalize(entry.header.name);
      if (files.size > mostEntries) throw badBlock(what, "docker printed an archive with too many files");
      const parts: Uint8Array[] = [];
      for await (const part of entry) if (part instanceof Uint8Array) parts.push(part);
      const { type, linkname } = entry.header;
      if (type === "symlink") files.set(name, { link: posix.join(posix.dirname(name), linkname ?? "") });
      else if (type === "link") files.set(name, { link: posix.normalize(linkname ?? "") });
      else files.set(name, Buffer.concat(parts));
    }
    await feeding;
  } catch (error) {
    await feeding.catch(() => {});
    if (error instanceof PolycrateError) throw error;
    throw badBlock(what, "docker printed an archive that is not complete");
  }
  return files;
}

/** Passes the archive on, as fast as it is read; an error of either side ends both. */
async function feed(
  archive: AsyncIterable<Uint8Array>,
  reader: ReturnType<typeof extract>,
  what: string,
): Promise<void> {
  let size = 0;
  let ready = Promise.withResolvers<unknown>();
  const wake = () => ready.resolve(undefined);
  reader.on("drain", wake);
  reader.on("close", wake);
  try {
    for await (const part of archive) {
      size += part.length;
      if (size > largestArchive) throw badBlock(what, `it is larger than ${largestBlock / 1e6} MB`);
      ready = Promise.withResolvers();
      if (!reader.write(part)) await ready.promise;
      if (reader.destroyed) return;
    }
    reader.end(null);
  } catch (error) {
    reader.destroy(error instanceof Error ? error : new Error(String(error)));
    throw error;
  }
}

function contentAt(files: Archived, name: string): Uint8Array | undefined {
  let found = files.get(posix.normalize(name));
  for (let hops = 0; hops < 10 && found !== undefined && "link" in found; hops += 1)
    found = files.get(found.link);
  return found === undefined || "link" in found ? undefined : found;
}

function jsonIn(files: Archived, name: string): unknown {
  const content = contentAt(files, name);
  return content === undefined ? undefined : parseJson(Buffer.from(content).toString());
}

function labelsIn(config: unknown): ReadonlyMap<string, string> {
  const labels = memberAt(config, "config", "Labels");
  return new Map(
    isJsonObject(labels) ? Object.entries(labels).map(([name, value]) => [name, String(value)]) : [],
  );
}
