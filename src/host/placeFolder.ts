import { lstatSync, renameSync, symlinkSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { exchange } from "./exchange.ts";
import { codeOf, ignoreErrors, wrapFileError, wrongKind } from "./fileErrors.ts";
import { createFiles, makeFolder, type NewFile } from "./files.ts";
import { openFolder } from "./openFolder.ts";

/** What a new folder has; paths are relative to it. */
export type FolderContent = {
  readonly folders: readonly string[];
  readonly files: readonly NewFile[];
  readonly links: readonly { readonly path: string; readonly target: string }[];
};

/** Writes a new folder below `root` with this content. Throws (73) when it cannot be written; what was written then stays. */
export function createFolder(root: string, path: string, { folders, files, links }: FolderContent): void {
  makeFolder(root, path, 0o755);
  for (const folder of folders) makeFolder(root, join(path, folder), 0o755);
  createFiles(root, path, files, 0o755);
  for (const link of links) {
    using above = openFolder(root, join(path, dirname(link.path)), "make");
    const name = basename(link.path);
    wrapFileError(join(above.path, name), () => symlinkSync(link.target, above.entry(name)));
  }
}

/**
 * Puts the folder `made` in the place of `path`, in one step: whoever looks sees the old folder or the new one, also after a kill.
 * Then `made` is the old one, or gone when there was none. Both are below `root`, and no link is followed. Where a system cannot
 * exchange folders, there is a moment without one. Throws (73).
 */
export async function placeFolder(root: string, made: string, path: string): Promise<void> {
  using from = openFolder(root, dirname(made), "look");
  using to = openFolder(root, dirname(path), "make");
  const [source, target] = [from.entry(basename(made)), to.entry(basename(path))];
  const shown = join(to.path, basename(path));
  const status = lstatSync(target, { throwIfNoEntry: false });
  if (status === undefined) return wrapFileError(shown, () => renameSync(source, target));
  if (!status.isDirectory()) throw wrongKind("folder", shown);
  if (await exchange(source, target)) return undefined;
  const aside = from.entry(`${basename(made)}.old`);
  wrapFileError(shown, () => renameSync(target, aside));
  try {
    wrapFileError(shown, () => renameSync(source, target));
  } catch (error) {
    ignoreErrors(() => renameSync(aside, target));
    throw error;
  }
  renameSync(aside, source);
}

/** Moves a folder away, to a path that does not exist; false when there is none. Both are below `root`. Throws (73). */
export function moveFolder(root: string, path: string, to: string): boolean {
  try {
    using above = openFolder(root, dirname(path), "look");
    using target = openFolder(root, dirname(to), "make");
    const name = basename(path);
    wrapFileError(join(above.path, name), () => renameSync(above.entry(name), target.entry(basename(to))));
    return true;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return false;
    throw error;
  }
}
