import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type ParsedNode,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";
import { plainScalar, scalarKey, taggedScalar, unknownTag } from "./scalar.ts";
import { parseYaml, type SyntaxProblem, tooDeep } from "./syntax.ts";
import {
  isYamlList,
  isYamlMap,
  type Position,
  type YamlKey,
  type YamlMap,
  type YamlPath,
  type YamlScalar,
  type YamlValue,
} from "./value.ts";

/** Something wrong with a YAML text, in words for its author. */
export type YamlProblem = {
  readonly message: string;
  readonly hint?: string;
  readonly position: Position;
};

/** A YAML text as read; with problems, `value` is no more than a guess. */
export type YamlDocument = {
  readonly value: YamlValue;
  readonly problems: readonly YamlProblem[];
  /**
   * Where the value at `path` stands, or its key; for an empty value that is the key, for a path that leads nowhere the
   * nearest that exists above it. A step may be given as a string where the key is a number, and in lower case.
   */
  readonly positionOf: (path: YamlPath, part?: "key" | "value") => Position;
};

/**
 * Reads one YAML document; never throws. Scalars mean what they mean to Go's yaml.v3. A map has its own keys first, then
 * those that it merges with `<<`. Where `verbatim` is true for the path of an unquoted scalar that is not null, its value
 * is the source text; the path is only good during the call.
 */
export function readYaml(text: string, options?: { verbatim?: (path: YamlPath) => boolean }): YamlDocument {
  const source = normalise(text);
  const { root, problem } = parseYaml(source);
  const positionAt = positionsIn(source);
  const reading: Reading = {
    verbatim: options?.verbatim,
    positionAt,
    unendedAt: !source.endsWith("\n") && /\S[ \t]*$/.test(source) ? source.length : undefined,
    problems: new Map(),
    path: [],
    anchors: new Map(),
    targets: new Map(),
    open: new Set(),
    isTooDeep: false,
    aliasDepth: 0,
    repeated: 0,
  };
  const value = readNode(reading, root, 0);
  const problems = problem ? [problem] : [...reading.problems.values()];
  return {
    value,
    problems: problems.map(({ message, hint, offset }) => ({ message, hint, position: positionAt(offset) })),
    positionOf: (path, part = "value") => positionAt(offsetOf(reading, root, path, part)),
  };
}

/** Editors count neither the byte order mark nor the carriage return of a line's end. */
function normalise(text: string): string {
  const unmarked = text.startsWith("\ufeff") ? text.slice(1) : text;
  return unmarked.includes("\r") ? unmarked.replace(/\r\n?/g, "\n") : unmarked;
}

type Reading = {
  readonly verbatim: ((path: YamlPath) => boolean) | undefined;
  readonly positionAt: (offset: number) => Position;
  /** Where the text ends, when its last line has no line feed. */
  readonly unendedAt: number | undefined;
  /** By place and message, because what an alias repeats is read again. */
  readonly problems: Map<string, SyntaxProblem>;
  /** Of the node that is being read. */
  readonly path: YamlKey[];
  readonly anchors: Map<string, ParsedNode>;
  readonly targets: Map<Alias.Parsed, ParsedNode>;
  /** The anchored collections around the node that is being read. */
  readonly open: Set<ParsedNode>;
  isTooDeep: boolean;
  aliasDepth: number;
  /** What aliases have repeated so far, in characters. */
  repeated: number;
};

/** Enough for any configuration, and little enough for the stack of every reader of a snapshot. */
const deepest = 200;

// yaml.v3 gives up after about 400,000 values made by aliases: here 10 million characters, 25 for a value besides its text.
const mostRepeated = 10_000_000;
const sizeOfValue = 25;

function readNode(reading: Reading, node: ParsedNode | null, depth: number): YamlValue {
  if (node === null) return null;
  if (isAlias(node)) return readAlias(reading, node, depth);
  if (reading.aliasDepth > 0) {
    reading.repeated += sizeOfValue + (isScalar(node) ? node.source.length : 0);
    if (reading.repeated > mostRepeated) return null;
  } else if (node.anchor) {
    reading.anchors.set(node.anchor, node);
  }
  if (isScalar(node)) return readScalar(reading, node);
  if (depth === deepest) {
    if (!reading.isTooDeep) report(reading, tooDeep(node.range[0]));
    reading.isTooDeep = true;
    return null;
  }
  if (isTagged(node) && !collectionTags.has(node.tag)) {
    report(reading, { ...unknownTag(node.tag), offset: node.range[0] });
  }
  if (!node.anchor) return readCollection(reading, node, depth + 1);
  reading.open.add(node);
  const value = readCollection(reading, node, depth + 1);
  reading.open.delete(node);
  return value;
}

function readAlias(reading: Reading, alias: Alias.Parsed, depth: number): YamlValue {
  const [offset] = alias.range;
  const name = `\`*${alias.source}\``;
  const target = targetOf(reading, alias);
  if (target === undefined) {
    const hint = "put the value in quotes when `*` is a part of it";
    return report(reading, { message: `alias ${name} without an anchor before it`, hint, offset });
  }
  if (reading.open.has(target)) {
    const message = `alias ${name} inside the value that it repeats`;
    return report(reading, { message, hint: "remove the alias", offset });
  }
  reading.targets.set(alias, target);
  const wasWithin = reading.repeated <= mostRepeated;
  reading.aliasDepth++;
  const value = readNode(reading, target, depth);
  reading.aliasDepth--;
  if (wasWithin && reading.repeated > mostRepeated && reading.aliasDepth === 0) {
    const message = `alias ${name} repeats too much: aliases may add 10 million characters to a file`;
    report(reading, { message, hint: "use fewer aliases inside each other", offset });
  }
  return value;
}

/** The last node with its anchor before the alias, also when the alias itself is repeated later. */
function targetOf(reading: Reading, alias: Alias.Parsed): ParsedNode | undefined {
  return reading.targets.get(alias) ?? reading.anchors.get(alias.source);
}

function readScalar(reading: Reading, node: Scalar.Parsed): YamlScalar {
  const value = meaningOf(reading, node);
  if (typeof value === "string" || value === null || node.type !== "PLAIN" || isTagged(node)) return value;
  return reading.verbatim?.(reading.path) ? node.source : value;
}

function meaningOf(reading: Reading, node: Scalar.Parsed): YamlScalar {
  const text = textOf(reading, node);
  if (isTagged(node)) {
    const tagged = taggedScalar(node.tag, text);
    return "value" in tagged ? tagged.value : report(reading, { ...tagged, offset: node.range[0] });
  }
  return node.type === "PLAIN" ? plainScalar(text) : text;
}

/** yaml ends the last line of a text block at the end of the file; the specification and yaml.v3 do not. */
function textOf(reading: Reading, { type, range, source }: Scalar.Parsed): string {
  const isUnended = range[1] === reading.unendedAt && type?.startsWith("BLOCK");
  return isUnended && source.endsWith("\n") ? source.slice(0, -1) : source;
}

/** yaml.v3 treats the tag `!` as no tag. */
const isTagged = (node: ParsedNode): node is ParsedNode & { tag: string } =>
  node.tag !== undefined && node.tag !== "!";

function readCollection(reading: Reading, node: YAMLMap.Parsed | YAMLSeq.Parsed, depth: number): YamlValue {
  if (!isSeq(node)) return readMap(reading, node, depth);
  return node.items.map((item, index) => {
    reading.path.push(index);
    const value = readNode(reading, item, depth);
    reading.path.pop();
    return value;
  });
}

/** Those that change nothing about what yaml.v3 makes of a list or map. */
const collectionTags = new Set(
  ["map", "seq", "set", "omap", "pairs"].map((name) => `tag:yaml.org,2002:${name}`),
);

function readMap(reading: Reading, node: YAMLMap.Parsed, depth: number): YamlMap {
  const map = new Map<YamlKey, YamlValue>();
  let merged: readonly YamlMap[] | undefined;
  let firstKeys: ReadonlyMap<YamlKey, ParsedNode> | undefined;
  for (const pair of node.items) {
    const isMerge = isMergeKey(pair.key);
    const key = isMerge ? "<<" : readKey(reading, pair.key);
    if (key === undefined) continue;
    if (isMerge ? merged !== undefined : map.has(key)) {
      firstKeys ??= firstKeysOf(reading, node);
      reportRepeatedKey(reading, key, pair.key, firstKeys.get(key));
    } else if (isMerge) {
      merged = readMerged(reading, pair.key, pair.value, depth);
    } else {
      reading.path.push(key);
      map.set(key, readNode(reading, pair.value, depth));
      reading.path.pop();
    }
  }
  for (const source of merged ?? []) {
    for (const [key, value] of source) if (!map.has(key)) map.set(key, value);
  }
  return map;
}

/** An unquoted `<<`; a quoted one is a key like any other. */
function isMergeKey(key: ParsedNode): boolean {
  return (
    isScalar(key) && key.source === "<<" && (isTagged(key) ? key.tag === mergeTag : key.type === "PLAIN")
  );
}

const mergeTag = "tag:yaml.org,2002:merge";

function readMerged(
  reading: Reading,
  key: ParsedNode,
  node: ParsedNode | null,
  depth: number,
): readonly YamlMap[] {
  const value = readNode(reading, node, depth);
  const sources = isYamlList(value) ? value : [value];
  if (sources.some((source) => source !== null && !isYamlMap(source))) {
    const hint = "write an alias of a map after it, or a list of such aliases";
    report(reading, { message: "`<<` with something other than maps", hint, offset: (node ?? key).range[0] });
  }
  return sources.filter(isYamlMap);
}

function readKey(reading: Reading, node: ParsedNode): YamlKey | undefined {
  if (node.anchor && reading.aliasDepth === 0) reading.anchors.set(node.anchor, node);
  const key = isAlias(node) ? targetOf(reading, node) : node;
  if (isAlias(node) && key !== undefined) reading.targets.set(node, key);
  if (isScalar(key) && key.range[0] < key.range[1]) return scalarKey(meaningOf(reading, key));
  const [offset] = node.range;
  if (key === undefined) {
    readNode(reading, node, 0);
  } else if (isScalar(key)) {
    const hint = "write the key, or put the whole value in quotes";
    report(reading, { message: "no key before `:`", hint, offset });
  } else if (isMap(key)) {
    const hint = "put the whole value in quotes when it begins with `{{`";
    report(reading, { message: "a map where a key is expected", hint, offset });
  } else {
    report(reading, { message: "a list where a key is expected", hint: "put the key in quotes", offset });
  }
  return undefined;
}

function firstKeysOf(reading: Reading, map: YAMLMap.Parsed): ReadonlyMap<YamlKey, ParsedNode> {
  const first = new Map<YamlKey, ParsedNode>();
  for (const { key: node } of map.items) {
    const key = readKey(reading, node);
    if (key !== undefined && !first.has(key)) first.set(key, node);
  }
  return first;
}

function reportRepeatedKey(
  reading: Reading,
  key: YamlKey,
  node: ParsedNode,
  first: ParsedNode | undefined,
): void {
  const { line, column } = reading.positionAt((first ?? node).range[0]);
  const message = `key \`${key}\` is given twice, first in line ${line}, column ${column}`;
  report(reading, { message, hint: "remove one of the two", offset: node.range[0] });
}

function report(reading: Reading, problem: SyntaxProblem): null {
  reading.problems.set(`${problem.offset} ${problem.message}`, problem);
  return null;
}

function positionsIn(text: string): (offset: number) => Position {
  let starts: readonly number[] | undefined;
  return (offset) => {
    starts ??= lineStartsOf(text);
    let line = 0;
    let after = starts.length;
    while (after - line > 1) {
      const middle = (line + after) >> 1;
      if ((starts[middle] ?? 0) <= offset) line = middle;
      else after = middle;
    }
    return { line: line + 1, column: offset - (starts[line] ?? 0) + 1 };
  };
}

function lineStartsOf(text: string): readonly number[] {
  const starts = [0];
  for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n", end + 1)) starts.push(end + 1);
  return starts;
}

function offsetOf(reading: Reading, root: ParsedNode | null, path: YamlPath, part: "key" | "value"): number {
  let key: ParsedNode | undefined;
  let value = root;
  for (const step of path) {
    const entry = entryOf(reading, value, step);
    if (entry === undefined) break;
    key = entry.key;
    value = entry.value;
  }
  const isEmpty = value === null || value.range[0] === value.range[1];
  return ((key && (part === "key" || isEmpty) ? key : value) ?? key)?.range[0] ?? 0;
}

type Entry = { readonly key?: ParsedNode; readonly value: ParsedNode | null };

function entryOf(reading: Reading, node: ParsedNode | null, step: YamlKey): Entry | undefined {
  const collection = isAlias(node) ? reading.targets.get(node) : node;
  if (isSeq(collection)) {
    const value = typeof step === "number" ? collection.items[step] : undefined;
    return value && { value };
  }
  if (!isMap(collection)) return undefined;
  const own = collection.items.filter(({ key }) => !isMergeKey(key));
  const keys = own.map(({ key }) => readKey(reading, key));
  const exact = own[keys.indexOf(step)] ?? own[keys.findIndex((key) => String(key) === String(step))];
  if (exact) return exact;
  const merge = collection.items.find(({ key }) => isMergeKey(key));
  const merged = merge && mergedEntryOf(reading, merge.value, step);
  return merged ?? own[keys.findIndex((key) => String(key).toLowerCase() === String(step).toLowerCase())];
}

function mergedEntryOf(reading: Reading, node: ParsedNode | null, step: YamlKey): Entry | undefined {
  const source = isAlias(node) ? reading.targets.get(node) : node;
  if (!isSeq(source)) return entryOf(reading, source ?? null, step);
  for (const item of source.items) {
    const entry = entryOf(reading, item, step);
    if (entry) return entry;
  }
  return undefined;
}
