import { type CacheFolder, cacheFile } from "../host/cacheFile.ts";
import { blockInSnapshot, blockText, surroundingsOf } from "../plan/blockInSnapshot.ts";
import type { SnapshotBlock } from "../plan/hostFacts.ts";
import { sourcesOf } from "../workspace/blocks/overlayBlocks.ts";
import type { Workspace } from "../workspace/load.ts";
import type { LocatedBlock, LocatedFiles } from "../workspace/locateFiles.ts";

/**
 * Returns every block of the workspace for a snapshot. Their texts are kept from one command to the next, each by the hash of all
 * that it is made of, so only the blocks that changed are read, resolved and written. A block with secrets is its value: nothing
 * of it is kept.
 */
export function snapshotBlocks(
  workspace: Workspace,
  files: LocatedFiles,
  folder: CacheFolder | undefined,
): readonly SnapshotBlock[] {
  const around = surroundingsOf(workspace, files);
  if (folder === undefined)
    return files.blocks.map(({ value, paths }) => blockInSnapshot(around, value, paths));
  const file = cacheFile(folder, "snapshot", workspace.path);
  const known = keptTexts(file.read());
  const used = new Map<string, string>();
  const surroundings = JSON.stringify(around);
  const blocks = files.blocks.map((block): SnapshotBlock => {
    const key = blockTextKey(surroundings, block);
    if (key === undefined) return blockInSnapshot(around, block.value, block.paths);
    const text = known.get(key) ?? blockText(around, block.value, block.paths);
    used.set(key, text);
    return () => text;
  });
  if (used.size !== known.size || [...used.keys()].some((key) => !known.has(key))) file.write(used);
  return blocks;
}

/** The hash of what `blockText` takes, the value by the digests of what it is merged of; undefined for one with secrets. */
function blockTextKey(surroundings: string, { lineage, paths }: LocatedBlock): string | undefined {
  const digests = lineage.flatMap((block) => sourcesOf(block).map(({ digest }) => digest));
  return digests.includes(undefined)
    ? undefined
    : Bun.SHA256.hash(JSON.stringify([surroundings, digests, paths ?? null]), "hex");
}

/** Needs no more checks: the hash of the cache's file proves that the same build wrote it. */
function keptTexts(kept: unknown): ReadonlyMap<string, string> {
  return isTexts(kept) ? kept : new Map();
}

function isTexts(kept: unknown): kept is ReadonlyMap<string, string> {
  return kept instanceof Map;
}
