import { exitCodes, PolycrateError, printable } from "../errors.ts";
import type { Block } from "../workspace/blocks/overlayBlocks.ts";
import type { Workspace } from "../workspace/load.ts";
import { type Lock, lockedDigest, lockFile, readLock } from "./lock.ts";
import { localChanges, type Origin, readOrigin } from "./origin.ts";
import type { LockChoice } from "./pins.ts";

/** Something about a block that the user should know before a run, and what to do about it. */
export type BlockWarning = { readonly message: string; readonly hint: string };

/** The digests of the blocks that are the locked ones, by their references, and what is wrong with the others. */
export type LockedBlocks = {
  readonly digests: ReadonlyMap<string, string>;
  readonly warnings: readonly BlockWarning[];
};

/**
 * Checks the blocks of a run that were installed from a registry against the lock file. Where everything must be locked, throws (65)
 * for one that is not in it, is another one, or was changed here; elsewhere there is a warning for one that is another one.
 */
export function checkLockedBlocks(
  workspace: Workspace,
  blocks: readonly Block[],
  { locked, isCi }: LockChoice,
): LockedBlocks {
  const installed = blocks.flatMap(({ directory }) => {
    const origin = directory === undefined ? undefined : readOrigin(workspace.path, directory);
    return directory === undefined || origin === undefined ? [] : [{ directory, origin }];
  });
  const lock = installed.length === 0 ? undefined : readLock(workspace.path);
  if (lock === undefined) return { digests: new Map(), warnings: [] };
  const isStrict = locked ?? isCi;
  const checked = installed.map((one) => ({
    ...one,
    problem: problemOfBlock(workspace, lock, one, isStrict),
  }));
  const warnings = checked.flatMap(({ problem }) => problem ?? []);
  const [first] = warnings;
  if (isStrict && first !== undefined) {
    throw new PolycrateError(first.message, { hint: first.hint, exitCode: exitCodes.invalidWorkspace });
  }
  const sound = checked.filter(({ problem }) => problem === undefined);
  return { digests: new Map(sound.map(({ origin }) => [origin.reference, origin.digest])), warnings };
}

function problemOfBlock(
  { path, settings }: Workspace,
  lock: Lock,
  { directory, origin }: { readonly directory: string; readonly origin: Origin },
  isStrict: boolean,
): BlockWarning | undefined {
  const block = `the block \`${printable(origin.reference)}\``;
  const digest = lockedDigest(lock, "block", origin.reference);
  if (digest === undefined)
    return { message: `${block} is not in \`${lockFile}\``, hint: "`polycrate lock` adds it" };
  if (digest !== origin.digest) {
    const hint = "`polycrate install` replaces it by the locked one";
    return { message: `${block} in \`${directory}\` is not the one in \`${lockFile}\``, hint };
  }
  const found = isStrict ? localChanges(path, directory, settings.config.blocksconfig) : undefined;
  // Actions may write new files into the folder, which are no part of the block.
  const changed = (found?.changed ?? []).filter((one) => origin.files.has(one));
  if (changed.length === 0) return undefined;
  return {
    message: `${block} was changed here: ${changed
      .slice(0, 5)
      .map((one) => printable(one))
      .join(", ")}`,
    hint: "`polycrate install --force` takes the locked one back; `--no-locked` runs it as it is",
  };
}
