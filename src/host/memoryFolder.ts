import { lstatSync, mkdirSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isPrivate, type PrivateFolder } from "./privateFolder.ts";

// What must not reach a disk is kept in a folder of a file system in memory, which only Linux has everywhere.

/** `TMPFS_MAGIC` and `RAMFS_MAGIC` of linux/magic.h. */
const memoryFileSystems: ReadonlySet<number> = new Set([0x01021994, 0x858458f6]);

/** The caller's private runtime folder (XDG Base Directory Specification); undefined without one. */
export function runtimeFolder(path: string, uid: number): string | undefined {
  if (process.platform !== "linux" || !path.startsWith("/")) return undefined;
  return isPrivate({ path, uid }) ? path.replace(/\/+$/, "") : undefined;
}

/** Where this user's files in shared memory are: a folder of a file system that every user can write in. */
export function sharedMemoryFolder(uid: number): string {
  return `/dev/shm/polycrate-${uid}`;
}

/**
 * Returns a folder of this user alone in memory: the runtime folder, else one in shared memory, which is created when it is
 * missing; undefined where there is none, or another user took its name.
 */
export function memoryFolder(environment: NodeJS.ProcessEnv, uid: number): string | undefined {
  const runtime = runtimeFolder(environment.XDG_RUNTIME_DIR ?? "", uid);
  if (runtime !== undefined && isInMemory(runtime)) return runtime;
  if (process.platform !== "linux" || !isInMemory("/dev/shm")) return undefined;
  return madePrivate({ path: sharedMemoryFolder(uid), uid });
}

/** Returns a folder of this user alone for temporary files, on a disk; undefined if another user took its name. */
export function temporaryFolder(uid: number): string | undefined {
  const path = join(tmpdir(), `polycrate-${uid}`);
  return madePrivate({ path, uid });
}

function madePrivate({ path, uid }: PrivateFolder): string | undefined {
  try {
    if (lstatSync(path, { throwIfNoEntry: false }) === undefined) mkdirSync(path, { mode: 0o700 });
  } catch {
    // Created by another process at this moment, or not allowed: what is there now decides.
  }
  return isPrivate({ path, uid }) ? path : undefined;
}

/** True for a path on a file system in memory. */
export function isInMemory(path: string): boolean {
  try {
    return memoryFileSystems.has(statfsSync(path).type);
  } catch {
    return false;
  }
}
