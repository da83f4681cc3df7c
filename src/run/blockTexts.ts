import { type CacheFolder, cacheFile } from "../host/cacheFile.ts";
import { blockInSnapshot, blockText, surroundingsOf } from "../plan/blockInSnapshot.ts";
import type { Workspace } from "../workspace/load.ts";
import type { LocatedBlock, LocatedFiles } from "../workspace/locateFiles.ts";
import { type Writable, writtenList } from "../yaml/write.ts";

/** Returns the list of all blocks for a snapshot; with secrets in the workspace it is not written yet, and nothing of it is kept. */
export function blocksForSnapshot(
  workspace: Workspace,
  files: LocatedFiles,
  folder: CacheFolder | undefined,
): Writable {
  if (workspace.secrets === undefined) return writtenList(blockTexts(workspace, files, folder));
  const around = surroundingsOf(workspace, files);
  return files.blocks.map(({ value, paths }) => blockInSnapshot(around, value, paths));
}

/**
 * Returns every block as `blockText` writes it. The texts are kept from one command to the next, each by the hash of all that it is
 * made of, so only the blocks that changed are read, resolved and written. Nothing is kept of a workspace whose values must not be.
 */
export function blockTexts(
  workspace: Workspace,
  files: LocatedFiles,
  folder: CacheFolder | undefined,
): readonly string[] {
  const around = surroundingsOf(workspace, files);
  const write = ({ value, paths }: LocatedBlock) => blockText(around, value, paths);
  if (folder === undefined || workspace.file.digest === undefined) return files.blocks.map(write);
  const file = cacheFile(folder, "snapshot", workspace.path);
  const known = keptTexts(file.read());
  const used = new Map<string, string>();
  const surroundings = JSON.stringify(around);
  const texts = files.blocks.map((block) => {
    const key = blockTextKey(surroundings, block);
    if (key === undefined) return write(block);
    const text = known.get(key) ?? write(block);
    used.set(key, text);
    return text;
  });
  if (used.size !== known.size || [...used.keys()].some((key) => !known.has(key))) file.write(used);
  return texts;
}

/** The hash of what `blockText` takes, the value by the digests of what it is merged of; undefined for one that may not be kept. */
function blockTextKey(surroundings: string, { lineage, paths }: LocatedBlock): string | undefined {
  const digests = lineage.flatMap(({ sources }) => sources.map(({ digest }) => digest));
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
