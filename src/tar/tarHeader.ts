import { encodeName } from "../host/fileName.ts";

/** The metadata of one entry. Without times and owner they are always the same: they are not part of a build context. */
export type TarMetadata = {
  /** As `decodeName` returns it. */
  readonly path: string;
  readonly kind: "file" | "directory" | "link" | "hardLink";
  readonly mode: number;
  /** The bytes that follow the header. */
  readonly size: number;
  /** What a link leads to; for a hard link the path of an earlier entry. */
  readonly target?: string;
  readonly owner?: TarOwner;
  /** In nanoseconds since 1970. */
  readonly mtime?: bigint;
  /** The size of a sparse file, of which only a map (`sparseMap`) and its regions follow. */
  readonly sparseSize?: number;
};

/** Who owns what an archive is unpacked to. */
export type TarOwner = { readonly uid: number; readonly gid: number };

/** A part of a sparse file that has data, in bytes. */
export type DataRegion = { readonly offset: number; readonly length: number };

/** Returns the header blocks of an entry: POSIX ustar, with a pax header before it for values that ustar cannot hold. */
export function tarHeader(entry: TarMetadata): Uint8Array {
  const path = entry.kind === "directory" ? `${entry.path}/` : entry.path;
  const { target = "", owner = rootOwner, mtime = BigInt(modified) * second } = entry;
  const records = [
    ...(entry.sparseSize === undefined ? ownPath(path) : sparseRecords(path, entry.sparseSize)),
    ...(fits(target, 100) ? [] : [paxRecord("linkpath", target)]),
    ...(entry.size <= largestOctal ? [] : [paxRecord("size", String(entry.size))]),
    ...(owner.uid <= largestOwner ? [] : [paxRecord("uid", String(owner.uid))]),
    ...(owner.gid <= largestOwner ? [] : [paxRecord("gid", String(owner.gid))]),
    ...(mtime % second === 0n && fitsTime(mtime) ? [] : [paxRecord("mtime", secondsText(mtime))]),
  ];
  const shownPath = entry.sparseSize === undefined ? path : "GNUSparseFile.0/data";
  const header = headerBlock({ ...entry, path: shownPath, target, owner, mtime }, typeflags[entry.kind]);
  if (records.length === 0) return header;
  const pax = Buffer.concat(records);
  const extended = { path: "pax", kind: "file", mode: 0o644, size: pax.length, target: "" } as const;
  const paxHeader = headerBlock({ ...extended, owner: rootOwner, mtime: BigInt(modified) * second }, "x");
  return Buffer.concat([paxHeader, pax, tarPadding(pax.length), header]);
}

/** Returns what comes before the data of a sparse file: the regions' places (GNU tar's manual, "PAX Format, Version 1.0"). */
export function sparseMap(regions: readonly DataRegion[]): Uint8Array {
  const numbers = [regions.length, ...regions.flatMap(({ offset, length }) => [offset, length])];
  const text = Buffer.from(numbers.map((number) => `${number}\n`).join(""));
  return Buffer.concat([text, tarPadding(text.length)]);
}

/** The two empty blocks that end a tar. */
export const endOfTar: Uint8Array = new Uint8Array(1024);

/** Returns the padding of the last block of a content of that size, in bytes. */
export function tarPadding(size: number): Uint8Array {
  return new Uint8Array((512 - (size % 512)) % 512);
}

/** The time of every entry in a build context, in seconds since 1970. 2000-01-01: zip cannot hold times before 1980. */
export const modified = 946_684_800;

const rootOwner: TarOwner = { uid: 0, gid: 0 };
const second = 1_000_000_000n;
const largestOctal = 0o77777777777;
const largestOwner = 0o7777777;

const typeflags = { file: "0", directory: "5", link: "2", hardLink: "1" } as const;

function ownPath(path: string): readonly Uint8Array[] {
  return fits(path, 100) ? [] : [paxRecord("path", path)];
}

function sparseRecords(path: string, size: number): readonly Uint8Array[] {
  return [
    paxRecord("GNU.sparse.major", "1"),
    paxRecord("GNU.sparse.minor", "0"),
    paxRecord("GNU.sparse.name", path),
    paxRecord("GNU.sparse.realsize", String(size)),
  ];
}

function fits(text: string, length: number): boolean {
  return text.length <= length && /^[\x20-\x7e]*$/.test(text);
}

function fitsTime(mtime: bigint): boolean {
  return mtime >= 0n && mtime / second <= BigInt(largestOctal);
}

/** Nanoseconds as seconds with a fraction: -1 is `-0.000000001`. */
function secondsText(mtime: bigint): string {
  const size = mtime < 0n ? -mtime : mtime;
  const fraction = String(size % second).padStart(9, "0");
  return `${mtime < 0n ? "-" : ""}${size / second}.${fraction}`;
}

type UstarHeader = Required<Omit<TarMetadata, "sparseSize">>;

function headerBlock(entry: UstarHeader, typeflag: string): Uint8Array {
  const block = Buffer.alloc(512);
  const { uid, gid } = entry.owner;
  writeField(block, entry.path, 0);
  block.write(octalField(entry.mode, 8), 100);
  block.write(octalField(uid <= largestOwner ? uid : 0, 8), 108);
  block.write(octalField(gid <= largestOwner ? gid : 0, 8), 116);
  block.write(octalField(entry.size <= largestOctal ? entry.size : 0, 12), 124);
  block.write(octalField(fitsTime(entry.mtime) ? Number(entry.mtime / second) : 0, 12), 136);
  block.write(" ".repeat(8), 148);
  block.write(typeflag, 156);
  writeField(block, entry.target, 157);
  block.write("ustar\x0000", 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return block;
}

/** A character that does not fit is left out whole; a pax header has the complete text. */
function writeField(block: Buffer, text: string, at: number): void {
  if (text.isWellFormed()) block.write(text, at, 100);
  else encodeName(text).copy(block, at, 0, 100);
}

function octalField(value: number, length: number): string {
  return `${value.toString(8).padStart(length - 1, "0")}\0`;
}

/** A record begins with its own length, digits included. */
function paxRecord(key: string, value: string): Uint8Array {
  const content = Buffer.concat([Buffer.from(` ${key}=`), encodeName(value), Buffer.from("\n")]);
  const rest = content.length;
  let length = rest + String(rest).length;
  if (rest + String(length).length > length) length = rest + String(length).length;
  return Buffer.concat([Buffer.from(String(length)), content]);
}
