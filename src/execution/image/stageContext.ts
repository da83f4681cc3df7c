import {
  chmodSync,
  closeSync,
  constants,
  lutimesSync,
  mkdirSync,
  openSync,
  rmSync,
  symlinkSync,
  writeSync,
} from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BuildContext, ContextEntry, ContextFile } from "../../workspace/context/buildContext.ts";
import { attempt } from "../safeFiles.ts";
import { checkedContent } from "./contextTar.ts";
import { modified } from "./tarHeader.ts";

/** A copy of a build context in a folder that only its owner can get at. */
export type StagedContext = { readonly directory: string; readonly remove: () => void };

/**
 * Copies the build context into a new folder, with the modes it has and the times of its tar. It ends early when `isStopped`.
 * Throws (65) when a file is something else by now, (73) when it cannot be written; then nothing stays.
 */
export async function stageContext(
  context: BuildContext,
  workspace: string,
  isStopped: () => boolean,
): Promise<StagedContext> {
  const temporary = join(tmpdir(), "polycrate-build-");
  const above = await mkdtemp(temporary).catch((cause: unknown) =>
    attempt(temporary, () => {
      throw cause;
    }),
  );
  const directory = join(above, "context");
  const remove = () => {
    // A folder of the workspace may forbid to remove what is in it.
    for (const path of foldersOf(context)) {
      try {
        chmodSync(join(directory, path), 0o700);
      } catch {
        break; // it was not made
      }
    }
    rmSync(above, { recursive: true, force: true });
  };
  try {
    mkdirSync(directory);
    for (const entry of context.entries) {
      if (isStopped()) break;
      await copyEntry(entry, directory, workspace);
    }
    for (const entry of context.entries.toReversed()) finishEntry(entry, directory);
    chmodSync(directory, 0o755);
    return { directory, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

function foldersOf({ entries }: BuildContext): readonly string[] {
  return entries.filter(({ kind }) => kind === "directory").map(({ path }) => path);
}

async function copyEntry(entry: ContextEntry, directory: string, workspace: string): Promise<void> {
  const target = join(directory, entry.path);
  if (entry.kind === "file") return copyFile(entry, target, workspace);
  attempt(target, () => {
    if (entry.kind === "directory") mkdirSync(target, { mode: 0o700 });
    else symlinkSync(entry.target, target);
  });
}

async function copyFile(entry: ContextFile, target: string, workspace: string): Promise<void> {
  const { O_CREAT, O_EXCL, O_WRONLY } = constants;
  const file = attempt(target, () => openSync(target, O_CREAT | O_EXCL | O_WRONLY, 0o600));
  try {
    for await (const part of checkedContent(entry, workspace)) {
      attempt(target, () => {
        for (let written = 0; written < part.length; ) written += writeSync(file, part, written);
      });
    }
  } finally {
    closeSync(file);
  }
}

/** The innermost first: a folder may forbid to change what is in it. */
function finishEntry(entry: ContextEntry, directory: string): void {
  const path = join(directory, entry.path);
  try {
    lutimesSync(path, modified, modified);
    if (entry.kind !== "link") chmodSync(path, entry.mode);
  } catch {
    // it was not made, because the build was stopped
  }
}
