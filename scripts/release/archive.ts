import { dirname } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { endOfTar, tarHeader, tarPadding } from "../../src/tar/tarHeader.ts";

/** A file in an archive or a package. */
export type ReleaseFile = {
  readonly path: string;
  readonly content: string | Uint8Array;
  /** Default: 0644. */
  readonly mode?: number;
  /** The file is a link to this path, and has no content. */
  readonly target?: string;
};

/** Returns the files as a `.tar.gz` with fixed times and owners: the same files give the same bytes. */
export async function archive(files: readonly ReleaseFile[]): Promise<Uint8Array> {
  return compressed(Buffer.concat([...files.flatMap(entryOf), endOfTar]));
}

/** Returns the files as a `.tar.gz` that has their folders too, and paths that begin with `./`, as dpkg expects it. */
export async function archiveWithFolders(files: readonly ReleaseFile[]): Promise<Uint8Array> {
  const folders = [...new Set(files.flatMap(({ path }) => foldersOf(path)))].sort();
  const headers = folders.map((folder) =>
    tarHeader({ path: folder === "." ? "." : `./${folder}`, kind: "directory", mode: 0o755, size: 0 }),
  );
  const entries = files.flatMap((file) => entryOf({ ...file, path: `./${file.path}` }));
  return compressed(Buffer.concat([...headers, ...entries, endOfTar]));
}

/** Returns the bytes as `gzip -9n` does: with no name, and no time. */
export async function compressed(bytes: Uint8Array): Promise<Uint8Array> {
  return await promisify(gzip)(bytes, { level: 9 });
}

function entryOf({ path, content, mode = 0o644, target }: ReleaseFile): readonly Uint8Array[] {
  if (target !== undefined) return [tarHeader({ path, kind: "link", mode: 0o777, size: 0, target })];
  const bytes = Buffer.from(content);
  return [tarHeader({ path, kind: "file", mode, size: bytes.length }), bytes, tarPadding(bytes.length)];
}

function foldersOf(path: string): readonly string[] {
  const folder = dirname(path);
  return folder === "." ? ["."] : [...foldersOf(folder), folder];
}
