import { lstatSync, readlinkSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { filesBelow, readOwnFile } from "../host/filesBelow.ts";
import { sha256 } from "../image/digest.ts";
import { type BlockEntry, badBlock, largestBlock, mostEntries, originFile } from "./blockEntries.ts";

/** By the paths of a block's files and links, a text for each: equal texts mean equal entries. */
export type OwnDigests = ReadonlyMap<string, string>;

/** Returns the text for an entry; undefined for a folder. */
export function entryDigest(entry: BlockEntry): string | undefined {
  if (entry.kind === "directory") return undefined;
  if (entry.kind === "link") return `link ${sha256(Buffer.from(entry.target))}`;
  return `${entry.executable ? "0755" : "0644"} ${sha256(entry.content)}`;
}

/** Returns the digests of the entries, as `ownDigests` does of a folder. */
export function digestsOfEntries(entries: Iterable<BlockEntry>): OwnDigests {
  const found = [...entries].flatMap((entry): readonly (readonly [string, string])[] => {
    const own = entryDigest(entry);
    return own === undefined ? [] : [[entry.path, own]];
  });
  return new Map(found);
}

/** Returns the digests of the files of a block's folder; what cannot be read, or is too large, counts as another content. */
export function ownDigests(workspace: string, directory: string, blockFile: string): OwnDigests {
  const found = ownPaths(workspace, directory, blockFile).map((path): readonly [string, string] => {
    const entry = ownEntry(workspace, directory, path);
    return [path, typeof entry === "string" ? entry : (entryDigest(entry) ?? "")];
  });
  return new Map(found);
}

/**
 * Returns the files and links of a block's folder, sorted, without those of blocks in folders below it. Throws (65) for anything
 * that a block of a registry cannot have.
 */
export function ownEntries(workspace: string, directory: string, blockFile: string): readonly BlockEntry[] {
  let bytes = 0;
  const what = `\`${directory}\``;
  const paths = ownPaths(workspace, directory, blockFile);
  if (paths.length > mostEntries) throw badBlock(what, `it has more than ${mostEntries} files`);
  return paths.map((path) => {
    const entry = ownEntry(workspace, directory, path);
    if (typeof entry === "string") throw badBlock(what, `\`${path}\` ${entry}`);
    bytes += entry.kind === "file" ? entry.content.length : 0;
    if (bytes > largestBlock) throw badBlock(what, `it is larger than ${largestBlock / 1e6} MB`);
    return entry;
  });
}

/** Returns the folders of other blocks in a block's folder, relative to it. */
export function blocksBelow(workspace: string, directory: string, blockFile: string): readonly string[] {
  return filesBelow(workspace, directory)
    .map(({ path }) => relative(directory, path))
    .filter((path) => path.endsWith(`/${blockFile}`))
    .map(dirname);
}

function ownPaths(workspace: string, directory: string, blockFile: string): readonly string[] {
  const others = blocksBelow(workspace, directory, blockFile).map((folder) => `${folder}/`);
  return filesBelow(workspace, directory)
    .map(({ path }) => relative(directory, path))
    .filter((path) => path !== originFile && !others.some((folder) => path.startsWith(folder)))
    .sort();
}

/** The entry at a path of the folder, or why it is none, as a clause. */
function ownEntry(workspace: string, directory: string, path: string): BlockEntry | string {
  const file = join(directory, path);
  const status = lstatSync(join(workspace, file), { throwIfNoEntry: false });
  if (status?.isSymbolicLink() === true)
    return { path, kind: "link", target: readlinkSync(join(workspace, file)) };
  const content = readOwnFile(workspace, file, largestBlock);
  if (typeof content === "string" || status === undefined) return `cannot be read: it is ${content}`;
  return { path, kind: "file", executable: (status.mode & 0o111) !== 0, content };
}
