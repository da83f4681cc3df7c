import { lstatSync, realpathSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { wrongKind } from "./fileErrors.ts";
import { replaceFile } from "./files.ts";
import { openFolder } from "./openFolder.ts";

/** A file that the caller named and that is written later. */
export type NamedFile = {
  /** As the caller named it. */
  readonly name: string;
  /** A folder that is there, without links, and the path below it. */
  readonly root: string;
  readonly path: string;
};

/**
 * Returns where the file is that the caller named. Links in its path are followed now, and not any more when it is written:
 * an action can plant them in the workspace, so below this the path is walked from there.
 */
export function locateNamedFile(name: string, workspace: string): NamedFile {
  const path = resolve(name);
  const folder = existingFolder(dirname(path));
  const real = join(folder.real, relative(folder.path, path));
  const root = `${real}/`.startsWith(`${workspace}/`) ? workspace : folder.real;
  return { name, root, path: relative(root, real) };
}

/** Replaces the file by one with this content; makes its folders. Throws (73), also when something else than a file is there. */
export function replaceNamedFile({ root, path }: NamedFile, content: string): void {
  {
    using folder = openFolder(root, dirname(path), "make");
    const name = basename(path);
    const status = lstatSync(folder.entry(name), { throwIfNoEntry: false });
    if (status?.isFile() === false) throw wrongKind("file", join(folder.path, name));
  }
  replaceFile(root, path, content, 0o644);
}

/** The nearest folder on the way to the path that exists, and what it is without links. */
function existingFolder(path: string): { readonly path: string; readonly real: string } {
  try {
    return { path, real: realpathSync(path) };
  } catch (error) {
    if (path === dirname(path)) throw error;
    return existingFolder(dirname(path));
  }
}
