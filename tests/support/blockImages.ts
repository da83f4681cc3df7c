import { gzipSync } from "node:zlib";
import { type Header, pack } from "tar-stream";
import type { BlockEntry } from "../../src/registry/blockEntries.ts";
import type { FetchedBlock } from "../../src/registry/fetchBlock.ts";
import { parsePolyFile } from "../../src/workspace/poly/polyFile.ts";

/** A file of a layer by its content, or any other entry by its header. */
export type LayerEntry = string | (Partial<Header> & { readonly content?: string | Uint8Array });

export type Layer = Readonly<Record<string, LayerEntry>> | readonly (readonly [string, LayerEntry])[];

/** A tar of these entries, in their order. */
export async function tarOf(entries: Layer): Promise<Buffer> {
  const archive = pack();
  for (const [name, entry] of Array.isArray(entries) ? entries : Object.entries(entries)) {
    const { content = "", ...header } = typeof entry === "string" ? { content: entry } : entry;
    const isFile = (header.type ?? "file") === "file" || header.type === "contiguous-file";
    archive.entry({ name, ...header }, isFile ? Buffer.from(content) : "");
  }
  archive.finalize();
  const parts: Buffer[] = [];
  for await (const part of archive) if (part instanceof Uint8Array) parts.push(Buffer.from(part));
  return Buffer.concat(parts);
}

/** How an archive of `docker save` is laid out. */
export type ArchiveLayout = "older engines" | "older engines, layers linked" | "OCI" | "OCI, gzip";

/** The archive of an image with these layers, as `docker save` prints it. */
export async function savedImageOf(
  layers: readonly Layer[],
  layout: ArchiveLayout = "older engines",
  labels: Readonly<Record<string, string>> = {},
): Promise<Buffer> {
  const config = JSON.stringify({ config: { Labels: labels } });
  const tars = await Promise.all(layers.map(tarOf));
  if (layout.startsWith("OCI")) {
    const blobs = tars.map((tar, index) => [
      `blobs/sha256/${index}`,
      { content: layout === "OCI" ? tar : gzipSync(tar) },
    ]);
    return tarOf({
      ...Object.fromEntries(blobs),
      "blobs/sha256/config": config,
      "index.json": "{}",
      "oci-layout": "{}",
      "manifest.json": manifestOf(
        "blobs/sha256/config",
        blobs.map(([name]) => String(name)),
      ),
    });
  }
  const isLinked = layout.endsWith("linked");
  return tarOf([
    ...tars.flatMap((content, index): (readonly [string, LayerEntry])[] =>
      isLinked
        ? [
            [`${index}/layer.tar`, { type: "symlink", linkname: `../x${index}/layer.tar` }],
            [`x${index}/layer.tar`, { content }],
          ]
        : [[`${index}/layer.tar`, { content }]],
    ),
    ["config.json", config],
    [
      "manifest.json",
      manifestOf(
        "config.json",
        [...tars.keys()].map((index) => `${index}/layer.tar`),
      ),
    ],
  ]);
}

function manifestOf(config: string, layers: readonly string[]): string {
  return JSON.stringify([{ Config: config, RepoTags: null, Layers: layers }]);
}

/** A stream of the bytes, in parts of that size. */
export async function* inParts(bytes: Uint8Array, size = 10_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** A block as it would be fetched, with these files. */
export function fetchedBlock(
  reference: string,
  files: Readonly<Record<string, string>>,
  others: readonly BlockEntry[] = [],
  digest = "a",
): FetchedBlock {
  const [, name = "", version] = /^(.*?)(?::([^:/]*))?$/.exec(reference) ?? [];
  return {
    ...{ reference, name, version, fileVersion: version, file: parsePolyFile("block", "block.poly", "") },
    digest: `sha256:${digest.repeat(64)}`,
    entries: [
      ...Object.entries(files).map(([path, content]): BlockEntry => {
        const executable = content.startsWith("#!");
        return { path, kind: "file", executable, content: Buffer.from(content) };
      }),
      ...others,
    ],
  };
}
