import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** A file that a run left behind; the path is relative to the workspace, the size in bytes. */
export type Artifact = {
  readonly path: string;
  readonly size: number;
  readonly change: "new" | "changed";
  readonly uid: number;
};

/** The files of a folder and what tells a changed one: size, modification time and inode. */
export type FolderState = ReadonlyMap<
  string,
  { readonly mark: string; readonly size: number; readonly uid: number }
>;

/** Returns the state of the folder; links are not followed, and what cannot be read counts as not there. */
export function stateOf(workspace: string, folder: string): FolderState {
  const state = new Map<string, { mark: string; size: number; uid: number }>();
  const visit = (path: string) => {
    for (const entry of entriesOf(join(workspace, path))) {
      const child = join(path, entry.name);
      if (entry.isDirectory()) visit(child);
      else {
        const stat = lstatSync(join(workspace, child), { bigint: true, throwIfNoEntry: false });
        if (stat === undefined) continue;
        const mark = `${stat.size}/${stat.mtimeNs}/${stat.ctimeNs}/${stat.ino}`;
        state.set(child, { mark, size: Number(stat.size), uid: Number(stat.uid) });
      }
    }
  };
  visit(folder);
  return state;
}

/** Returns the files that are new or changed since the earlier state, in the order of their paths. */
export function artifactsSince(before: FolderState, after: FolderState): readonly Artifact[] {
  return [...after]
    .filter(([path, { mark }]) => before.get(path)?.mark !== mark)
    .map(
      ([path, { size, uid }]): Artifact => ({
        path,
        size,
        uid,
        change: before.has(path) ? "changed" : "new",
      }),
    )
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

function entriesOf(path: string) {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch {
    return [];
  }
}
