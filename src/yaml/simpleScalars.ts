import { plainScalar, scalarKey } from "./scalar.ts";
import { afterSpaces, assertEnd, doubt, nextLine, type SimpleReader, space } from "./simpleReader.ts";
import type { YamlKey, YamlScalar } from "./value.ts";

/** True when the current line goes on with a key. */
export function isKey(reader: SimpleReader): boolean {
  keyPattern.lastIndex = reader.start;
  return keyPattern.test(reader.source) && keyPattern.lastIndex <= reader.end;
}

/** Keys of usual characters, or in simple quotes, of a length that YAML allows. */
const keyPattern = /(?:([A-Za-z0-9_][\w./-]{0,500})|"([^"\\\n]{0,500})"|'([^'\n]{0,500})'):(?= |\n|$)/y;

/** Reads a key and goes behind its colon; undefined when there is none. */
export function simpleKey(reader: SimpleReader): YamlKey | undefined {
  keyPattern.lastIndex = reader.start;
  const found = keyPattern.exec(reader.source);
  if (found === null) return undefined;
  reader.start = keyPattern.lastIndex;
  const [, plain, double, single] = found;
  return plain === undefined ? (double ?? single) : scalarKey(plainScalar(plain));
}

/** Reads an unquoted scalar on the rest of the line. */
export function plainAt(reader: SimpleReader, start: number): YamlScalar {
  const { source, end } = reader;
  const line = source.slice(start, end);
  const comment = line.indexOf(" #");
  const text = withoutLastSpaces(comment === -1 ? line : line.slice(0, comment));
  if (!plainStart.test(text) || text.includes(": ") || text.endsWith(":")) throw doubt;
  return simplePlain(reader, text);
}

/** No indicator of YAML. */
const plainStart = /^(?:[A-Za-z0-9_/.$(+\\~^=;<\u00c0-\u024f]|-[A-Za-z0-9./-])/;

function withoutLastSpaces(text: string): string {
  let end = text.length;
  while (text.charCodeAt(end - 1) === space) end--;
  return text.slice(0, end);
}

/** Returns the text of an unquoted scalar as a value; where it is wanted as it is written, as text. */
export function simplePlain({ verbatim, path }: SimpleReader, text: string): YamlScalar {
  const value = plainScalar(text);
  return value === null || typeof value === "string" || verbatim?.(path) !== true ? value : text;
}

/** Reads a quoted scalar on the rest of the line. */
export function quotedValue(reader: SimpleReader, start: number): string {
  const { text, end } = quotedAt(reader, start);
  assertEnd(reader, end);
  return text;
}

/** Returns the quoted scalar that begins there, and where it ends. */
export function quotedAt({ source }: SimpleReader, start: number) {
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

/** Reads the lines of `|` or `|-` below an owner in this column. */
export function literalAt(reader: SimpleReader, start: number, column: number): string {
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
