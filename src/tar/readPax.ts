import { decodeName } from "../host/fileName.ts";
import type { ByteReader, TarFault } from "./byteReader.ts";
import type { HeaderFields } from "./readHeader.ts";
import type { DataRegion } from "./tarHeader.ts";

/** What is said of an entry before its own header. */
export type PaxRecords = ReadonlyMap<string, string>;

/** No path, and no extended attribute of a file, is longer. */
const largestRecords = 1_000_000;

/** Reads the content of a pax header, or of GNU tar's `L` and `K` entries: the path or target that has no room in a header. */
export async function readPax(reader: ByteReader, header: HeaderFields, fail: TarFault): Promise<PaxRecords> {
  const { size, type } = header;
  if (size < 0 || size > largestRecords) throw fail("it has a header that is too large");
  const content = await reader.take(size);
  const padding = (512 - (size % 512)) % 512;
  if (content.length + (await reader.take(padding)).length < size + padding) throw fail("it ends too early");
  if (type === "x" || type === "g") return recordsIn(content, fail);
  const end = content.indexOf(0);
  const text = decodeName(end < 0 ? content : content.subarray(0, end));
  return new Map([[type === "L" ? "path" : "linkpath", text]]);
}

/** Each record is `LENGTH KEY=VALUE` and a line feed, where the length is that of the record. */
function recordsIn(content: Buffer, fail: TarFault): PaxRecords {
  const records = new Map<string, string>();
  for (let at = 0; at < content.length; ) {
    const space = content.indexOf(0x20, at);
    const digits = content.toString("latin1", at, space < 0 ? at : space);
    const end = at + (/^[1-9]\d{0,6}$/.test(digits) ? Number(digits) : 0);
    const equals = content.indexOf(0x3d, space);
    if (equals < 0 || equals >= end || end > content.length || content[end - 1] !== 0x0a)
      throw fail("it has a header that is damaged");
    const value = content.subarray(equals + 1, end - 1);
    const key = content.toString("utf8", space + 1, equals);
    if (value.includes(0)) throw fail("it has a name with a zero byte");
    records.set(key, decodeName(value));
    at = end;
  }
  return records;
}

/**
 * Reads the map at the beginning of a sparse file (GNU tar's manual, "PAX Format, Version 1.0"): regions in their order, none of
 * which may overlap another or reach over the end of the file.
 */
export async function readRegions(
  read: (size: number) => AsyncGenerator<Buffer>,
  realSize: number,
  fail: TarFault,
): Promise<readonly DataRegion[]> {
  let text = "";
  const numbers: number[] = [];
  const wanted = () => (numbers[0] === undefined ? 1 : 1 + 2 * numbers[0]);
  while (numbers.length < wanted()) {
    for await (const part of read(512)) text += part.toString("latin1");
    const lines = text.split("\n");
    text = lines.pop() ?? "";
    for (const line of lines) {
      if (numbers.length === wanted()) break;
      if (!/^\d{1,15}$/.test(line)) throw fail("a sparse file has a damaged map");
      numbers.push(Number(line));
      if ((numbers[0] ?? 0) > mostRegions) throw fail("a sparse file has too many parts");
    }
    if (text.length > 512) throw fail("a sparse file has a damaged map");
  }
  const regions = Array.from({ length: numbers[0] ?? 0 }, (_, index) => ({
    offset: numbers[1 + 2 * index] ?? 0,
    length: numbers[2 + 2 * index] ?? 0,
  }));
  let end = 0;
  for (const { offset, length } of regions) {
    if (offset < end || offset + length > realSize) throw fail("a sparse file has a damaged map");
    end = offset + length;
  }
  return regions;
}

const mostRegions = 100_000;
