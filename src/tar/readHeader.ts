import { decodeName } from "../host/fileName.ts";
import type { TarFault } from "./byteReader.ts";

/** The fields of a header block. */
export type HeaderFields = {
  readonly path: string;
  readonly mode: number;
  readonly size: number;
  /** In nanoseconds since 1970. */
  readonly mtime: bigint;
  readonly type: string;
  readonly target: string;
};

/** Returns the fields of a header block of 512 bytes; throws for one whose checksum is wrong. */
export function readHeader(block: Buffer, fail: TarFault): HeaderFields {
  if (numberAt(block, 148, 8, fail) !== checksumOf(block)) throw fail("it is damaged");
  // GNU's own format has other fields in place of the prefix.
  const prefix = block.toString("latin1", 257, 263) === "ustar\0" ? fieldText(block, 345, 155) : "";
  const name = fieldText(block, 0, 100);
  return {
    path: prefix === "" ? name : `${prefix}/${name}`,
    mode: numberAt(block, 100, 8, fail),
    size: numberAt(block, 124, 12, fail),
    mtime: BigInt(numberAt(block, 136, 12, fail)) * 1_000_000_000n,
    type: String.fromCharCode(block[156] ?? 0),
    target: fieldText(block, 157, 100),
  };
}

/** True for a block of zeros; two of them end an archive. */
export function isEmptyBlock(block: Buffer): boolean {
  return block.every((byte) => byte === 0);
}

function checksumOf(block: Buffer): number {
  let sum = 8 * 0x20;
  for (let at = 0; at < 512; at++) if (at < 148 || at >= 156) sum += block[at] ?? 0;
  return sum;
}

function fieldText(block: Buffer, start: number, length: number): string {
  const field = block.subarray(start, start + length);
  const end = field.indexOf(0);
  return decodeName(end < 0 ? field : field.subarray(0, end));
}

/** Octal digits, or for what has no room in them a binary number (GNU tar, star). */
function numberAt(block: Buffer, start: number, length: number, fail: TarFault): number {
  const field = block.subarray(start, start + length);
  const number = ((field[0] ?? 0) & 0x80) === 0 ? octalNumber(field) : binaryNumber(field);
  if (number === undefined || !Number.isSafeInteger(number)) throw fail("it is damaged");
  return number;
}

function octalNumber(field: Buffer): number | undefined {
  const [, digits] = /^[ \0]*([0-7]*)[ \0]*$/.exec(field.toString("latin1")) ?? [];
  return digits === undefined ? undefined : Number.parseInt(digits || "0", 8);
}

/** A negative number is a time before 1970; sizes are checked where they are used. */
function binaryNumber(field: Buffer): number {
  const isNegative = field[0] === 0xff;
  const bytes = [...field.subarray(1)];
  return isNegative
    ? -bytes.reduce((sum, byte) => sum * 256 + (255 - byte), 0) - 1
    : bytes.reduce((sum, byte) => sum * 256 + byte, (field[0] ?? 0) & 0x7f);
}
