import {
  isYamlList,
  isYamlMap,
  isYamlSecret,
  type YamlScalar,
  type YamlSecret,
  type YamlValue,
} from "./value.ts";
import type { Writable, WritableMap } from "./write.ts";

/** Not a property of the secret: nothing that looks at one, such as JSON or an error message, finds its value. */
const values = new WeakMap<YamlSecret, YamlScalar>();

/** Returns a secret that shows nothing of the value but, for `NAME=value`, the name. */
export function hideScalar(value: YamlScalar, shown = "***"): YamlSecret {
  const secret = { shown };
  values.set(secret, value);
  return secret;
}

/** Returns the value of a secret. What it is used for must neither be printed nor written to a disk. */
export function revealScalar(secret: YamlSecret): YamlScalar {
  const value = values.get(secret);
  if (value === undefined) throw new Error("a secret was not made by hideScalar");
  return value;
}

/** Returns the value with every secret in it as it is. What it is used for must neither be printed nor written to a disk. */
export function revealed(value: YamlValue): YamlValue {
  if (isYamlSecret(value)) return revealScalar(value);
  if (isYamlMap(value)) return new Map(Array.from(value, ([key, item]) => [key, revealed(item)]));
  return isYamlList(value) ? value.map(revealed) : value;
}

/** Does the same for a map to write; what is written already has no secrets. */
export function revealedMap(map: WritableMap): WritableMap {
  return new Map(Array.from(map, ([key, item]) => [key, revealedItem(item)]));
}

function revealedItem(item: Writable): Writable {
  if (typeof item === "function") return item;
  return isWritableMap(item) ? revealedMap(item) : revealed(item);
}

function isWritableMap(item: Exclude<Writable, (...words: never[]) => unknown>): item is WritableMap {
  return item instanceof Map;
}
