import { codeOf } from "./fileErrors.ts";
import { createFile } from "./files.ts";
import { readOwnFile } from "./filesBelow.ts";
import { isAlive, type Owner, ownerLimit, readOwner, thisOwner, writeOwner } from "./owner.ts";
import { removePath } from "./removal.ts";

/** A lock that this process has, until it is released. */
export type HeldLock = {
  /** Whether its last holder died with it, so that what it protects may be in any state. */
  readonly isTakenOver: boolean;
  readonly release: () => void;
};

/**
 * Takes a lock, which is a file below `root`, or returns undefined when a process has it; does not wait. `note` is kept in the
 * file for those who list locks. Throws (73) when it cannot be written.
 */
export function tryLock(root: string, file: string, note: string): HeldLock | undefined {
  const release = () => removePath(root, file);
  const content = `${writeOwner(thisOwner())}\n${note}\n`;
  if (isCreated(root, file, content)) return { isTakenOver: false, release };
  const holder = lockHolder(root, file)?.owner;
  if (holder === undefined || isAlive(holder)) return undefined;
  // Of two processes that find a dead holder, one takes its place; another may have done so meanwhile, or died while it did.
  const successor = `${file}.next`;
  const other = lockHolder(root, successor)?.owner;
  if (other !== undefined && !isAlive(other)) removePath(root, successor);
  if (!isCreated(root, successor, writeOwner(thisOwner()))) return undefined;
  try {
    const still = lockHolder(root, file)?.owner;
    if (still === undefined || isAlive(still)) return undefined;
    removePath(root, file);
    return isCreated(root, file, content) ? { isTakenOver: true, release } : undefined;
  } finally {
    removePath(root, successor);
  }
}

/** Returns the holder of a lock, dead or alive, and its note; undefined when there is none. */
export function lockHolder(
  root: string,
  file: string,
): { readonly owner: Owner; readonly note: string } | undefined {
  const content = readOwnFile(root, file, ownerLimit + 4096);
  if (typeof content === "string") return undefined;
  const [text = "", note = ""] = content.toString().split("\n");
  const owner = readOwner(text);
  return owner === undefined ? undefined : { owner, note };
}

function isCreated(root: string, file: string, content: string): boolean {
  try {
    createFile(root, file, content, 0o644);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}
