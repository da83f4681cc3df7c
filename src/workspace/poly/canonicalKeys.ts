import {
  isYamlList,
  isYamlMap,
  type YamlKey,
  type YamlMap,
  type YamlPath,
  type YamlValue,
} from "../../yaml/value.ts";
import { itemSchema, knownEntries } from "./schemaShape.ts";

/** A value with its known keys as the schema spells them, and the paths of those that the file spells differently. */
export type Canonical = {
  readonly value: YamlMap;
  /** As the file spells them. */
  readonly respelled: readonly YamlPath[];
};

/**
 * Returns the value with every key that the schema knows in the schema's case: to the Go program `extraEnv` and
 * `extraenv` were the same key. A key that the file has in both spellings, and free-form keys, stay as they are.
 */
export function canonicalKeys(schema: unknown, value: YamlMap): Canonical {
  const respelled: YamlPath[] = [];
  const map = canonicalMap(schema, value, [], respelled);
  return { value: respelled.length === 0 ? value : map, respelled };
}

function canonicalValue(schema: unknown, value: YamlValue, at: YamlPath, respelled: YamlPath[]): YamlValue {
  if (isYamlMap(value)) return canonicalMap(schema, value, at, respelled);
  const item = itemSchema(schema);
  if (!isYamlList(value) || item === undefined) return value;
  return value.map((one, index) => canonicalValue(item, one, [...at, index], respelled));
}

function canonicalMap(schema: unknown, map: YamlMap, at: YamlPath, respelled: YamlPath[]): YamlMap {
  const entries = knownEntries(schema);
  if (entries === undefined) return map;
  const result = new Map<YamlKey, YamlValue>();
  for (const [key, value] of map) {
    const known = knownKey(entries, map, result, key);
    if (known !== key) respelled.push([...at, key]);
    const inner = Object.hasOwn(entries, String(known)) ? entries[String(known)] : undefined;
    result.set(known, canonicalValue(inner, value, [...at, key], respelled));
  }
  return result;
}

function knownKey(
  entries: Readonly<Record<string, unknown>>,
  map: YamlMap,
  result: YamlMap,
  key: YamlKey,
): YamlKey {
  if (typeof key !== "string" || Object.hasOwn(entries, key)) return key;
  const known = key.toLowerCase();
  return Object.hasOwn(entries, known) && !map.has(known) && !result.has(known) ? known : key;
}
