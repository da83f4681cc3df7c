/** The metadata of one entry. Times and owners are always the same: they are not part of a build context. */
export type TarMetadata = {
  readonly path: string;
  readonly kind: "file" | "directory" | "link";
  readonly mode: number;
  readonly size: number;
  readonly target?: string;
};

/** Returns the header blocks of an entry: POSIX ustar, with a pax header before it for values that ustar cannot hold. */
export function tarHeader(entry: TarMetadata): Uint8Array {
  const path = entry.kind === "directory" ? `${entry.path}/` : entry.path;
  const target = entry.target ?? "";
  const records = [
    ...(fits(path, 100) ? [] : [paxRecord("path", path)]),
    ...(fits(target, 100) ? [] : [paxRecord("linkpath", target)]),
    ...(entry.size <= largestOctal ? [] : [paxRecord("size", String(entry.size))]),
  ];
  const header = headerBlock({ ...entry, path, target }, typeflags[entry.kind]);
  if (records.length === 0) return header;
  const pax = Buffer.concat(records);
  const paxHeader = headerBlock(
    { path: "pax", kind: "file", mode: 0o644, size: pax.length, target: "" },
    "x",
  );
  return Buffer.concat([paxHeader, pax, tarPadding(pax.length), header]);
}

/** The two empty blocks that end a tar. */
export const endOfTar: Uint8Array = new Uint8Array(1024);

/** Returns the padding of the last block of a content of that size, in bytes. */
export function tarPadding(size: number): Uint8Array {
  return new Uint8Array((512 - (size % 512)) % 512);
}

/** The time of every entry in a build context, in seconds since 1970. 2000-01-01: zip cannot hold times before 1980. */
export const modified = 946_684_800;

const largestOctal = 0o77777777777;

const typeflags = { file: "0", directory: "5", link: "2" } as const;

function fits(text: string, length: number): boolean {
  return text.length <= length && /^[\x20-\x7e]*$/.test(text);
}

function headerBlock(entry: Required<TarMetadata>, typeflag: string): Uint8Array {
  const block = Buffer.alloc(512);
  block.write(entry.path, 0, 100);
  block.write(octalField(entry.mode, 8), 100);
  block.write(octalField(0, 8), 108);
  block.write(octalField(0, 8), 116);
  block.write(octalField(entry.size <= largestOctal ? entry.size : 0, 12), 124);
  block.write(octalField(modified, 12), 136);
  block.write(" ".repeat(8), 148);
  block.write(typeflag, 156);
  block.write(entry.target, 157, 100);
  block.write("ustar\x0000", 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return block;
}

function octalField(value: number, length: number): string {
  return `${value.toString(8).padStart(length - 1, "0")}\0`;
}

/** A record begins with its own length, digits included. */
function paxRecord(key: string, value: string): Uint8Array {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + String(rest).length;
  if (rest + String(length).length > length) length = rest + String(length).length;
  return Buffer.from(`${length} ${key}=${value}\n`);
}
