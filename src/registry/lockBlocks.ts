import type { Engine } from "../engine/engine.ts";
import type { Workspace } from "../workspace/load.ts";
import { type Lock, lockedDigest } from "./lock.ts";
import type { LookupOptions } from "./lockImages.ts";
import { resolveBlocks } from "./resolveBlocks.ts";
import { installedFromRegistry, isOwnBlock, namedBlocks } from "./wantedBlocks.ts";

/**
 * Returns the entries of the blocks from registries that the workspace names or has installed, and of their ancestors. An entry that
 * is kept asks no registry; of a block that is not installed the image is read, which names its parent. Throws as
 * `resolveBlocks` does.
 */
export async function lockBlocks(
  workspace: Workspace,
  engine: Engine,
  { kept, onPull, ...options }: LookupOptions,
): Promise<Lock> {
  const lockedTo = (reference: string) => lockedDigest(kept, "block", reference);
  const found = await resolveBlocks(
    workspace,
    engine,
    namedBlocks(workspace),
    installedFromRegistry(workspace),
    {
      ...{ ...options, lockedTo, blockFile: workspace.settings.config.blocksconfig },
      isEnough: (wanted) => lockedTo(wanted.reference) !== undefined || isOwnBlock(workspace, wanted),
      onFetch: onPull,
      onFetched: () => {},
    },
  );
  return found.flatMap(({ wanted, fetched }): Lock => {
    // What is written here changes here, and no registry has to know it yet.
    const isOwn = fetched === undefined && isOwnBlock(workspace, wanted);
    const digest = isOwn ? undefined : (fetched?.digest ?? lockedTo(wanted.reference));
    return digest === undefined ? [] : [{ kind: "block", name: wanted.reference, digest }];
  });
}
