import { filesBelow, openOwnFile } from "../host/filesBelow.ts";
import { readParts } from "../host/read.ts";

/** A file that a run left behind; the path is relative to the workspace, the size in bytes. */
export type WrittenFile = {
  readonly path: string;
  readonly size: number;
  readonly change: "new" | "changed";
  readonly uid: number;
};

/** Such a file with the SHA-256 of its content; undefined for a link, a large file and one that cannot be read. */
export type Artifact = WrittenFile & { readonly sha256: string | undefined };

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
export function artifactsSince(before: FolderState, after: FolderState): readonly WrittenFile[] {
  return [...after]
    .filter(([path, { mark }]) => before.get(path)?.mark !== mark)
    .map(
      ([path, { size, uid }]): WrittenFile => ({
        path,
        size,
        uid,
        change: before.has(path) ? "changed" : "new",
      }),
    )
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** The largest file whose content is hashed, in bytes. */
const largestHashed = 100_000_000;

/** How many bytes are hashed at most, and when to stop: a run that has ended is not to go on for minutes. */
export type HashLimits = { readonly bytes: number; readonly isStopped: () => boolean };

/** Yields the files with their hashes, in their order; beyond the limits without. */
export async function* hashArtifacts(
  workspace: string,
  files: readonly WrittenFile[],
  { bytes, isStopped }: HashLimits,
): AsyncGenerator<Artifact> {
  let hashed = 0;
  for (const file of files) {
    const isHashed = !isStopped() && file.size <= largestHashed && hashed + file.size <= bytes;
    if (isHashed) hashed += file.size;
    yield { ...file, sha256: isHashed ? await hashOf(workspace, file.path, isStopped) : undefined };
  }
}

/** A file that grows while it is read is no longer the one whose size is recorded. */
async function hashOf(
  workspace: string,
  path: string,
  isStopped: () => boolean,
): Promise<string | undefined> {
  const descriptor = openOwnFile(workspace, path);
  if (typeof descriptor === "string") return undefined;
  const hash = new Bun.CryptoHasher("sha256");
  let size = 0;
  try {
    for await (const part of readParts(descriptor, 1 << 20)) {
      size += part.length;
      if (size > largestHashed || isStopped()) return undefined;
      hash.update(part);
    }
  } catch {
    return undefined;
  }
  return hash.digest("hex");
}
