import { closeSync, fstatSync, readSync } from "node:fs";
import { PolycrateError } from "../errors.ts";
import { entryNameOf, splitPath } from "../host/fileName.ts";
import { type LastFolder, lastFolder } from "../host/lastFolder.ts";
import { openToRead, type ReadProblem, readProblemOf } from "../host/read.ts";
import {
  type DataRegion,
  endOfTar,
  sparseMap,
  type TarOwner,
  tarHeader,
  tarPadding,
} from "../tar/tarHeader.ts";
import type { Collected, LeftOut } from "./collect.ts";

/** An entry of an archive for a container. `to` is its path there, without a slash before it. */
export type PackedEntry = {
  readonly to: string;
  readonly mode: number;
  /** In nanoseconds since 1970. */
  readonly mtime: bigint;
} & (
  | { readonly kind: "directory" }
  | { readonly kind: "link"; readonly target: string }
  | { readonly kind: "text"; readonly content: string | Uint8Array }
  | FileEntry
);

type FileEntry = {
  readonly kind: "file";
  /** The path of the file below the packed `root`. */
  readonly from: string;
  readonly size: number;
  readonly isSparse: boolean;
  /** An earlier entry (`to`) that is the same file. */
  readonly sameAs?: string;
};

/** What is packed, for whom, and who hears of files that cannot be read as they were found. */
export type Packing = {
  /** The folder that files are read from. */
  readonly root: string;
  /** Everything belongs to this user there: a rootless engine knows few others. */
  readonly owner: TarOwner;
  /** Told of a file that is not in the archive, with its path below `root`. */
  readonly onUnread: (file: LeftOut) => void;
  /** Told of a file that changed while it was read: in the archive it has the size that it was found with. */
  readonly onChanged: (path: string) => void;
};

/** Returns the entries of a workspace for an archive in which it is the folder `to`. */
export function packedWorkspace({ entries }: Collected, to: string): readonly PackedEntry[] {
  const place = (path: string) => (path === "." ? to : `${to}/${path}`);
  return entries.map(({ path, kind, mode, mtime, size, isSparse, target = "", sameAs }): PackedEntry => {
    const common = { to: place(path), mode, mtime };
    if (kind === "directory") return { ...common, kind };
    if (kind === "link") return { ...common, kind, target };
    const same = sameAs === undefined ? {} : { sameAs: place(sameAs) };
    return { ...common, kind, from: path, size, isSparse, ...same };
  });
}

/**
 * Yields the entries as a pax tar, in parts of about `partSize` bytes. Files are read as they are now; one that cannot be opened is
 * left out, one that became shorter ends with zeros. Throws (73) when the root cannot be opened.
 */
export async function* packArchive(
  entries: Iterable<PackedEntry>,
  packing: Packing,
): AsyncGenerator<Uint8Array> {
  using folders = lastFolder(packing.root);
  const buffer = Buffer.allocUnsafe(partSize);
  let filled = 0;
  const absent = new Set<string>();
  for (const entry of entries) {
    for (const part of entryParts(entry, packing, folders, absent)) {
      if (part.length === 0) await Bun.sleep(0);
      for (let at = 0; at < part.length; ) {
        const taken = Math.min(part.length - at, partSize - filled);
        buffer.set(part.subarray(at, at + taken), filled);
        filled += taken;
        at += taken;
        if (filled < partSize) continue;
        yield Buffer.from(buffer);
        filled = 0;
      }
    }
  }
  yield Buffer.from(buffer.subarray(0, filled));
  yield endOfTar;
}

const partSize = 1 << 18;

function* entryParts(
  entry: PackedEntry,
  packing: Packing,
  folders: LastFolder,
  absent: Set<string>,
): Generator<Uint8Array> {
  const common = { path: entry.to, mode: entry.mode, mtime: entry.mtime, owner: packing.owner };
  if (entry.kind === "directory" || entry.kind === "link") {
    const target = entry.kind === "link" ? { target: entry.target } : {};
    yield tarHeader({ ...common, kind: entry.kind, size: 0, ...target });
  } else if (entry.kind === "text") {
    const content = typeof entry.content === "string" ? Buffer.from(entry.content) : entry.content;
    yield tarHeader({ ...common, kind: "file", size: content.length });
    yield content;
    yield tarPadding(content.length);
  } else if (entry.sameAs !== undefined && !absent.has(entry.sameAs)) {
    yield tarHeader({ ...common, kind: "hardLink", size: 0, target: entry.sameAs });
  } else yield* fileParts(entry, common, packing, folders, absent);
}

function* fileParts(
  entry: PackedEntry & FileEntry,
  common: Omit<Parameters<typeof tarHeader>[0], "kind" | "size">,
  { onUnread, onChanged }: Packing,
  folders: LastFolder,
  absent: Set<string>,
): Generator<Uint8Array> {
  const descriptor = openIn(folders, entry.from);
  if (typeof descriptor === "string") {
    absent.add(entry.to);
    onUnread({ path: entry.from, reason: unreadReasons[descriptor] });
    return;
  }
  try {
    if (entry.isSparse) {
      const regions = yield* dataRegions(descriptor, entry.size);
      const map = sparseMap(regions);
      const size = map.length + regions.reduce((sum, { length }) => sum + length, 0);
      yield tarHeader({ ...common, kind: "file", size, sparseSize: entry.size });
      yield map;
      for (const region of regions) yield* bytesIn(descriptor, region);
      yield tarPadding(size);
    } else {
      yield tarHeader({ ...common, kind: "file", size: entry.size });
      yield* bytesIn(descriptor, { offset: 0, length: entry.size });
      yield tarPadding(entry.size);
    }
    const { size, mtimeNs } = fstatSync(descriptor, { bigint: true });
    if (size !== BigInt(entry.size) || mtimeNs !== entry.mtime) onChanged(entry.from);
  } finally {
    closeSync(descriptor);
  }
}

const unreadReasons: Readonly<Record<ReadProblem, string>> = {
  missing: "it was removed meanwhile",
  unreadable: "permission denied",
  "not a file": "it is not a file any more",
  "too large": "it is too large",
};

/** Yields exactly that many bytes; zeros for those that the file does not have. */
function* bytesIn(descriptor: number, { offset, length }: DataRegion): Generator<Uint8Array> {
  const part = Buffer.allocUnsafe(Math.min(length, partSize));
  for (let done = 0; done < length; ) {
    const size = Math.min(part.length, length - done);
    const count = readSync(descriptor, part, 0, size, offset + done);
    if (count === 0) part.fill(0, 0, size);
    const taken = count === 0 ? size : count;
    yield part.subarray(0, taken);
    done += taken;
  }
}

/**
 * Finds holes by their zeros: asking the file system (SEEK_HOLE, lseek(2)) is not possible from here. Yields nothing, often, so that
 * signals are handled meanwhile.
 */
function* dataRegions(descriptor: number, size: number): Generator<Uint8Array, readonly DataRegion[]> {
  const regions: { offset: number; length: number }[] = [];
  let offset = 0;
  for (const part of bytesIn(descriptor, { offset: 0, length: size })) {
    for (let at = 0; at < part.length; at += holeSize) {
      const block = part.subarray(at, at + holeSize);
      const last = regions.at(-1);
      if (isZero(block)) continue;
      if (last !== undefined && last.offset + last.length === offset + at) last.length += block.length;
      else regions.push({ offset: offset + at, length: block.length });
    }
    offset += part.length;
    if (offset % pauseSize === 0) yield nothing;
  }
  const end = regions.at(-1);
  // GNU tar takes the end of the last region for that of the file.
  return end !== undefined && end.offset + end.length === size
    ? regions
    : [...regions, { offset: size, length: 0 }];
}

const holeSize = 4096;
const pauseSize = 1 << 26;
const nothing = new Uint8Array();
const zeros = Buffer.alloc(holeSize);

/** True for a block of at most 4096 bytes that are all zero. */
export function isZero(block: Uint8Array): boolean {
  return zeros.compare(block, 0, block.length, 0, block.length) === 0;
}

/** Opens a file of the workspace and returns its descriptor, or why it cannot be read. */
function openIn(folders: LastFolder, path: string): number | ReadProblem {
  try {
    const { folder, name } = splitPath(path);
    return openToRead(folders.at(folder, "look").entry(entryNameOf(name)), "refuse");
  } catch (error) {
    if (!(error instanceof PolycrateError)) throw error;
    return error.cause === undefined ? "not a file" : readProblemOf(error.cause);
  }
}
