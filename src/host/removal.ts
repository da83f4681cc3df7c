import { lstatSync, readdirSync, renameSync, rmdirSync, unlinkSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { codeOf, fileError, wrapFileError } from "./fileErrors.ts";
import type { EntryName } from "./fileName.ts";
import { type OpenFolder, openFolder, openSubfolder } from "./openFolder.ts";

/**
 * Removes a file or folder below `root` with its content; does nothing when it does not exist. A link is removed, not
 * followed. Throws (73) when this fails, or a parent is a link.
 */
export function removePath(root: string, path: string): void {
  try {
    using above = openFolder(root, dirname(path), "look");
    const name = basename(path);
    if (isRemoved(above, name)) return;
    emptyFolder(openSubfolder(above, name));
    removeEmpty(above, name);
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
  }
}

/** Removes a file, a link or an empty folder in an open one; false for a folder that is not empty. Throws (73). */
export function isRemoved(folder: OpenFolder, name: EntryName): boolean {
  const path = folder.entry(name);
  try {
    if (lstatSync(path).isDirectory()) rmdirSync(path);
    else unlinkSync(path);
    return true;
  } catch (cause) {
    if (codeOf(cause) === "ENOENT") return true;
    if (codeOf(cause) === "ENOTEMPTY") return false;
    throw fileError("remove", `\`${join(folder.path, String(name))}\``, cause);
  }
}

/** A folder that is not empty is moved to the top before it is emptied, so that any depth needs only two open folders. */
function emptyFolder(opened: OpenFolder): void {
  using top = opened;
  const full: EntryName[] = [];
  const clear = (folder: OpenFolder) => {
    for (const name of wrapFileError(folder.path, () => readdirSync(folder.entry("."), "buffer"), "remove")) {
      if (isRemoved(folder, name)) continue;
      const moved = folder === top ? name : crypto.randomUUID();
      if (folder !== top) move(folder, name, top, moved);
      full.push(moved);
    }
  };
  clear(top);
  for (const name of full) {
    using folder = openSubfolder(top, name);
    clear(folder);
    removeEmpty(top, name);
  }
}

function move(folder: OpenFolder, name: EntryName, target: OpenFolder, moved: EntryName): void {
  const rename = () => renameSync(folder.entry(name), target.entry(moved));
  wrapFileError(join(folder.path, String(name)), rename, "remove");
}

function removeEmpty(folder: OpenFolder, name: EntryName): void {
  wrapFileError(join(folder.path, String(name)), () => rmdirSync(folder.entry(name)), "remove");
}
