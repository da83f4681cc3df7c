import { filesBelow } from "../host/filesBelow.ts";

/** A file that a run left behind; the path is relative to the workspace, the size in bytes. */
export type Artifact = {
  readonly path: string;
  readonly size: number;
  readonly change: "new" | "changed";
  readonly uid: number;
};

/** The files of a folder, and a mark that differs when one has changed: size, modification and change time, and inode. */
export type FolderState = ReadonlyMap<
  string,
  { readonly mark: string; readonly size: number; readonly uid: number }
>;

/** Returns the state of the folder. Does not follow links, and leaves out what cannot be read. */
export function stateOf(workspace: string, folder: string): FolderState {
  return new Map(
    filesBelow(workspace, folder).map(({ path, status }) => {
      const mark = `${status.size}/${status.mtimeNs}/${status.ctimeNs}/${status.ino}`;
      return [path, { mark, size: Number(status.size), uid: Number(status.uid) }];
    }),
  );
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
