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

/** Options of waiting for a lock: `onWait` gets a message for each process that holds it. */
export type LockOptions = {
  readonly onWait: (message: string) => void;
  readonly cancelled?: AbortSignal | undefined;
};

/**
 * Takes the lock of that name; while another process holds it, reports that process and waits. Returns whether it waited,
 * and a function that releases the lock. A lock of a process that has ended is taken over. Throws (73) when it cannot be
 * written, or is not a lock file, and the reason with which `cancelled` was aborted.
 */
export async function takeLock(
  workspace: string,
  name: string,
  what: string,
  { onWait, cancelled }: LockOptions,
) {
  const file = lockFile(name);
  let waitsFor: string | undefined;
  for (let unreadable = 0; !isTaken(workspace, file); ) {
    const holder = readHolder(workspace, file);
    if (holder === "gone") continue;
    if (holder === "unreadable") {
      // Another process has created it and has not written its content yet.
      unreadable += 1;
      if (unreadable > 20) throw notALock(file);
    } else if (!isAlive(holder)) {
      removePath(workspace, file);
      continue;
    } else {
      const isOurs = isOfThisHost(holder) && holder.pid === process.pid;
      const shown = isOurs
        ? `another step that ${what}`
        : `another process that ${what} (pid ${holder.pid} on ${printable(holder.host)})`;
      if (shown !== waitsFor) {
        const hint = isOfThisHost(holder)
          ? ""
          : `\nhint: if that process has ended, remove \`${file}\`; Ctrl-C cancels`;
        onWait(`waiting for ${shown}${hint}`);
      }
      waitsFor = shown;
    }
    await Bun.sleep(100);
    cancelled?.throwIfAborted();
  }
  return { waited: waitsFor !== undefined, release: () => removePath(workspace, file) };
}

function isTaken(workspace: string, file: string): boolean {
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
  return new PolycrateError(`\`${file}\` is not a polycrate lock file`, {
    hint: "remove it",
    exitCode: exitCodes.cannotWrite,
  });
}
