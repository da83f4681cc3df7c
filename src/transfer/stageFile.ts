import { closeSync, readSync } from "node:fs";
import type { StagedFile, Staging } from "../host/staging.ts";
import type { ArchivedEntry } from "../tar/readTar.ts";
import { isZero } from "./pack.ts";

/**
 * Stages a file that comes, under that number. Zeros become holes: what was sparse there is sparse here. If there is the descriptor of
 * a file of the same size, which it closes, the two are compared: equal ones are not staged, and `here` is returned.
 */
export async function stageFile(
  archived: ArchivedEntry,
  number: number,
  staging: Staging,
  here: number | undefined,
): Promise<"staged" | "here"> {
  const { size, mtime, regions = [{ offset: 0, length: size }] } = archived;
  using sink = fileSink(() => staging.create(number), here);
  const filled = regions.filter(({ length }) => length > 0);
  let [index, done, end] = [0, 0, 0];
  for await (const part of archived.content()) {
    for (let at = 0; at < part.length; ) {
      const region = filled[index] ?? { offset: size, length: part.length };
      const piece = part.subarray(at, at + region.length - done);
      const offset = region.offset + done;
      if (offset > end) sink.skip(end);
      sink.write(piece, offset);
      end = offset + piece.length;
      at += piece.length;
      done += piece.length;
      if (done === region.length) [index, done] = [index + 1, 0];
    }
  }
  if (end < size) sink.skip(end);
  return sink.finish(size, mtime);
}

/** Stages a copy of the open file, which it closes; false when there is none. */
export function stageCopy(
  { staged, size, mtime }: { readonly staged: number; readonly size: number; readonly mtime: bigint },
  staging: Staging,
  here: number | undefined,
): boolean {
  if (here === undefined) return false;
  try {
    using file = staging.create(staged);
    copyBeginning(here, file, size);
    file.finish(size, inSeconds(mtime));
    return true;
  } finally {
    closeSync(here);
  }
}

/** Returns a time in nanoseconds as seconds, to the microsecond. */
export function inSeconds(time: bigint): number {
  return Number(time / 1000n) / 1e6;
}

type FileSink = Disposable & {
  readonly write: (part: Buffer, offset: number) => void;
  /** What follows is not written from here on: it is a hole, and a file to compare with may have something there. */
  readonly skip: (offset: number) => void;
  readonly finish: (size: number, mtime: bigint) => "staged" | "here";
};

/** Creates the file when the first part differs from the file to compare with, and then copies what was equal. */
function fileSink(create: () => StagedFile, here: number | undefined): FileSink {
  let file = here === undefined ? create() : undefined;
  const buffer = here === undefined ? undefined : Buffer.allocUnsafe(partLength);
  const createAt = (offset: number): StagedFile => {
    const created = create();
    file = created;
    if (here !== undefined) copyBeginning(here, created, offset);
    return created;
  };
  const isEqual = (part: Buffer, offset: number): boolean => {
    if (here === undefined || buffer === undefined) return false;
    for (let at = 0; at < part.length; ) {
      const wanted = Math.min(buffer.length, part.length - at);
      const count = readSync(here, buffer, 0, wanted, offset + at);
      if (count === 0 || buffer.compare(part, at, at + count, 0, count) !== 0) return false;
      at += count;
    }
    return true;
  };
  return {
    write: (part, offset) => {
      if (file !== undefined || !isEqual(part, offset)) writeData(file ?? createAt(offset), part, offset);
    },
    skip: (offset) => void (file ?? createAt(offset)),
    finish: (size, mtime) => {
      file?.finish(size, inSeconds(mtime));
      return file === undefined ? "here" : "staged";
    },
    [Symbol.dispose]: () => {
      file?.[Symbol.dispose]();
      if (here !== undefined) closeSync(here);
    },
  };
}

const partLength = 1 << 16;

function copyBeginning(from: number, file: StagedFile, length: number): void {
  const part = Buffer.allocUnsafe(partLength);
  for (let offset = 0; offset < length; ) {
    const count = readSync(from, part, 0, Math.min(part.length, length - offset), offset);
    if (count === 0) return;
    writeData(file, part.subarray(0, count), offset);
    offset += count;
  }
}

/** Writes runs of blocks that are not empty. */
function writeData(file: StagedFile, part: Buffer, offset: number): void {
  let start = 0;
  for (let at = 0; at < part.length; at += holeSize) {
    if (!isZero(part.subarray(at, at + holeSize))) continue;
    if (at > start) file.write(part.subarray(start, at), offset + start);
    start = at + holeSize;
  }
  if (start < part.length) file.write(part.subarray(start), offset + start);
}

const holeSize = 4096;
