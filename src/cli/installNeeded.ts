import type { Engine } from "../engine/engine.ts";
import { exitCodes, PolycrateError } from "../errors.ts";
import { isCi } from "../host/stdio.ts";
import { readBlockReference } from "../registry/blockReference.ts";
import { type InstalledBlock, installBlocks } from "../registry/installBlocks.ts";
import { type Lock, lockedDigest, lockFile, readLock, writeLock } from "../registry/lock.ts";
import { localChanges, readOrigin } from "../registry/origin.ts";
import { resolveBlocks } from "../registry/resolveBlocks.ts";
import { installedFromRegistry, namedBlocks, type WantedBlock } from "../registry/wantedBlocks.ts";
import { assertNotNested } from "../run/observe.ts";
import type { BlockSource } from "../workspace/blocks/blockSource.ts";
import type { Workspace } from "../workspace/load.ts";
import type { Messages } from "./output/messages.ts";
import { progressLine } from "./output/progressLine.ts";
import type { Program } from "./parseArgs.ts";
import { untilSignal } from "./untilSignal.ts";

/** What is to be installed: blocks that are fetched in any case, or undefined for all that the workspace needs. */
export type InstallRequest = {
  readonly pulled: readonly WantedBlock[] | undefined;
  readonly force: boolean;
  readonly locked: boolean | undefined;
  readonly engine: Engine;
};

/**
 * Installs blocks and those that they inherit from, as the lock file has them, adds to it what it does not have, and prints what was
 * done. Throws as `resolveBlocks` and `installBlocks` do, and (65) for a block that must be in the lock file and is not.
 */
export async function installNeeded(
  workspace: Workspace,
  { pulled, force, locked, engine }: InstallRequest,
  messages: Messages,
  program: Pick<Program, "onSignal">,
): Promise<readonly InstalledBlock[]> {
  assertNotNested(workspace);
  const lock = readLock(workspace.path);
  const isStrict = locked ?? (lock !== undefined && isCi(process.env));
  const needed = pulled ?? namedBlocks(workspace);
  const others =
    pulled === undefined ? [...installedFromRegistry(workspace), ...lockedBlocks(lock ?? [])] : [];
  const progress = progressLine(messages);
  const counts = { begun: 0, done: 0 };
  const options = { directory: workspace.path, environment: process.env };
  const lockedTo = (reference: string) => lockedDigest(lock ?? [], "block", reference);
  return untilSignal(program, async (cancelled) => {
    const found = await resolveBlocks(workspace, engine, needed, others, {
      ...{ ...options, cancelled, lockedTo, blockFile: workspace.settings.config.blocksconfig },
      isEnough: (wanted, source) =>
        pulled?.includes(wanted) !== true &&
        isAsLocked(workspace, lock, wanted, source) &&
        !(force && isChanged(workspace, source)),
      onFetch: (reference) => {
        if (isStrict && lockedTo(reference) === undefined) throw notLocked(reference, lock);
        counts.begun += 1;
      },
      onFetched: (reference) => {
        counts.done += 1;
        progress.show(`pulled ${reference} (${counts.done} of ${counts.begun})`);
      },
    }).finally(progress.clear);
    const fetched = found.flatMap((one) => one.fetched ?? []);
    const installed = await installBlocks(workspace, fetched, { force, cancelled, onWait: messages.notice });
    if (lock !== undefined) addToLock(workspace, lock, installed);
    return installed;
  });
}

/** Prints what was installed, a line each. */
export function printInstalled(installed: readonly InstalledBlock[], { notice }: Messages): void {
  for (const { block, directory, how } of installed) {
    if (how !== "unchanged") notice(`installed ${block.reference} in ${directory}`);
    if (block.version !== undefined && block.fileVersion !== block.version) {
      notice(
        `warning: the file of \`${block.reference}\` says version ${block.fileVersion ?? "nothing"}\nhint: its author should push a version with the number in its file`,
      );
    }
  }
}

/** The digest that a block was installed with is compared, because its version may have been locked anew. */
function isAsLocked(
  workspace: Workspace,
  lock: Lock | undefined,
  { reference }: WantedBlock,
  { directory }: BlockSource,
): boolean {
  const digest = lockedDigest(lock ?? [], "block", reference);
  const origin = directory === undefined ? undefined : readOrigin(workspace.path, directory);
  return digest === undefined || origin === undefined || origin.digest === digest;
}

function isChanged({ path, settings }: Workspace, { directory }: BlockSource): boolean {
  const found =
    directory === undefined ? undefined : localChanges(path, directory, settings.config.blocksconfig);
  return found !== undefined && found.changed.length > 0;
}

function lockedBlocks(lock: Lock): readonly WantedBlock[] {
  return lock.flatMap(({ kind, name }): readonly WantedBlock[] => {
    const block = kind === "block" ? readBlockReference(name) : undefined;
    return block === undefined ? [] : [{ ...block, by: `\`${lockFile}\``, position: undefined }];
  });
}

function addToLock({ path }: Workspace, lock: Lock, installed: readonly InstalledBlock[]): void {
  const added = installed
    .map(({ block }) => ({ kind: "block", name: block.reference, digest: block.digest }) as const)
    .filter(({ name }) => lockedDigest(lock, "block", name) === undefined);
  if (added.length > 0) writeLock(path, [...lock, ...added]);
}

function notLocked(reference: string, lock: Lock | undefined): PolycrateError {
  return new PolycrateError(
    lock === undefined
      ? `there is no \`${lockFile}\``
      : `the block \`${reference}\` is not in \`${lockFile}\``,
    {
      hint: "`polycrate lock` adds it; `--no-locked` takes what the registry has",
      exitCode: exitCodes.invalidWorkspace,
    },
  );
}
