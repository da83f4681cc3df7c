import type { ReadOptions } from "./document.ts";
import { forbiddenCharacters, normalizeLines } from "./linePositions.ts";
import { plainScalar, scalarKey } from "./scalar.ts";
import type { YamlKey, YamlMap, YamlScalar, YamlValue } from "./value.ts";

// YAML's grammar takes a parser of many rules 17 times as long as what nearly all files are made of: maps and lists by
// indentation, scalars on one line, literal blocks. This file reads that and nothing else.

/**
 * Returns the value of a document as `readYaml` does; undefined for one that is not simple, or may have a problem: at any doubt
 * the exact reader decides. What it accepts it reads as the exact reader, which tests prove.
 */
export function readSimpleYaml(text: string, verbatim: ReadOptions["verbatim"]): YamlMap | undefined {
  const source = normalizeLines(text);
  if (source.includes("\t") || forbiddenCharacters.test(source)) return undefined;
  try {
    return readDocument({ source, verbatim, path: [], next: 0, indent: 0, start: 0, end: 0, depth: 0 });
  } catch (error) {
    if (error === doubt) return undefined;
    throw error;
  }
}

type Reader = {
  readonly source: string;
  readonly verbatim: ReadOptions["verbatim"];
  /** The path of the value that is read. */
  readonly path: YamlKey[];
  /** Where the line after the current one begins. */
  next: number;
  /** The current line: how far it is indented (-1 after the last one), and where its content begins and ends. */
  indent: number;
  start: number;
  end: number;
  depth: number;
};

/** Thrown where the text is not simple. */
const doubt = new Error("the text is not simple YAML");

function readDocument(reader: Reader): YamlMap {
  if (reader.source.startsWith("---\n")) reader.next = 4;
  nextLine(reader);
  if (reader.indent !== 0) throw doubt;
  const value = readMap(reader, 0);
  if (!hasEnded(reader)) throw doubt;
  return value;
}

function hasEnded({ indent }: Reader): boolean {
  return indent === -1;
}

/** Goes to the next line with content: not empty, and not a comment alone. */
function nextLine(reader: Reader): void {
  const { source } = reader;
  while (reader.next < source.length) {
    const line = reader.next;
    const feed = source.indexOf("\n", line);
    const end = feed === -1 ? source.length : feed;
    reader.next = end + 1;
    let start = line;
    while (source.charCodeAt(start) === space) start++;
    if (start >= end || source.charCodeAt(start) === hash) continue;
    reader.indent = start - line;
    reader.start = start;
    reader.end = end;
    if (start === line && (source.startsWith("---", start) || source.startsWith("...", start))) throw doubt;
    return;
  }
  reader.indent = -1;
}

const [space, hash, dash] = [0x20, 0x23, 0x2d];

/** The current line begins with the first key, in this column. */
function readMap(reader: Reader, column: number): YamlMap {
  if (++reader.depth > mostNested) throw doubt;
  const map = new Map<YamlKey, YamlValue>();
  do {
    const key = readKey(reader);
    if (key === undefined || map.has(key)) throw doubt;
    reader.path.push(key);
    map.set(key, readValue(reader, column, "key"));
    reader.path.pop();
  } while (reader.indent === column);
  reader.depth--;
  return map;
}

/** Fewer than the exact reader accepts. */
const mostNested = 100;

/** The current line begins with the first `- `, in this column. */
function readList(reader: Reader, column: number): readonly YamlValue[] {
  if (++reader.depth > mostNested) throw doubt;
  const list: YamlValue[] = [];
  do {
    let start = reader.start + 1;
    while (reader.source.charCodeAt(start) === space) start++;
    const inner = column + start - reader.start;
    reader.start = start;
    reader.path.push(list.length);
    if (isItem(reader)) throw doubt;
    const isMap = isKey(reader);
    if (isMap) reader.indent = inner;
    list.push(isMap ? readMap(reader, inner) : readValue(reader, column, "item"));
    reader.path.pop();
  } while (reader.indent === column && isItem(reader));
  reader.depth--;
  return list;
}

/** True when the current line goes on with an item of a list. */
function isItem({ source, start, end }: Reader): boolean {
  if (source.charCodeAt(start) !== dash) return false;
  return start + 1 === end || source.charCodeAt(start + 1) === space;
}

function isKey(reader: Reader): boolean {
  keyPattern.lastIndex = reader.start;
  return keyPattern.test(reader.source) && keyPattern.lastIndex <= reader.end;
}

/** Keys of usual characters, or in simple quotes, of a length that YAML allows. */
const keyPattern = /(?:([A-Za-z0-9_][\w./-]{0,500})|"([^"\\\n]{0,500})"|'([^'\n]{0,500})'):(?= |\n|$)/y;

/** Reads a key and goes behind its colon; undefined when there is none. */
function readKey(reader: Reader): YamlKey | undefined {
  keyPattern.lastIndex = reader.start;
  const found = keyPattern.exec(reader.source);
  if (found === null) return undefined;
  reader.start = keyPattern.lastIndex;
  const [, plain, double, single] = found;
  return plain === undefined ? (double ?? single) : scalarKey(plainScalar(plain));
}

/** Reads what follows a key or the dash of an item in this column, and goes to the line after it. */
function readValue(reader: Reader, column: number, owner: "key" | "item"): YamlValue {
  const { source, end } = reader;
  let { start } = reader;
  while (source.charCodeAt(start) === space) start++;
  if (start >= end || isComment(source, start)) return readBelow(reader, column, owner);
  const first = source.charAt(start);
  if (first === "|") return readLiteral(reader, start, column);
  const value =
    first === '"' || first === "'"
      ? readQuoted(reader, start)
      : first === "[" || first === "{"
        ? readFlow(reader, start)
        : readPlain(reader, start);
  nextLine(reader);
  // The next line would continue the value.
  if (reader.indent > column) throw doubt;
  return value;
}

/** The value is on the lines below, further indented; a list may begin in the column of its key. */
function readBelow(reader: Reader, column: number, owner: "key" | "item"): YamlValue {
  nextLine(reader);
  const { indent } = reader;
  const isList = indent >= 0 && isItem(reader);
  if (isList && (indent > column || (indent === column && owner === "key"))) return readList(reader, indent);
  return indent > column ? readMap(reader, indent) : null;
}

function isComment(source: string, at: number): boolean {
  return source.charCodeAt(at) === hash && source.charCodeAt(at - 1) === space;
}

/** Only white space or a comment may follow a value. */
function assertEnd({ source, end }: Reader, at: number): void {
  let rest = at;
  while (source.charCodeAt(rest) === space) rest++;
  if (rest < end && !isComment(source, rest)) throw doubt;
}

function readPlain(reader: Reader, start: number): YamlScalar {
  const { source, end } = reader;
  const line = source.slice(start, end);
  const comment = line.indexOf(" #");
  const text = withoutLastSpaces(comment === -1 ? line : line.slice(0, comment));
  if (!plainStart.test(text) || text.includes(": ") || text.endsWith(":")) throw doubt;
  return plainValue(reader, text);
}

/** No indicator of YAML. */
const plainStart = /^(?:[A-Za-z0-9_/.$(+\\~^=;<\u00c0-\u024f]|-[A-Za-z0-9./-])/;

function withoutLastSpaces(text: string): string {
  let end = text.length;
  while (text.charCodeAt(end - 1) === space) end--;
  return text.slice(0, end);
}

/** The text of an unquoted scalar as a value; where it is wanted as it is written, as text. */
function plainValue({ verbatim, path }: Reader, text: string): YamlScalar {
  const value = plainScalar(text);
  return value === null || typeof value === "string" || verbatim?.(path) !== true ? value : text;
}

function readQuoted(reader: Reader, start: number): string {
  const { text, end } = quotedAt(reader, start);
  assertEnd(reader, end);
  return text;
}

/** The quoted scalar that begins there, on one line. */
function quotedAt({ source }: Reader, start: number) {
  const pattern = source.charAt(start) === '"' ? doubleQuoted : singleQuoted;
  pattern.lastIndex = start;
  const [written] = pattern.exec(source) ?? [];
  if (written === undefined) throw doubt;
  const end = start + written.length;
  const inner = written.slice(1, -1);
  if (pattern === singleQuoted) return { text: inner.replaceAll("''", "'"), end };
  const text = inner.includes("\\") ? inner.replace(/\\(.)/g, (_, escaped) => escapes[escaped] ?? "") : inner;
  return { text, end };
}

const doubleQuoted = /"(?:[^"\\\n]|\\["\\/nt])*"/y;
const singleQuoted = /'(?:[^'\n]|'')*'/y;
const escapes: Readonly<Record<string, string>> = { '"': '"', "\\": "\\", "/": "/", n: "\n", t: "\t" };

function readFlow(reader: Reader, start: number): YamlValue {
  const { value, end } = flowAt(reader, start);
  assertEnd(reader, end);
  return value;
}

/** A value inside of `[…]` or `{…}`, and where it ends. */
type Flow = { readonly value: YamlValue; readonly end: number };

function flowAt(reader: Reader, start: number): Flow {
  const first = reader.source.charAt(start);
  if (first === "[") return flowList(reader, start);
  if (first === "{") return flowMap(reader, start);
  if (first === '"' || first === "'") {
    const { text, end } = quotedAt(reader, start);
    return { value: text, end };
  }
  flowPlain.lastIndex = start;
  const [text] = flowPlain.exec(reader.source) ?? [];
  if (text === undefined) throw doubt;
  return { value: plainValue(reader, text), end: flowPlain.lastIndex };
}

const flowPlain = /[A-Za-z0-9_/.$](?:[\w/.$=%()+-]| (?=[\w/.$=%()+]))*/y;

function flowList(reader: Reader, start: number): Flow {
  if (++reader.depth > mostNested) throw doubt;
  const list: YamlValue[] = [];
  let at = afterSpaces(reader, start + 1);
  if (reader.source.charAt(at) !== "]") {
    for (;;) {
      reader.path.push(list.length);
      const { value, end } = flowAt(reader, at);
      reader.path.pop();
      list.push(value);
      at = afterSpaces(reader, end);
      if (reader.source.charAt(at) !== ",") break;
      at = afterSpaces(reader, at + 1);
    }
    if (reader.source.charAt(at) !== "]") throw doubt;
  }
  reader.depth--;
  return { value: list, end: at + 1 };
}

function flowMap(reader: Reader, start: number): Flow {
  if (++reader.depth > mostNested) throw doubt;
  const map = new Map<YamlKey, YamlValue>();
  let at = afterSpaces(reader, start + 1);
  if (reader.source.charAt(at) !== "}") {
    for (;;) {
      reader.start = at;
      const key = readKey(reader);
      if (key === undefined || map.has(key)) throw doubt;
      reader.path.push(key);
      const { value, end } = flowAt(reader, afterSpaces(reader, reader.start));
      reader.path.pop();
      map.set(key, value);
      at = afterSpaces(reader, end);
      if (reader.source.charAt(at) !== ",") break;
      at = afterSpaces(reader, at + 1);
    }
    if (reader.source.charAt(at) !== "}") throw doubt;
  }
  reader.depth--;
  return { value: map, end: at + 1 };
}

function afterSpaces({ source }: Reader, start: number): number {
  let at = start;
  while (source.charCodeAt(at) === space) at++;
  return at;
}

/** Reads the lines of `|` or `|-` below an owner in this column. */
function readLiteral(reader: Reader, start: number, column: number): string {
  const { source, end } = reader;
  const header = withoutLastSpaces(source.slice(start, end));
  if (header !== "|" && header !== "|-") throw doubt;
  const lines: string[] = [];
  let [indent, at] = [-1, reader.next];
  while (at < source.length) {
    const feed = source.indexOf("\n", at);
    // A last line without a line feed is a case of its own.
    if (feed === -1) throw doubt;
    const content = afterSpaces(reader, at);
    if (content < feed) {
      if (indent === -1) indent = content - at;
      if (content - at < indent || indent <= column) break;
      lines.push(source.slice(at + indent, feed));
    } else {
      if (indent === -1 && content > at) throw doubt;
      lines.push(indent === -1 ? "" : source.slice(Math.min(at + indent, feed), feed));
    }
    at = feed + 1;
  }
  if (indent <= column) throw doubt;
  reader.next = at;
  nextLine(reader);
  if (reader.indent > column) throw doubt;
  while (lines.at(-1) === "") lines.pop();
  return header === "|" ? `${lines.join("\n")}\n` : lines.join("\n");
}
