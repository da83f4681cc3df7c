import { dirname, join } from "node:path";
import { exitCodes, PolycrateError, printable } from "../errors.ts";
import { isFolder } from "../host/fileStatus.ts";
import { createFileUnlessThere } from "../host/files.ts";
import { namesIn } from "../host/filesBelow.ts";
import { type LockOptions, takeLock } from "../host/lock.ts";
import { createFolder, moveFolder, placeFolder } from "../host/placeFolder.ts";
import { removePath } from "../host/removal.ts";
import type { Workspace } from "../workspace/load.ts";
import { originFile } from "./blockEntries.ts";
import type { FetchedBlock } from "./fetchBlock.ts";
import { changedFiles, formatOrigin, localChanges, readOrigin } from "./origin.ts";
import { blocksBelow, digestsOfEntries, ownDigests } from "./ownFiles.ts";

/** What was done with a block: its folder did not exist, was replaced, or has the block already. */
export type InstalledBlock = {
  readonly block: FetchedBlock;
  readonly directory: string;
  readonly how: "installed" | "replaced" | "unchanged";
};

/** Where new and old folders are for a moment, below the workspace. */
const staging = ".polycrate/install";

/**
 * Puts fetched blocks into the folders of their names; each is replaced in one step. Throws (65) before anything is written when one
 * has local changes, unless `force`, or has other blocks in its folder; (73) when it cannot be written.
 */
export async function installBlocks(
  workspace: Workspace,
  blocks: readonly FetchedBlock[],
  { force, ...lockOptions }: LockOptions & { readonly force: boolean },
): Promise<readonly InstalledBlock[]> {
  return whileInstalling(workspace, lockOptions, async () => {
    assertReplaceable(workspace, blocks, force);
    const done: InstalledBlock[] = [];
    for (const block of blocks) {
      lockOptions.cancelled?.throwIfAborted();
      done.push(await installBlock(workspace, block));
    }
    return done;
  });
}

/**
 * Removes the folder of a block, in one step, and the folders above it that are then empty. Throws (65) when it has local changes,
 * unless `force`, or other blocks; (73).
 */
export async function uninstallBlock(
  workspace: Workspace,
  directory: string,
  { force, ...lockOptions }: LockOptions & { readonly force: boolean },
): Promise<void> {
  await whileInstalling(workspace, lockOptions, async () => {
    const { path, layout, settings } = workspace;
    const { blocksconfig } = settings.config;
    assertNoBlocksBelow(workspace, directory);
    const before = readOrigin(path, directory)?.files ?? new Map<string, string>();
    const changed = changedFiles(before, ownDigests(path, directory, blocksconfig));
    if (changed.length > 0 && !force) throw changedBlocks([{ directory, changed }]);
    const away = join(staging, crypto.randomUUID());
    moveFolder(path, directory, away);
    removePath(path, away);
    for (let above = dirname(directory); above !== layout.blocksRoot; above = dirname(above)) {
      if (namesIn(path, above).length > 0) break;
      removePath(path, above);
    }
  });
}

/** What an installation that was killed has left is removed by the next one. */
async function whileInstalling<Result>(
  { path }: Workspace,
  options: LockOptions,
  work: () => Promise<Result>,
): Promise<Result> {
  const lock = await takeLock(path, "blocks", "installs blocks", options);
  try {
    createFileUnlessThere(path, ".polycrate/.gitignore", "*\n", 0o644);
    removePath(path, staging);
    return await work();
  } finally {
    removePath(path, staging);
    lock.release();
  }
}

function directoryOf({ layout }: Workspace, { name }: FetchedBlock): string {
  return join(layout.blocksRoot, name);
}

type ChangedBlock = { readonly directory: string; readonly changed: readonly string[] };

function assertReplaceable(workspace: Workspace, blocks: readonly FetchedBlock[], force: boolean): void {
  const { path, settings } = workspace;
  const changed = blocks.flatMap((block): readonly ChangedBlock[] => {
    const directory = directoryOf(workspace, block);
    if (!isFolder(join(path, directory))) return [];
    assertNoBlocksBelow(workspace, directory);
    const own = ownDigests(path, directory, settings.config.blocksconfig);
    const before = readOrigin(path, directory)?.files ?? new Map<string, string>();
    const isSame = changedFiles(digestsOfEntries(block.entries), own).length === 0;
    const differs = isSame ? [] : changedFiles(before, own);
    return differs.length === 0 ? [] : [{ directory, changed: differs }];
  });
  if (changed.length > 0 && !force) throw changedBlocks(changed);
}

function changedBlocks(blocks: readonly ChangedBlock[]): PolycrateError {
  const files = blocks.flatMap(({ directory, changed }) => changed.map((path) => `${directory}/${path}`));
  const shown = files
    .slice(0, 10)
    .map((path) => printable(path))
    .join(", ");
  const more = files.length > 10 ? ` and ${files.length - 10} more` : "";
  return new PolycrateError(`files were changed here that are not in the registry's block: ${shown}${more}`, {
    hint: "keep them elsewhere, for example in a block that inherits from it; `--force` discards them",
    exitCode: exitCodes.invalidWorkspace,
  });
}

/** Its folder is replaced as a whole. */
function assertNoBlocksBelow({ path, settings }: Workspace, directory: string): void {
  const [first] = blocksBelow(path, directory, settings.config.blocksconfig);
  if (first === undefined) return;
  throw new PolycrateError(`\`${directory}\` has another block in it: \`${first}\``, {
    hint: "move that block to another folder; a block of a registry is replaced with its whole folder",
    exitCode: exitCodes.invalidWorkspace,
  });
}

async function installBlock(workspace: Workspace, block: FetchedBlock): Promise<InstalledBlock> {
  const { path } = workspace;
  const directory = directoryOf(workspace, block);
  const exists = isFolder(join(path, directory));
  if (exists && hasBlock(workspace, directory, block)) return { block, directory, how: "unchanged" };
  const made = join(staging, crypto.randomUUID());
  const origin = formatOrigin(block.reference, block.digest, block.entries);
  createFolder(path, made, {
    folders: block.entries.filter(({ kind }) => kind === "directory").map((entry) => entry.path),
    files: [
      ...block.entries.flatMap((entry) =>
        entry.kind === "file" ? [{ ...entry, mode: entry.executable ? 0o755 : 0o644 }] : [],
      ),
      { path: originFile, content: origin, mode: 0o644 },
    ],
    links: block.entries.flatMap((entry) => (entry.kind === "link" ? [entry] : [])),
  });
  await placeFolder(path, made, directory);
  removePath(path, made);
  return { block, directory, how: exists ? "replaced" : "installed" };
}

function hasBlock(
  { path, settings }: Workspace,
  directory: string,
  { reference, digest }: FetchedBlock,
): boolean {
  const found = localChanges(path, directory, settings.config.blocksconfig);
  if (found === undefined || found.changed.length > 0) return false;
  return found.origin.reference === reference && found.origin.digest === digest;
}
