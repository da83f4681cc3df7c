import { afterSpaces, assertEnd, doubt, mostNested, type SimpleReader } from "./simpleReader.ts";
import { quotedAt, simpleKey, simplePlain } from "./simpleScalars.ts";
import type { YamlKey, YamlValue } from "./value.ts";

/** Reads `[…]` or `{…}` on the rest of the line. */
export function flowValue(reader: SimpleReader, start: number): YamlValue {
  const { value, end } = flowAt(reader, start);
  assertEnd(reader, end);
  return value;
}

/** A value inside of `[…]` or `{…}`, and where it ends. */
type Flow = { readonly value: YamlValue; readonly end: number };

function flowAt(reader: SimpleReader, start: number): Flow {
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
  return { value: simplePlain(reader, text), end: flowPlain.lastIndex };
}

const flowPlain = /[A-Za-z0-9_/.$](?:[\w/.$=%()+-]| (?=[\w/.$=%()+]))*/y;

function flowList(reader: SimpleReader, start: number): Flow {
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

function flowMap(reader: SimpleReader, start: number): Flow {
  if (++reader.depth > mostNested) throw doubt;
  const map = new Map<YamlKey, YamlValue>();
  let at = afterSpaces(reader, start + 1);
  if (reader.source.charAt(at) !== "}") {
    for (;;) {
      reader.start = at;
      const key = simpleKey(reader);
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
