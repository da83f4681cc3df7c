import { largestText, readText } from "./read.ts";

/** Returns the value of a JSON text; undefined when it is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Returns the value of a JSON file; undefined when it does not exist or is not JSON. */
export function readJson(path: string): unknown {
  return parseJson(readText(path, largestText) ?? "");
}

/** Returns the member at the path of keys; undefined when there is none. */
export function memberAt(value: unknown, ...keys: readonly string[]): unknown {
  return keys.reduce<unknown>(
    (found, key) => (typeof found === "object" && found !== null ? Reflect.get(found, key) : undefined),
    value,
  );
}

/** Returns the string at the path of keys; undefined when there is none. */
export function textAt(value: unknown, ...keys: readonly string[]): string | undefined {
  const found = memberAt(value, ...keys);
  return typeof found === "string" ? found : undefined;
}

/** True for a JSON object: neither an array nor null. */
export function isJsonObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
