import { closeSync, fstatSync, readSync } from "node:fs";
import { type ReadProblem, readProblemOf } from "../host/read.ts";

/** What a report shows of a log. */
export type LogExcerpt = {
  /** Of the whole log, in bytes. */
  readonly size: number;
  /** In the order of the log, and most often one: all of it. */
  readonly parts: readonly LogPart[];
  /** Why nothing was read. */
  readonly problem: ReadProblem | undefined;
};

/** A part of a log, whole lines where they are not too long. */
export type LogPart = {
  readonly of: "beginning" | "failure" | "end";
  /** How many bytes between the part before and this one are left out. */
  readonly omitted: number;
  readonly text: string;
};

export type ExcerptOptions = {
  /** The most bytes to show. */
  readonly limit: number;
  /** Whether to look for the place where a playbook failed in what is left out. */
  readonly failed: boolean;
};

/** Returns the most bytes to show of each log of a report, so that the page of many runs is not too large for a browser. */
export function logLimit(runs: number): number {
  return Math.max(16_384, Math.min(262_144, Math.floor(4_194_304 / Math.max(1, runs))));
}

/**
 * Returns what a report shows of the open log, which it closes: all, or its beginning, its end, and where a task of a playbook
 * failed. Reads a log of any size in bounded memory.
 */
export function readLogExcerpt(log: number | ReadProblem, { limit, failed }: ExcerptOptions): LogExcerpt {
  if (typeof log === "string") return { size: 0, parts: [], problem: log };
  try {
    const { size } = fstatSync(log);
    const pieces = size <= limit ? [wholeLog(log, size)] : piecesOf(log, size, limit, failed);
    return { size, parts: excerptParts(pieces), problem: undefined };
  } catch (cause) {
    return { size: 0, parts: [], problem: readProblemOf(cause) };
  } finally {
    closeSync(log);
  }
}

/** Bytes of the log and where they are in it. */
type LogPiece = { readonly of: LogPart["of"]; readonly start: number; readonly bytes: Buffer };

function wholeLog(log: number, size: number): LogPiece {
  return { of: "end", start: 0, bytes: readAt(log, 0, size) };
}

function piecesOf(log: number, size: number, limit: number, failed: boolean): readonly LogPiece[] {
  const head = withoutLastLine(readAt(log, 0, Math.floor(limit / 16)));
  const place = Math.floor(limit / 32);
  const tail = limit - head.length - place;
  const end = withoutFirstLine(size - tail, readAt(log, size - tail, tail));
  const found = failed ? failedTask(log, head.length, end.start) : undefined;
  const failure =
    found === undefined ? [] : [pieceAround(log, found, place, { from: head.length, to: end.start })];
  return [{ of: "beginning", start: 0, bytes: head }, ...failure, { of: "end", ...end }];
}

function excerptParts(pieces: readonly LogPiece[]): readonly LogPart[] {
  let shown = 0;
  return pieces.map(({ of, start, bytes }) => {
    const omitted = start - shown;
    shown = start + bytes.length;
    return { of, omitted, text: bytes.toString() };
  });
}

/** Returns what is there of the bytes; a log may be written to, or cut, meanwhile. */
function readAt(log: number, start: number, length: number): Buffer {
  const buffer = Buffer.alloc(Math.max(0, length));
  let filled = 0;
  while (filled < buffer.length) {
    const count = readSync(log, buffer, filled, buffer.length - filled, start + filled);
    if (count === 0) break;
    filled += count;
  }
  return buffer.subarray(0, filled);
}

/** Cuts after a line, or if that is far away before a character that may be cut itself. */
function withoutLastLine(bytes: Buffer): Buffer {
  const end = bytes.lastIndexOf(10) + 1;
  if (end > bytes.length / 2) return bytes.subarray(0, end);
  let cut = bytes.length;
  while (cut > 0 && isContinuation(bytes[cut - 1])) cut--;
  return bytes.subarray(0, Math.max(0, cut - 1));
}

function withoutFirstLine(start: number, bytes: Buffer): Omit<LogPiece, "of"> {
  const line = bytes.indexOf(10) + 1;
  let cut = line > 0 && line < bytes.length / 2 ? line : 0;
  while (isContinuation(bytes[cut])) cut++;
  return { start: start + cut, bytes: bytes.subarray(cut) };
}

/** True for a byte of UTF-8 that does not begin a character. */
function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

const blockSize = 1 << 20;

/** Ansible's line for a task that failed on a host, or on an item of a loop, unless the line after it says that it is ignored. */
const failedLine = /^(?:\x1b\[[\d;]*m)*(?:fatal|failed): \[[^\n]*\n(?!(?:\x1b\[[\d;]*m)*\.\.\.ignoring)/m;

/** Returns where the first such line between the two places begins. Blocks overlap, so that one finds the whole of most lines. */
function failedTask(log: number, from: number, to: number): number | undefined {
  const overlap = blockSize / 16;
  for (let start = from; start < to; start += blockSize - overlap) {
    const block = readAt(log, start, Math.min(blockSize, to - start));
    const found = failedLine.exec(block.toString("latin1"));
    if (found !== null) return start + found.index;
    if (block.length < blockSize) return undefined;
  }
  return undefined;
}

/** The lines around a place: a quarter before it, where the task's name is. */
function pieceAround(
  log: number,
  place: number,
  length: number,
  { from, to }: { readonly from: number; readonly to: number },
): LogPiece {
  const start = Math.max(from, place - Math.floor(length / 4));
  const bytes = withoutLastLine(readAt(log, start, Math.min(to, start + length) - start));
  return { of: "failure", ...(start === from ? { start, bytes } : withoutFirstLine(start, bytes)) };
}
