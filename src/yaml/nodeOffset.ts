import { isAlias, isMap, isSeq, type ParsedNode } from "yaml";
import { isMergeKey, type ReadState, readKey } from "./nodes.ts";
import type { YamlKey, YamlPath } from "./value.ts";

/** Returns the offset in the text of the value at `path`, or of its key; see `positionOf` of a document. */
export function nodeOffset(
  state: ReadState,
  root: ParsedNode | null,
  path: YamlPath,
  part: "key" | "value",
): number {
  let key: ParsedNode | undefined;
  let value = root;
  for (const step of path) {
    const entry = nodeEntry(state, value, step);
    if (entry === undefined) break;
    key = entry.key;
    value = entry.value;
  }
  const isEmpty = value === null || value.range[0] === value.range[1];
  return ((key && (part === "key" || isEmpty) ? key : value) ?? key)?.range[0] ?? 0;
}

type NodeEntry = { readonly key?: ParsedNode; readonly value: ParsedNode | null };

function nodeEntry(state: ReadState, node: ParsedNode | null, step: YamlKey): NodeEntry | undefined {
  const collection = isAlias(node) ? state.targets.get(node) : node;
  if (isSeq(collection)) {
    const value = typeof step === "number" ? collection.items[step] : undefined;
    return value && { value };
  }
  if (!isMap(collection)) return undefined;
  const own = collection.items.filter(({ key }) => !isMergeKey(key));
  const keys = own.map(({ key }) => readKey(state, key));
  const exact = own[keys.indexOf(step)] ?? own[keys.findIndex((key) => String(key) === String(step))];
  if (exact) return exact;
  const merge = collection.items.find(({ key }) => isMergeKey(key));
  const merged = merge && mergedEntry(state, merge.value, step);
  return merged ?? own[keys.findIndex((key) => String(key).toLowerCase() === String(step).toLowerCase())];
}

function mergedEntry(state: ReadState, node: ParsedNode | null, step: YamlKey): NodeEntry | undefined {
  const source = isAlias(node) ? state.targets.get(node) : node;
  if (!isSeq(source)) return nodeEntry(state, source ?? null, step);
  for (const item of source.items) {
    const entry = nodeEntry(state, item, step);
    if (entry) return entry;
  }
  return undefined;
}
