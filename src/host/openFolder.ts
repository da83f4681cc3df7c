import { closeSync, constants, mkdirSync, openSync, type PathLike } from "node:fs";
import { join } from "node:path";
import { codeOf, wrapFileError, wrongKind } from "./fileErrors.ts";
import { type EntryName, entryNameOf } from "./fileName.ts";
import { hasDescriptorPaths } from "./read.ts";

// An action can be root in the container and change the workspace at any time, so a path is not checked first and used later.
// Every folder below `root` is opened without following links, and the next operation runs in the open folder
// (`/proc/self/fd/N/name`, like openat(2)). Where such paths do not exist, as on macOS, each step is checked before it is used.

/** A folder that is held open; `entry` is the path of a name in it, even after the folder was moved. */
export type OpenFolder = Disposable & {
  readonly descriptor: number;
  readonly path: string;
  readonly entry: (name: EntryName) => PathLike;
};

/** Opens each folder from `root` down and returns the last; `make` creates missing ones. Throws (73). */
export function openFolder(
  root: string | OpenFolder,
  path: string,
  missing: "make" | "look",
): OpenFolder & { readonly isNew: boolean } {
  const verb = missing === "make" ? "write" : "open";
  const [start, shown] = typeof root === "string" ? [root, root] : [root.entry("."), root.path];
  let folder = folderAt(
    wrapFileError(shown, () => openSync(start, folderFlags), verb),
    shown,
  );
  let isNew = false;
  for (const name of path.split("/").filter((segment) => segment !== "" && segment !== ".")) {
    using above = folder;
    const next = join(above.path, name);
    if (name === "..") throw wrongKind("folder", next);
    const opened = wrapFileError(next, () => openOrMake(above, name, missing), verb);
    isNew = opened.isNew;
    folder = folderAt(opened.descriptor, next);
  }
  return { ...folder, isNew };
}

/** Opens a folder in an open one, without following a link. Throws (73). */
export function openSubfolder(above: OpenFolder, name: EntryName): OpenFolder {
  const path = join(above.path, String(name));
  return folderAt(
    wrapFileError(path, () => openSync(above.entry(name), folderFlags), "open"),
    path,
  );
}

const folderFlags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

function folderAt(descriptor: number, path: string): OpenFolder {
  const base = hasDescriptorPaths ? `/proc/self/fd/${descriptor}` : path;
  return {
    descriptor,
    path,
    entry: (name) =>
      typeof name === "string" ? `${base}/${name}` : Buffer.concat([Buffer.from(`${base}/`), name]),
    [Symbol.dispose]: () => closeSync(descriptor),
  };
}

/** Another run may create the folder after the first attempt to open it. */
function openOrMake(above: OpenFolder, name: string, missing: "make" | "look") {
  const open = () => {
    try {
      return openSync(above.entry(entryNameOf(name)), folderFlags);
    } catch (cause) {
      if (["ENOTDIR", "ELOOP"].includes(codeOf(cause))) throw wrongKind("folder", join(above.path, name));
      throw cause;
    }
  };
  try {
    return { descriptor: open(), isNew: false };
  } catch (cause) {
    if (missing === "look" || codeOf(cause) !== "ENOENT") throw cause;
  }
  const isNew = made(above.entry(entryNameOf(name)));
  return { descriptor: open(), isNew };
}

function made(path: PathLike): boolean {
  try {
    mkdirSync(path, { mode: 0o755 });
    return true;
  } catch (cause) {
    if (codeOf(cause) === "EEXIST") return false;
    throw cause;
  }
}
