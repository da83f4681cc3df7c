import {
  chmodSync,
  closeSync,
  constants,
  lutimesSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { wrapFileError } from "./fileErrors.ts";
import { namesIn, readOwnText } from "./filesBelow.ts";
import { isPrivate } from "./privateFolder.ts";

/**
 * A folder, file or link to create; a folder precedes its content. Paths are relative to the tree, times in seconds since
 * 1970.
 */
export type TreeEntry = { readonly path: string; readonly time: number } & (
  | { readonly kind: "directory"; readonly mode: number }
  | { readonly kind: "link"; readonly target: string }
  | { readonly kind: "file"; readonly mode: number; readonly content: () => AsyncIterable<Uint8Array> }
);

/** A folder that only the user can read, and a function that removes it. */
export type PrivateTree = { readonly directory: string; readonly remove: () => void };

const prefix = "polycrate-build-";

/**
 * Creates the entries in a new temporary folder, and a file with its `owner` next to them. Returns early when `isStopped`. Throws
 * (73) when it cannot be written, and the error of reading a content; the folder is then removed.
 */
export async function makePrivateTree(
  entries: readonly TreeEntry[],
  owner: string,
  isStopped: () => boolean,
): Promise<PrivateTree> {
  const temporary = join(tmpdir(), prefix);
  const above = wrapFileError(temporary, () => mkdtempSync(temporary));
  const directory = join(above, "context");
  const remove = () => removePrivateTree(above);
  try {
    wrapFileError(above, () => writeFileSync(join(above, "owner"), owner, { flag: "wx" }));
    mkdirSync(directory);
    for (const entry of entries) {
      if (isStopped()) break;
      await makeEntry(entry, join(directory, entry.path));
    }
    for (const entry of entries.toReversed()) finishEntry(entry, join(directory, entry.path));
    chmodSync(directory, 0o755);
    return { directory, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

/** Returns the temporary folders of that user with such trees, and the owner of each. */
export function privateTrees(uid: number): readonly { readonly path: string; readonly owner: string }[] {
  const root = tmpdir();
  return namesIn(root, "").flatMap((name) => {
    const path = join(root, name);
    if (!name.startsWith(prefix) || !isPrivate({ path, uid })) return [];
    return { path, owner: readOwnText(root, `${name}/owner`, 1024) ?? "" };
  });
}

/** Removes such a folder and its content. */
export function removePrivateTree(path: string): void {
  allowRemoval(path);
  wrapFileError(path, () => rmSync(path, { recursive: true, force: true }), "remove");
}

/** The content of a folder without write permission cannot be removed. */
function allowRemoval(folder: string): void {
  chmodSync(folder, 0o700);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) allowRemoval(join(folder, entry.name));
  }
}

async function makeEntry(entry: TreeEntry, target: string): Promise<void> {
  if (entry.kind === "file") return makeFile(entry.content(), target);
  wrapFileError(target, () => {
    if (entry.kind === "directory") mkdirSync(target, { mode: 0o700 });
    else symlinkSync(entry.target, target);
  });
}

async function makeFile(content: AsyncIterable<Uint8Array>, target: string): Promise<void> {
  const { O_CREAT, O_EXCL, O_WRONLY } = constants;
  const file = wrapFileError(target, () => openSync(target, O_CREAT | O_EXCL | O_WRONLY, 0o600));
  try {
    for await (const part of content) {
      wrapFileError(target, () => {
        for (let written = 0; written < part.length; ) written += writeSync(file, part, written);
      });
    }
  } finally {
    closeSync(file);
  }
}

/** Called for the innermost entries first: a folder's mode may forbid changes in it. */
function finishEntry(entry: TreeEntry, path: string): void {
  try {
    lutimesSync(path, entry.time, entry.time);
    if (entry.kind !== "link") chmodSync(path, entry.mode);
  } catch {
    // it was not created, because the copy was stopped
  }
}
