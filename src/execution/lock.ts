import { codeOf, createFile, readOwnText, removePath } from "../host/files.ts";
import type { Host } from "./host.ts";
import { isAlive, ownerLimit, readOwner, thisOwner, writeOwner } from "./record/owner.ts";

/** Returns the file of a lock, relative to the workspace. */
function lockFile(name: string): string {
  return `.polycrate/locks/${name}`;
}

/**
 * Takes the lock of that name, waiting for another process that holds it and saying for whom. Returns whether it waited,
 * and what gives the lock back. A lock of a process that is gone is taken over. Throws (73) when it cannot be written.
 */
export async function takeLock(workspace: string, name: string, what: string, host: Host) {
  const release = () => removePath(workspace, lockFile(name));
  let waitsFor: string | undefined;
  for (;;) {
    if (tryLock(workspace, name)) return { waited: waitsFor !== undefined, release };
    const holder = readOwner(readOwnText(workspace, lockFile(name), ownerLimit) ?? "");
    if (holder !== undefined && !isAlive(holder)) {
      release();
      continue;
    }
    const shown = holder === undefined ? "another process" : `process ${holder.pid} on ${holder.host}`;
    if (shown !== waitsFor) host.say(`waiting for ${shown}, which ${what}`);
    waitsFor = shown;
    await Bun.sleep(100);
  }
}

function tryLock(workspace: string, name: string): boolean {
  try {
    createFile(workspace, lockFile(name), writeOwner(thisOwner()), 0o644);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}
