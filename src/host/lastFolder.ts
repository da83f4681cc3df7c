import { type OpenFolder, openFolder } from "./openFolder.ts";

/** Opens folders below a root one at a time; the last one stays open, for the next path in it. */
export type LastFolder = Disposable & {
  /** Returns the folder, which must not be disposed. Throws (73) as `openFolder` does. */
  readonly at: (path: string, missing: "make" | "look") => OpenFolder;
  /** Opens the next folder anew, because another may be in its place. */
  readonly forget: () => void;
};

/** Returns a way to open folders below `root`. */
export function lastFolder(root: string): LastFolder {
  let last: { readonly path: string; readonly folder: OpenFolder } | undefined;
  const forget = () => {
    last?.folder[Symbol.dispose]();
    last = undefined;
  };
  return {
    at: (path, missing) => {
      if (last?.path === path) return last.folder;
      forget();
      last = { path, folder: openFolder(root, path, missing) };
      return last.folder;
    },
    forget,
    [Symbol.dispose]: forget,
  };
}
