import { isYamlMap, type YamlKey, type YamlMap, type YamlValue } from "./value.ts";

// Maps made of maps; what is given is never changed.

type Entries<Value> = ReadonlyMap<YamlKey, Value>;

/** Returns a map of these entries. */
export function record<Value>(entries: Readonly<Record<string, Value>>): Entries<Value> {
  return new Map(Object.entries(entries));
}

/** Returns the map with other values for these keys; new keys come last. */
export function withEntries<Value>(
  map: Entries<Value>,
  entries: Readonly<Record<string, Value>>,
): Entries<Value> {
  const result = new Map(map);
  for (const [key, value] of Object.entries(entries)) result.set(key, value);
  return result;
}

/** Returns the map with the keys that are missing or null; new keys come last. */
export function withDefaults(map: YamlMap, defaults: YamlMap): YamlMap {
  const result = new Map(map);
  for (const [key, value] of defaults) if ((map.get(key) ?? null) === null) result.set(key, value);
  return result;
}

/** Returns a map as it is, and an empty one in the place of anything else. */
export function mapOf(value: YamlValue | undefined): YamlMap {
  return isYamlMap(value) ? value : new Map();
}
