/**
 * A parsed YAML value that keeps what JavaScript would lose: the order of maps, the type of their keys, the digits of
 * numbers.
 */
export type YamlValue = YamlScalar | YamlSecret | readonly YamlValue[] | YamlMap;

export type YamlScalar = null | boolean | string | YamlNumber;

/** Keys keep their type: `80:` is the number 80 and another key than `"80":`. */
export type YamlKey = string | number | bigint | boolean | null;

export type YamlMap = ReadonlyMap<YamlKey, YamlValue>;

/**
 * A number as text. `digits` is its canonical decimal spelling, the one to write out (`0644` has the digits `420`,
 * `1_000` has `1000`, `1.10` stays `1.10`); `source` is how the file spells it, the one to use where a string is expected.
 */
export type YamlNumber = { readonly digits: string; readonly source: string };

/**
 * A value that may not be printed: `shown` is what everything shows in its place. Only `revealed` (`yaml/secret.ts`) knows the
 * value, so that a value that is printed, compared or written to a file without a thought is never the secret itself.
 */
export type YamlSecret = { readonly shown: string };

/** A line and column of a file, both counted from 1, the column in UTF-16 units as editors count. */
export type Position = { readonly line: number; readonly column: number };

/** The path to a value of a document: map keys and list indexes from the root. */
export type YamlPath = readonly (YamlKey | number)[];

/** True for a YAML mapping. */
export function isYamlMap(value: YamlValue | undefined): value is YamlMap {
  return value instanceof Map;
}

/** True for a YAML sequence. */
export function isYamlList(value: YamlValue | undefined): value is readonly YamlValue[] {
  return Array.isArray(value);
}

/** True for a YAML integer or float. */
export function isYamlNumber(value: YamlValue | undefined): value is YamlNumber {
  return typeof value === "object" && value !== null && "digits" in value;
}

/** True for a value that may not be printed. */
export function isYamlSecret(value: YamlValue | undefined): value is YamlSecret {
  return typeof value === "object" && value !== null && "shown" in value;
}

/**
 * Returns a string, a number as the file spells it (`version: 1.10` is the text `1.10`), or what is shown of a secret; undefined for
 * anything else.
 */
export function textOf(value: YamlValue | undefined): string | undefined {
  if (isYamlSecret(value)) return value.shown;
  return isYamlNumber(value) ? value.source : typeof value === "string" ? value : undefined;
}

/** Returns the text at a key of a map, as `textOf` does; undefined for anything but a map. */
export function yamlTextAt(value: YamlValue | undefined, key: YamlKey): string | undefined {
  return isYamlMap(value) ? textOf(value.get(key)) : undefined;
}

/** Returns the map at a key of a map; undefined for anything else. */
export function yamlMapAt(value: YamlValue | undefined, key: YamlKey): YamlMap | undefined {
  const inner = isYamlMap(value) ? value.get(key) : undefined;
  return isYamlMap(inner) ? inner : undefined;
}

/** Returns the value as JSON: keys become strings, a number that a double cannot represent becomes text. */
export function jsonOf(value: YamlValue): unknown {
  if (isYamlMap(value))
    return Object.fromEntries(Array.from(value, ([key, item]) => [String(key), jsonOf(item)]));
  if (isYamlList(value)) return value.map(jsonOf);
  if (isYamlSecret(value)) return value.shown;
  if (!isYamlNumber(value)) return value;
  const number = Number(value.digits);
  const isExact = Number.isFinite(number) && (Number.isSafeInteger(number) || /[.e]/i.test(value.digits));
  return isExact ? number : value.digits;
}
