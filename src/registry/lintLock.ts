import { PolycrateError } from "../errors.ts";
import type { Workspace } from "../workspace/load.ts";
import { type Problem, problemOf } from "../workspace/poly/problems.ts";
import { type Lock, lockFile, readLock } from "./lock.ts";
import { installedFromRegistry, isOwnBlock, namedBlocks } from "./wantedBlocks.ts";
import { type Wanted, wantedImages } from "./wantedImages.ts";

/** Returns the problems of a lock file: one that is not understood, and names of the workspace that it does not have. */
export function lintLock(workspace: Workspace): readonly Problem[] {
  try {
    const lock = readLock(workspace.path);
    return lock === undefined ? [] : unlocked(lock, [...wantedImages(workspace), ...blocksToLock(workspace)]);
  } catch (error) {
    if (!(error instanceof PolycrateError)) throw error;
    // Problems of other files are reported with these.
    return error.position?.file === lockFile || error.position === undefined
      ? [problemOf(error, "wrong-lock", lockFile)]
      : [];
  }
}

function blocksToLock(workspace: Workspace): readonly Wanted[] {
  const others = namedBlocks(workspace).filter((block) => !isOwnBlock(workspace, block));
  const named = [...others, ...installedFromRegistry(workspace)];
  return named.map(({ reference, position }) => ({ name: reference, position }));
}

function unlocked(lock: Lock, wanted: readonly Wanted[]): readonly Problem[] {
  const names = new Set(lock.map(({ name }) => name));
  return wanted
    .filter(({ name }) => !names.has(name))
    .map(({ name, position }) => ({
      severity: "warning",
      code: "not-locked",
      file: position?.file ?? lockFile,
      ...(position === undefined ? {} : { position: { line: position.line, column: position.column } }),
      message: `\`${name}\` is not in \`${lockFile}\``,
      hint: "`polycrate lock` adds it",
    }));
}
