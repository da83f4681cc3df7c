import { type ByteReader, byteReader, type TarFault } from "./byteReader.ts";
import { type HeaderFields, isEmptyBlock, readHeader } from "./readHeader.ts";
import { type PaxRecords, readPax, readRegions } from "./readPax.ts";
import type { DataRegion } from "./tarHeader.ts";

/** An entry of an archive. Its content must be read before the next entry, or is skipped. */
export type ArchivedEntry = {
  /** As the archive has it, but without `./` before and slashes after it; `.` for the top folder. As `decodeName` returns it. */
  readonly path: string;
  readonly kind: ArchivedKind;
  /** The twelve permission bits. */
  readonly mode: number;
  /** The size of the file, also when it is sparse; 0 for anything else. */
  readonly size: number;
  readonly target: string;
  /** In nanoseconds since 1970. */
  readonly mtime: bigint;
  /** The parts of a sparse file that `content` yields one after the other. */
  readonly regions: readonly DataRegion[] | undefined;
  readonly content: () => AsyncGenerator<Buffer>;
};

export type ArchivedKind =
  | "file"
  | "directory"
  | "link"
  | "hard link"
  | "character device"
  | "block device"
  | "fifo";

/** What an archive may be; a reader ends at what exceeds it. */
export type TarLimits = {
  readonly entries: number;
  /** Of all files together, holes of sparse ones included. */
  readonly bytes: number;
  readonly fail: TarFault;
};

/**
 * Yields the entries of a tar: ustar, pax, and what GNU tar and Go's `archive/tar` add to them. Nothing that it says is believed:
 * paths and targets may lead anywhere. Throws for an archive that ends early.
 */
export async function* readTar(
  source: AsyncIterable<Uint8Array>,
  limits: TarLimits,
): AsyncGenerator<ArchivedEntry> {
  const reader = byteReader(source);
  const { fail } = limits;
  let [entries, bytes] = [0, 0];
  let globals: PaxRecords = new Map();
  let locals: PaxRecords = new Map();
  try {
    for (;;) {
      const block = await reader.take(blockSize);
      if (block.length < blockSize) throw fail("it ends too early");
      if (isEmptyBlock(block)) break;
      const header = readHeader(block, fail);
      if (isMetadata(header)) {
        const records = await readPax(reader, header, fail);
        if (header.type === "g") globals = new Map([...globals, ...records]);
        else locals = new Map([...locals, ...records]);
        continue;
      }
      entries += 1;
      if (entries > limits.entries) throw fail(`it has more than ${limits.entries} entries`);
      const content = contentReader(reader, fail);
      const entry = await archivedEntry(header, new Map([...globals, ...locals]), content, fail);
      locals = new Map();
      bytes += entry.size;
      if (bytes > limits.bytes) throw fail(`its files are larger than ${limits.bytes / 1e9} GB`);
      yield entry;
      await content.skip();
    }
    await reader.drain();
  } finally {
    await reader.close();
  }
}

const blockSize = 512;

function isMetadata({ type }: HeaderFields): boolean {
  return "xgLK".includes(type);
}

const kinds: Readonly<Record<string, ArchivedKind>> = {
  "\0": "file",
  "0": "file",
  "1": "hard link",
  "2": "link",
  "3": "character device",
  "4": "block device",
  "5": "directory",
  "6": "fifo",
  "7": "file",
};

type ContentReader = {
  /** Bytes that follow the header, without padding. */
  readonly start: (size: number) => void;
  readonly read: (size: number) => AsyncGenerator<Buffer>;
  readonly left: () => number;
  readonly skip: () => Promise<void>;
};

async function archivedEntry(
  header: HeaderFields,
  records: PaxRecords,
  content: ContentReader,
  fail: TarFault,
): Promise<ArchivedEntry> {
  const kind = kinds[header.type];
  if (kind === undefined) throw fail(`it has an entry of the unknown type \`${header.type}\``);
  const name = records.get("GNU.sparse.name") ?? records.get("path") ?? header.path;
  const isFolder = kind === "directory" || (kind === "file" && name.endsWith("/"));
  const stored = recordNumber(records.get("size"), fail) ?? header.size;
  if (stored < 0) throw fail("it is damaged");
  // As in GNU tar and Go, nothing else has a content, whatever its header says.
  content.start(kind === "file" ? stored : 0);
  const isSparse = kind === "file" && records.has("GNU.sparse.major");
  if (isSparse && records.get("GNU.sparse.major") !== "1") throw fail("a sparse file is in an old format");
  const realSize = isSparse ? (recordNumber(records.get("GNU.sparse.realsize"), fail) ?? 0) : stored;
  const regions = isSparse ? await readRegions(content.read, realSize, fail) : undefined;
  if (regions !== undefined && regions.reduce((sum, { length }) => sum + length, 0) !== content.left())
    throw fail("a sparse file has another size than its map");
  return {
    path: plainPath(name),
    kind: isFolder ? "directory" : kind,
    mode: header.mode & 0o7777,
    size: kind === "file" && !isFolder ? realSize : 0,
    target: records.get("linkpath") ?? header.target,
    mtime: recordTime(records.get("mtime"), fail) ?? header.mtime,
    regions,
    content: () => content.read(content.left()),
  };
}

function contentReader(reader: ByteReader, fail: TarFault): ContentReader {
  let [left, padding] = [0, 0];
  async function* read(size: number): AsyncGenerator<Buffer> {
    if (size > left) throw fail("a sparse file has a damaged map");
    const end = left - size;
    for await (const part of reader.parts(size)) {
      left -= part.length;
      yield part;
    }
    if (left > end) throw fail("it ends too early");
  }
  return {
    start: (size) => {
      left = size;
      padding = (blockSize - (size % blockSize)) % blockSize;
    },
    read,
    left: () => left,
    skip: async () => {
      for await (const _ of read(left));
      if ((await reader.take(padding)).length < padding) throw fail("it ends too early");
    },
  };
}

function plainPath(name: string): string {
  const plain = name.replace(/^(?:\.\/+)+/, "").replace(/(?<!^)\/+$/, "");
  return plain === "" ? "." : plain;
}

function recordNumber(text: string | undefined, fail: TarFault): number | undefined {
  if (text === undefined) return undefined;
  const number = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(number)) throw fail(`it has the size \`${text.slice(0, 40)}\``);
  return number;
}

function recordTime(text: string | undefined, fail: TarFault): bigint | undefined {
  if (text === undefined) return undefined;
  const [, sign = "", seconds, fraction = ""] = /^(-?)(\d{1,15})(?:\.(\d*))?$/.exec(text) ?? [];
  if (seconds === undefined) throw fail(`it has the time \`${text.slice(0, 40)}\``);
  const time = BigInt(seconds) * 1_000_000_000n + BigInt(fraction.slice(0, 9).padEnd(9, "0"));
  return sign === "-" ? -time : time;
}
