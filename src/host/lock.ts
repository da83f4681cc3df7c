import { exitCodes, PolycrateError, printable } from "../errors.ts";
import { codeOf } from "./fileErrors.ts";
import { createFile } from "./files.ts";
import { readOwnFile } from "./filesBelow.ts";
import { isAlive, isOfThisHost, ownerLimit, readOwner, thisOwner, writeOwner } from "./owner.ts";
import { removePath } from "./removal.ts";

/** Returns the file of a lock, relative to the workspace. */
function lockFile(name: string): string {
  return `.polycrate/locks/${name}`;
}

/** How a lock is waited for: `onWait` is called with each reason, in words. */
export type LockOptions = {
  readonly onWait: (message: string) => void;
  readonly cancelled?: AbortSignal | undefined;
};

/**
 * Takes the lock of that name; while another process holds it, reports that process and waits. Returns whether it waited,
 * and what releases the lock. A lock of a process that has ended is taken over. Throws (73) when it cannot be written, or
 * something else is in its place, and the reason with which `cancelled` was aborted.
 */
export async function takeLock(
  workspace: string,
  name: string,
  what: string,
  { onWait, cancelled }: LockOptions,
) {
  const file = lockFile(name);
  let waitsFor: string | undefined;
  for (let unreadable = 0; !tryLock(workspace, file); ) {
    const holder = readHolder(workspace, file);
    if (holder === "gone") continue;
    if (holder === "unreadable") {
      // Another process has created it, and has not written its name yet.
      unreadable += 1;
      if (unreadable > 20) throw notALock(file);
    } else if (!isAlive(holder)) {
      removePath(workspace, file);
      continue;
    } else {
      const shown = `process ${holder.pid} on ${printable(holder.host)}, which ${what}`;
      if (shown !== waitsFor) {
        const hint = isOfThisHost(holder) ? "" : `\nhint: if it is gone, remove \`${file}\`; Ctrl-C gives up`;
        onWait(`waiting for ${shown}${hint}`);
      }
      waitsFor = shown;
    }
    await Bun.sleep(100);
    cancelled?.throwIfAborted();
  }
  return { waited: waitsFor !== undefined, release: () => removePath(workspace, file) };
}

function tryLock(workspace: string, file: string): boolean {
  try {
    createFile(workspace, file, writeOwner(thisOwner()), 0o644);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

function readHolder(workspace: string, file: string) {
  const content = readOwnFile(workspace, file, ownerLimit);
  if (content === "missing") return "gone";
  if (typeof content === "string") throw notALock(file);
  return readOwner(content.toString()) ?? "unreadable";
}

function notALock(file: string): PolycrateError {
  return new PolycrateError(`\`${file}\` is not a lock of polycrate`, {
    hint: "remove it",
    exitCode: exitCodes.cannotWrite,
  });
}
