import { type Dirent, lstatSync, readdirSync, readlinkSync, type Stats } from "node:fs";
import { join } from "node:path";
import { exitCodes, PolycrateError } from "../../errors.ts";

/**
 * The files below a folder, by paths relative to it with slashes. Links are never followed. What is missing is
 * undefined or an empty list; what cannot be read is a PolycrateError (65), as it is an error for docker.
 */
export type WorkspaceTree = {
  readonly kindOf: (path: string) => EntryKind | undefined;
  /** The twelve permission bits of a folder; undefined for anything else. */
  readonly folderMode: (path: string) => number | undefined;
  /** In an order that does not depend on the file system. */
  readonly childrenOf: (folder: string) => readonly Child[];
  readonly targetOf: (link: string) => string | undefined;
};

/** Devices, pipes and sockets are `other`. */
export type EntryKind = "file" | "directory" | "link" | "other";

export type Child = { readonly name: string; readonly kind: EntryKind };

/** Returns a view of the tree below `root`; each call reads the disk. */
export function workspaceTree(root: string): WorkspaceTree {
  const statusOf = (path: string): Stats | undefined =>
    readable(path, () => lstatSync(join(root, path), { throwIfNoEntry: false }), undefined);
  const kindOf = (path: string): EntryKind | undefined => {
    const status = statusOf(path);
    return status && kindIn(status);
  };
  return {
    kindOf,
    folderMode: (path) => {
      const status = statusOf(path);
      return status?.isDirectory() === true ? status.mode & 0o7777 : undefined;
    },
    childrenOf: (folder) =>
      readable(folder, () => readdirSync(join(root, folder), { withFileTypes: true }), [])
        .map((child): Child => {
          const kind = kindIn(child);
          // Some file systems do not report the kind here.
          return {
            name: child.name,
            kind: kind === "other" ? (kindOf(within(folder, child.name)) ?? kind) : kind,
          };
        })
        .sort((one, other) => (one.name < other.name ? -1 : 1)),
    targetOf: (link) => readable(link, () => readlinkSync(join(root, link)), undefined),
  };
}

function kindIn(status: Stats | Dirent): EntryKind {
  if (status.isFile()) return "file";
  if (status.isDirectory()) return "directory";
  return status.isSymbolicLink() ? "link" : "other";
}

/** The path of a name in a folder, where the root is `""`. */
export function within(folder: string, name: string): string {
  return folder === "" ? name : `${folder}/${name}`;
}

/** The folder that a path is in. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/** An entry that disappears or changes its kind while it is read counts as missing. */
function readable<Value>(path: string, read: () => Value, missing: Value): Value {
  try {
    return read();
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
    if (["ENOENT", "ENOTDIR", "ENAMETOOLONG", "EINVAL"].includes(code)) return missing;
    throw new PolycrateError(`\`${path}\` cannot be read for the build context`, {
      hint: "change its permissions, or list it in `.dockerignore`",
      exitCode: exitCodes.invalidWorkspace,
      cause,
    });
  }
}
