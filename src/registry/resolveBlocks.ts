import type { Engine } from "../engine/engine.ts";
import { exitCodes, PolycrateError } from "../errors.ts";
import type { BlockSource } from "../workspace/blocks/blockSource.ts";
import type { Workspace } from "../workspace/load.ts";
import { type FetchedBlock, type FetchOptions, fetchBlock } from "./fetchBlock.ts";
import { inParallel } from "./inParallel.ts";
import { pullsAtOnce } from "./lockImages.ts";
import { installedBlock, parentOf, type WantedBlock } from "./wantedBlocks.ts";

/** A block that is needed, and what was fetched for it; undefined when the installed one will do. The version is that of its file. */
export type NeededBlock = {
  readonly wanted: WantedBlock;
  readonly fetched: FetchedBlock | undefined;
  readonly version: string | undefined;
};

/** How blocks are resolved. */
export type ResolveOptions = FetchOptions & {
  /** Whether an installed block of the right name and version will do. */
  readonly isEnough: (wanted: WantedBlock, installed: BlockSource) => boolean;
  readonly onFetch: (reference: string) => void;
  readonly onFetched: (reference: string) => void;
};

/**
 * Returns the blocks that are needed and their ancestors in registries, once each; those that are not installed are fetched, a few
 * at once. Of `others` those are left out that are needed in another version. Throws (65) when a block is needed in two versions, and
 * as `fetchBlock` does, at the place that names the block.
 */
export async function resolveBlocks(
  workspace: Workspace,
  engine: Engine,
  needed: readonly WantedBlock[],
  others: readonly WantedBlock[],
  options: ResolveOptions,
): Promise<readonly NeededBlock[]> {
  const found = new Map<string, NeededBlock>();
  await resolveInto(found, workspace, engine, needed, options);
  const more = others.filter(({ name }) => !found.has(name));
  await resolveInto(found, workspace, engine, more, options);
  return [...found.values()];
}

async function resolveInto(
  found: Map<string, NeededBlock>,
  workspace: Workspace,
  engine: Engine,
  needed: readonly WantedBlock[],
  options: ResolveOptions,
): Promise<void> {
  // A block without a version takes the one that another names.
  let round = needed.toSorted(
    (one, other) => Number(one.version === undefined) - Number(other.version === undefined),
  );
  while (round.length > 0) {
    const wanted = new Map<string, WantedBlock>();
    for (const one of round) {
      const before = wanted.get(one.name) ?? found.get(one.name)?.wanted;
      if (before === undefined) wanted.set(one.name, one);
      else assertSameVersion(before, one, found.get(one.name));
    }
    const next = await inParallel([...wanted.values()], pullsAtOnce, async (one) => {
      const installed = installedBlock(workspace, one);
      if (installed !== undefined && options.isEnough(one, installed)) {
        found.set(one.name, { wanted: one, fetched: undefined, version: installed.version });
        return parentOf(installed);
      }
      options.onFetch(one.reference);
      const fetched = await fetchAt(engine, one, options);
      options.onFetched(one.reference);
      found.set(one.name, { wanted: one, fetched, version: fetched.fileVersion });
      return parentOf({ value: fetched.file.value, file: fetched.file, at: [], name: one.name });
    });
    round = next.flat();
  }
}

async function fetchAt(engine: Engine, wanted: WantedBlock, options: ResolveOptions): Promise<FetchedBlock> {
  const { reference, name, version, position } = wanted;
  try {
    return await fetchBlock(engine, { reference, name, version }, options);
  } catch (error) {
    if (!(error instanceof PolycrateError) || position === undefined) throw error;
    const { message, hint, exitCode } = error;
    throw new PolycrateError(message, { hint, exitCode, position, cause: error });
  }
}

function assertSameVersion(before: WantedBlock, other: WantedBlock, found: NeededBlock | undefined): void {
  const has = before.version ?? found?.version;
  if (other.version === undefined || other.version === has) return;
  throw new PolycrateError(
    `the block \`${other.name}\` is needed in two versions: ${before.by} needs ${has ?? "the newest"}, ${other.by} needs ${other.version}`,
    {
      hint: "a workspace has one version of a block of a registry: change one of the two",
      exitCode: exitCodes.invalidWorkspace,
      position: other.position ?? before.position,
    },
  );
}
