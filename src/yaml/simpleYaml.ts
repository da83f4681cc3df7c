import type { ReadOptions } from "./document.ts";
import { forbiddenCharacters, normalizeLines } from "./linePositions.ts";
import { flowValue } from "./simpleFlow.ts";
import { dash, doubt, isComment, mostNested, nextLine, type SimpleReader, space } from "./simpleReader.ts";
import { isKey, literalAt, plainAt, quotedValue, simpleKey } from "./simpleScalars.ts";
import type { YamlKey, YamlMap, YamlValue } from "./value.ts";

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

function readDocument(reader: SimpleReader): YamlMap {
  if (reader.source.startsWith("---\n")) reader.next = 4;
  nextLine(reader);
  if (reader.indent !== 0) throw doubt;
  const value = simpleMap(reader, 0);
  if (!hasEnded(reader)) throw doubt;
  return value;
}

function hasEnded({ indent }: SimpleReader): boolean {
  return indent === -1;
}

/** The current line begins with the first key, in this column. */
function simpleMap(reader: SimpleReader, column: number): YamlMap {
  if (++reader.depth > mostNested) throw doubt;
  const map = new Map<YamlKey, YamlValue>();
  do {
    const key = simpleKey(reader);
    if (key === undefined || map.has(key)) throw doubt;
    reader.path.push(key);
    map.set(key, simpleValue(reader, column, "key"));
    reader.path.pop();
  } while (reader.indent === column);
  reader.depth--;
  return map;
}

/** The current line begins with the first `- `, in this column. */
function simpleList(reader: SimpleReader, column: number): readonly YamlValue[] {
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
    list.push(isMap ? simpleMap(reader, inner) : simpleValue(reader, column, "item"));
    reader.path.pop();
  } while (reader.indent === column && isItem(reader));
  reader.depth--;
  return list;
}

/** True when the current line goes on with an item of a list. */
function isItem({ source, start, end }: SimpleReader): boolean {
  if (source.charCodeAt(start) !== dash) return false;
  return start + 1 === end || source.charCodeAt(start + 1) === space;
}

/** Reads what follows a key or the dash of an item in this column, and goes to the line after it. */
function simpleValue(reader: SimpleReader, column: number, owner: "key" | "item"): YamlValue {
  const { source, end } = reader;
  let { start } = reader;
  while (source.charCodeAt(start) === space) start++;
  if (start >= end || isComment(source, start)) return valueBelow(reader, column, owner);
  const first = source.charAt(start);
  if (first === "|") return literalAt(reader, start, column);
  const value =
    first === '"' || first === "'"
      ? quotedValue(reader, start)
      : first === "[" || first === "{"
        ? flowValue(reader, start)
        : plainAt(reader, start);
  nextLine(reader);
  // The next line would continue the value.
  if (reader.indent > column) throw doubt;
  return value;
}

/** The value is on the lines below, further indented; a list may begin in the column of its key. */
function valueBelow(reader: SimpleReader, column: number, owner: "key" | "item"): YamlValue {
  nextLine(reader);
  const { indent } = reader;
  const isList = indent >= 0 && isItem(reader);
  if (isList && (indent > column || (indent === column && owner === "key")))
    return simpleList(reader, indent);
  return indent > column ? simpleMap(reader, indent) : null;
}
