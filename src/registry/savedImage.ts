import { posix } from "node:path";
import { printable } from "../errors.ts";
import { isJsonObject, memberAt, parseJson, textAt } from "../host/json.ts";
import { readTar } from "../tar/readTar.ts";
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
  const fail = (problem: string) =>
    badBlock(what, `docker printed an archive that is not complete: ${printable(problem)}`);
  const limits = { entries: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY, fail };
  for await (const { path, kind, target, content, regions } of readTar(limited(archive, what), limits)) {
    const name = posix.normalize(path);
    if (files.size > mostEntries) throw badBlock(what, "docker printed an archive with too many files");
    if (kind === "link") files.set(name, { link: posix.join(posix.dirname(name), target) });
    else if (kind === "hard link") files.set(name, { link: posix.normalize(target) });
    else if (regions === undefined) files.set(name, Buffer.concat(await Array.fromAsync(content())));
  }
  return files;
}

async function* limited(archive: AsyncIterable<Uint8Array>, what: string): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const part of archive) {
    size += part.length;
    if (size > largestArchive) throw badBlock(what, `it is larger than ${largestBlock / 1e6} MB`);
    yield part;
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
