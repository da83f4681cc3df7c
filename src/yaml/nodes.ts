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
import { linePositions } from "./linePositions.ts";
import { plainScalar, scalarKey, taggedScalar, unknownTag } from "./scalar.ts";
import { type SyntaxProblem, tooDeep } from "./syntax.ts";
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

/** What has been read of one document so far. */
export type ReadState = {
  readonly verbatim: ((path: YamlPath) => boolean) | undefined;
  readonly positionAt: (offset: number) => Position;
  /** The end of the text, when its last line has no line feed. */
  readonly unendedAt: number | undefined;
  /** By offset and message, because an alias reads its nodes again. */
  readonly problems: Map<string, SyntaxProblem>;
  /** The path of the node that is being read. */
  readonly path: YamlKey[];
  /** The last node of each anchor so far. */
  readonly anchors: Map<string, ParsedNode>;
  /** The node of each alias. */
  readonly targets: Map<Alias.Parsed, ParsedNode>;
  /** The anchored collections around the node that is being read. */
  readonly open: Set<ParsedNode>;
  isTooDeep: boolean;
  aliasDepth: number;
  /** How much aliases have repeated so far, in characters. */
  repeated: number;
};

/** Returns the state before the first node of the text, whose lines end with `\n`. */
export function newState(source: string, verbatim: ReadState["verbatim"]): ReadState {
  return {
    verbatim,
    positionAt: linePositions(source),
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
}

/** Returns the value of a node that is `depth` collections deep, and adds its problems to the state. */
export function readNode(state: ReadState, node: ParsedNode | null, depth: number): YamlValue {
  if (node === null) return null;
  if (isAlias(node)) return readAlias(state, node, depth);
  if (state.aliasDepth > 0) {
    state.repeated += valueSize + (isScalar(node) ? node.source.length : 0);
    if (state.repeated > mostRepeated) return null;
  } else if (node.anchor) {
    state.anchors.set(node.anchor, node);
  }
  if (isScalar(node)) return readScalar(state, node);
  if (depth === mostNested) {
    if (!state.isTooDeep) addProblem(state, tooDeep(node.range[0]));
    state.isTooDeep = true;
    return null;
  }
  if (isTagged(node) && !collectionTags.has(node.tag)) {
    addProblem(state, { ...unknownTag(node.tag), offset: node.range[0] });
  }
  if (!node.anchor) return readCollection(state, node, depth + 1);
  state.open.add(node);
  const value = readCollection(state, node, depth + 1);
  state.open.delete(node);
  return value;
}

/** More than any configuration has, and few enough for the stack of every program that reads a snapshot. */
const mostNested = 200;

// yaml.v3 fails after about 400,000 values from aliases. The limit here: 10 million characters, 25 for each value plus its text.
const mostRepeated = 10_000_000;
const valueSize = 25;

function readAlias(state: ReadState, alias: Alias.Parsed, depth: number): YamlValue {
  const [offset] = alias.range;
  const name = `\`*${alias.source}\``;
  const target = anchoredNode(state, alias);
  if (target === undefined) {
    const hint = "quote the value if `*` is part of it";
    return addProblem(state, { message: `alias ${name} has no anchor before it`, hint, offset });
  }
  if (state.open.has(target)) {
    const message = `alias ${name} is inside the value that it repeats`;
    return addProblem(state, { message, hint: "remove the alias", offset });
  }
  state.targets.set(alias, target);
  const wasWithin = state.repeated <= mostRepeated;
  state.aliasDepth++;
  const value = readNode(state, target, depth);
  state.aliasDepth--;
  if (wasWithin && state.repeated > mostRepeated && state.aliasDepth === 0) {
    const message = `alias ${name} repeats too much: aliases can add at most 10 million characters to a file`;
    addProblem(state, { message, hint: "use fewer nested aliases", offset });
  }
  return value;
}

/** The last node with the anchor before the alias, even if the alias itself is read again later. */
function anchoredNode(state: ReadState, alias: Alias.Parsed): ParsedNode | undefined {
  return state.targets.get(alias) ?? state.anchors.get(alias.source);
}

function readScalar(state: ReadState, node: Scalar.Parsed): YamlScalar {
  const value = scalarValue(state, node);
  if (typeof value === "string" || value === null || node.type !== "PLAIN" || isTagged(node)) return value;
  return state.verbatim?.(state.path) ? node.source : value;
}

function scalarValue(state: ReadState, node: Scalar.Parsed): YamlScalar {
  const text = scalarSource(state, node);
  if (isTagged(node)) {
    const tagged = taggedScalar(node.tag, text);
    return "value" in tagged ? tagged.value : addProblem(state, { ...tagged, offset: node.range[0] });
  }
  return node.type === "PLAIN" ? plainScalar(text) : text;
}

/** yaml adds a line feed to a block scalar that ends with the file; the specification and yaml.v3 do not. */
function scalarSource(state: ReadState, { type, range, source }: Scalar.Parsed): string {
  const isUnended = range[1] === state.unendedAt && type?.startsWith("BLOCK");
  return isUnended && source.endsWith("\n") ? source.slice(0, -1) : source;
}

/** yaml.v3 treats the tag `!` as no tag. */
const isTagged = (node: ParsedNode): node is ParsedNode & { tag: string } =>
  node.tag !== undefined && node.tag !== "!";

function readCollection(state: ReadState, node: YAMLMap.Parsed | YAMLSeq.Parsed, depth: number): YamlValue {
  if (!isSeq(node)) return readMap(state, node, depth);
  return node.items.map((item, index) => {
    state.path.push(index);
    const value = readNode(state, item, depth);
    state.path.pop();
    return value;
  });
}

/** Tags that do not change the value of a list or map in yaml.v3. */
const collectionTags = new Set(
  ["map", "seq", "set", "omap", "pairs"].map((name) => `tag:yaml.org,2002:${name}`),
);

function readMap(state: ReadState, node: YAMLMap.Parsed, depth: number): YamlMap {
  const map = new Map<YamlKey, YamlValue>();
  let merged: readonly YamlMap[] | undefined;
  let firstKeys: ReadonlyMap<YamlKey, ParsedNode> | undefined;
  for (const pair of node.items) {
    const isMerge = isMergeKey(pair.key);
    const key = isMerge ? "<<" : readKey(state, pair.key);
    if (key === undefined) continue;
    if (isMerge ? merged !== undefined : map.has(key)) {
      firstKeys ??= firstKeysOf(state, node);
      reportRepeatedKey(state, key, pair.key, firstKeys.get(key));
    } else if (isMerge) {
      merged = readMerged(state, pair.key, pair.value, depth);
    } else {
      state.path.push(key);
      map.set(key, readNode(state, pair.value, depth));
      state.path.pop();
    }
  }
  for (const source of merged ?? []) {
    for (const [key, value] of source) if (!map.has(key)) map.set(key, value);
  }
  return map;
}

/** True for an unquoted `<<`, the merge key of YAML 1.1; a quoted one is a key like any other. */
export function isMergeKey(key: ParsedNode): boolean {
  return (
    isScalar(key) && key.source === "<<" && (isTagged(key) ? key.tag === mergeTag : key.type === "PLAIN")
  );
}

const mergeTag = "tag:yaml.org,2002:merge";

function readMerged(
  state: ReadState,
  key: ParsedNode,
  node: ParsedNode | null,
  depth: number,
): readonly YamlMap[] {
  const value = readNode(state, node, depth);
  const sources = isYamlList(value) ? value : [value];
  if (sources.some((source) => source !== null && !isYamlMap(source))) {
    const hint = "give it an alias of a map, or a list of such aliases";
    addProblem(state, {
      message: "the value of `<<` is not a map",
      hint,
      offset: (node ?? key).range[0],
    });
  }
  return sources.filter(isYamlMap);
}

/** Returns the key of a map; undefined, with a problem, for a node that cannot be a key. */
export function readKey(state: ReadState, node: ParsedNode): YamlKey | undefined {
  if (node.anchor && state.aliasDepth === 0) state.anchors.set(node.anchor, node);
  const key = isAlias(node) ? anchoredNode(state, node) : node;
  if (isAlias(node) && key !== undefined) state.targets.set(node, key);
  if (isScalar(key) && key.range[0] < key.range[1]) return scalarKey(scalarValue(state, key));
  const [offset] = node.range;
  if (key === undefined) {
    readNode(state, node, 0);
  } else if (isScalar(key)) {
    const hint = "write the key, or quote the whole value";
    addProblem(state, { message: "missing key before `:`", hint, offset });
  } else if (isMap(key)) {
    const hint = "quote the whole value if it begins with `{{`";
    addProblem(state, { message: "expected a key, found a map", hint, offset });
  } else {
    addProblem(state, { message: "expected a key, found a list", hint: "quote the key", offset });
  }
  return undefined;
}

function firstKeysOf(state: ReadState, map: YAMLMap.Parsed): ReadonlyMap<YamlKey, ParsedNode> {
  const first = new Map<YamlKey, ParsedNode>();
  for (const { key: node } of map.items) {
    const key = readKey(state, node);
    if (key !== undefined && !first.has(key)) first.set(key, node);
  }
  return first;
}

function reportRepeatedKey(
  state: ReadState,
  key: YamlKey,
  node: ParsedNode,
  first: ParsedNode | undefined,
): void {
  const { line, column } = state.positionAt((first ?? node).range[0]);
  const message = `key \`${key}\` is repeated, first used in line ${line}, column ${column}`;
  addProblem(state, { message, hint: "remove one of them", offset: node.range[0] });
}

function addProblem(state: ReadState, problem: SyntaxProblem): null {
  state.problems.set(`${problem.offset} ${problem.message}`, problem);
  return null;
}
