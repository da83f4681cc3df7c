import { type BigIntStats, lstatSync, readdirSync, readlinkSync } from "node:fs";
import { codeOf, reasonOf } from "../host/fileErrors.ts";
import { decodeName, entryNameOf } from "../host/fileName.ts";
import { type OpenFolder, openFolder, openSubfolder } from "../host/openFolder.ts";
import { within } from "../image/context/tree.ts";
import type { Manifest, SentEntry } from "./manifest.ts";
import { type TravelRules, travelRules } from "./travelRules.ts";

/** An entry of a workspace that travels; its path is relative to the workspace, `.` for the workspace itself. */
export type CollectedEntry = SentEntry & {
  readonly path: string;
  /** What a link leads to. */
  readonly target?: string;
  /** The path of an earlier entry that is the same file. */
  readonly sameAs?: string;
  /** True when the disk has fewer blocks than the size would need. */
  readonly isSparse: boolean;
};

/** Something that stays here, and why, as a clause. */
export type LeftOut = { readonly path: string; readonly reason: string };

/** All that travels of a workspace; a folder precedes its content. */
export type Collected = {
  readonly root: string;
  readonly entries: readonly CollectedEntry[];
  /** Sockets, pipes, devices and folders that cannot be read. */
  readonly leftOut: readonly LeftOut[];
  /** Files and links. */
  readonly files: number;
  /** Of the files together. */
  readonly bytes: number;
};

/**
 * Returns all of the workspace `root` but `.git` (unless the ignore file says `!.git`), the paths in `stays`, and what the ignore
 * file names. Links are not followed. Throws a PolycrateError (65) for an ignore file with a malformed pattern, (73) when the
 * workspace cannot be opened.
 */
export function collectWorkspace(root: string, stays: readonly string[]): Collected {
  const rules = travelRules(root, stays);
  const walk: Walk = { ...rules, entries: [], leftOut: [], firstPaths: new Map() };
  using top = openFolder(root, ".", "look");
  walk.entries.push(foundEntry(".", lstatSync(top.entry("."), { bigint: true })));
  walkFolder(walk, top, "");
  const { entries, leftOut } = walk;
  const files = entries.filter(({ kind }) => kind !== "directory");
  const bytes = files.reduce((sum, file) => sum + (file.sameAs === undefined ? file.size : 0), 0);
  return { root, entries, leftOut, files: files.length, bytes };
}

/** Returns the manifest of what was sent: all that was collected but what could not be read then. */
export function manifestOf({ entries }: Collected, unread: readonly LeftOut[]): Manifest {
  const sent = new Map<string, SentEntry>(entries.map((entry) => [entry.path, entry]));
  for (const { path } of unread) sent.delete(path);
  return sent;
}

type Walk = TravelRules & {
  readonly entries: CollectedEntry[];
  readonly leftOut: LeftOut[];
  /** The first path of each file that has several. */
  readonly firstPaths: Map<string, string>;
};

/** Files come before folders, so that those of one folder can be read one after the other. */
function walkFolder(walk: Walk, folder: OpenFolder, path: string): void {
  const names = readdirSync(folder.entry("."), "buffer").map(decodeName).sort();
  const folders: { readonly name: string; readonly entry: CollectedEntry; readonly isIgnored: boolean }[] =
    [];
  for (const name of names) {
    const next = within(path, name);
    const isIgnored = walk.isIgnored(next);
    if (isIgnored && !walk.mayTravel(next)) continue;
    const status = lstatSync(folder.entry(entryNameOf(name)), { bigint: true, throwIfNoEntry: false });
    if (status?.isDirectory() === true) folders.push({ name, entry: foundEntry(next, status), isIgnored });
    else if (status !== undefined && !isIgnored) takeEntry(walk, folder, name, next, status);
  }
  for (const { name, entry, isIgnored } of folders) {
    const before = walk.entries.length;
    walk.entries.push(entry);
    try {
      using below = openSubfolder(folder, entryNameOf(name));
      walkFolder(walk, below, entry.path);
    } catch (error) {
      if (codeOf(error) !== "ENOENT") walk.leftOut.push({ path: entry.path, reason: reasonOf(error) });
    }
    if (isIgnored && walk.entries.length === before + 1) walk.entries.pop();
  }
}

function takeEntry(walk: Walk, folder: OpenFolder, name: string, path: string, status: BigIntStats): void {
  if (status.isSymbolicLink()) {
    const target = targetOf(folder, name);
    if (target !== undefined) walk.entries.push({ ...foundEntry(path, status), target });
  } else if (status.isFile()) {
    const identity = `${status.dev}:${status.ino}`;
    const sameAs = status.nlink > 1n ? walk.firstPaths.get(identity) : undefined;
    if (status.nlink > 1n && sameAs === undefined) walk.firstPaths.set(identity, path);
    walk.entries.push({ ...foundEntry(path, status), ...(sameAs === undefined ? {} : { sameAs }) });
  } else walk.leftOut.push({ path, reason: `it is a ${specialKind(status)}` });
}

/** Undefined for a link that vanished meanwhile. */
function targetOf(folder: OpenFolder, name: string): string | undefined {
  try {
    return decodeName(readlinkSync(folder.entry(entryNameOf(name)), "buffer"));
  } catch {
    return undefined;
  }
}

function specialKind(status: BigIntStats): string {
  if (status.isFIFO()) return "pipe";
  return status.isSocket() ? "socket" : "device";
}

function foundEntry(path: string, status: BigIntStats): CollectedEntry {
  const kind = status.isDirectory() ? "directory" : status.isSymbolicLink() ? "link" : "file";
  return {
    path,
    kind,
    mode: Number(status.mode) & 0o7777,
    size: kind === "file" ? Number(status.size) : 0,
    mtime: status.mtimeNs,
    inode: status.ino,
    // A file of a few blocks may lie in its inode.
    isSparse: kind === "file" && status.blocks * 512n + 65_536n <= status.size,
  };
}
