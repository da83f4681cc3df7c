import { type BigIntStats, closeSync, readSync } from "node:fs";
import type { EntryName } from "../host/fileName.ts";
import type { OpenFolder } from "../host/openFolder.ts";
import { openToRead } from "../host/read.ts";
import type { SentEntry } from "./manifest.ts";

/** Returns what kind of entry a status is of; undefined for none, and for a pipe, socket or device. */
export function entryKindOf(status: BigIntStats | undefined): SentEntry["kind"] | undefined {
  if (status?.isFile() === true) return "file";
  if (status?.isDirectory() === true) return "directory";
  return status?.isSymbolicLink() === true ? "link" : undefined;
}

/** True when what is here now is what was sent, or there was and is nothing. A folder is not compared by its content. */
export function isAsSent(sent: SentEntry | undefined, now: BigIntStats | undefined): boolean {
  if (sent === undefined || now === undefined) return sent === undefined && now === undefined;
  if (entryKindOf(now) !== sent.kind) return false;
  if (sent.kind === "directory") return true;
  if (sent.inode !== now.ino || sent.mtime !== now.mtimeNs) return false;
  return sent.kind === "link" || (BigInt(sent.size) === now.size && sent.mode === modeOf(now));
}

/** Returns the twelve permission bits. */
export function modeOf(status: BigIntStats): number {
  return Number(status.mode) & 0o7777;
}

/** True for equal times in nanoseconds; those of an archive may be whole seconds, or of what was written to the microsecond. */
export function isSameTime(archived: bigint, here: bigint): boolean {
  const unit = archived % 1_000_000_000n === 0n ? 1_000_000_000n : 1000n;
  const distance = archived - here;
  return archived / unit === here / unit || (unit === 1000n && distance < 1000n && distance > -1000n);
}

/** True when both names are of files with the same content; links are not followed. */
export function haveSameContent(
  one: OpenFolder,
  oneName: EntryName,
  other: OpenFolder,
  otherName: EntryName,
): boolean {
  const first = openToRead(one.entry(oneName), "refuse");
  if (typeof first === "string") return false;
  const second = openToRead(other.entry(otherName), "refuse");
  try {
    return typeof second !== "string" && isSameContent(first, second);
  } finally {
    closeSync(first);
    if (typeof second !== "string") closeSync(second);
  }
}

function isSameContent(first: number, second: number): boolean {
  const parts = [Buffer.allocUnsafe(partLength), Buffer.allocUnsafe(partLength)] as const;
  for (;;) {
    const [count, otherCount] = [fill(first, parts[0]), fill(second, parts[1])];
    if (count !== otherCount || parts[0].compare(parts[1], 0, count, 0, count) !== 0) return false;
    if (count < partLength) return true;
  }
}

const partLength = 1 << 18;

function fill(descriptor: number, part: Buffer): number {
  let filled = 0;
  while (filled < part.length) {
    const count = readSync(descriptor, part, filled, part.length - filled, null);
    if (count === 0) break;
    filled += count;
  }
  return filled;
}
