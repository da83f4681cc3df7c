import type { Engine } from "../engine/engine.ts";
import { imageId, imageSize, pullImage, type RegistryOptions, saveImage } from "../engine/registryImages.ts";
import { type PolyFile, parsePolyFile } from "../workspace/poly/polyFile.ts";
import { largestPolyFile } from "../workspace/poly/readPolyText.ts";
import { textOf } from "../yaml/value.ts";
import { type BlockEntry, badBlock, largestBlock } from "./blockEntries.ts";
import type { BlockReference } from "./blockReference.ts";
import { withDigest } from "./reference.ts";
import { readSavedImage } from "./savedImage.ts";

/** A block as its registry has it, checked. */
export type FetchedBlock = BlockReference & {
  readonly digest: string;
  readonly entries: readonly BlockEntry[];
  /** Its file; the path begins with the block's name. */
  readonly file: PolyFile;
  readonly fileVersion: string | undefined;
};

/** How blocks are fetched: the name of a block's file, and the digest that a reference is locked to, if it is. */
export type FetchOptions = RegistryOptions & {
  readonly blockFile: string;
  readonly lockedTo: (reference: string) => string | undefined;
};

/**
 * Returns a block of a registry: by its locked digest, else what the registry says that its name means. An image that the engine
 * has by that digest is not pulled. Throws (125) as a pull does, and (65) when the image is not a block, or not a safe one.
 */
export async function fetchBlock(
  engine: Engine,
  block: BlockReference,
  { blockFile, lockedTo, ...options }: FetchOptions,
): Promise<FetchedBlock> {
  const { reference } = block;
  const what = `the block \`${reference}\``;
  const locked = lockedTo(reference);
  const digest = locked ?? (await pullImage(engine, reference, options));
  const image = withDigest(reference, digest);
  if ((await imageId(engine, image, options)) === undefined) await pullImage(engine, image, options);
  const size = await imageSize(engine, image, options);
  if (size !== undefined && size > largestBlock)
    throw badBlock(what, `it is larger than ${largestBlock / 1e6} MB`);
  const { entries } = await saveImage(engine, image, options, (archive) => readSavedImage(archive, what));
  const file = entries.get(blockFile);
  if (file?.kind !== "file") throw badBlock(what, `it has no \`${blockFile}\`, so it is not a block`);
  if (file.content.length > largestPolyFile) throw badBlock(what, `its \`${blockFile}\` is larger than 2 MB`);
  const text = Buffer.from(file.content).toString();
  const poly = parsePolyFile("block", `${block.name}/${blockFile}`, text);
  if (poly.value.size === 0) {
    throw badBlock(what, `its \`${blockFile}\` is not valid: ${poly.problems[0]?.message ?? "it is empty"}`);
  }
  return {
    ...block,
    digest,
    entries: [...entries.values()].sort((one, other) => (one.path < other.path ? -1 : 1)),
    file: poly,
    fileVersion: textOf(poly.value.get("version")) || undefined,
  };
}
