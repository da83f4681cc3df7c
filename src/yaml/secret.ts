import { isYamlSecret, type YamlScalar, type YamlSecret, type YamlValue } from "./value.ts";
import { isWritableList, isWritableMap, type Writable } from "./write.ts";

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
export function revealed(value: YamlValue): YamlValue;
export function revealed(value: Writable): Writable;
export function revealed(value: Writable): Writable {
  if (isWritableMap(value)) return new Map(Array.from(value, ([key, item]) => [key, revealed(item)]));
  if (isWritableList(value)) return value.map((item) => (typeof item === "function" ? item : revealed(item)));
  return isYamlSecret(value) ? revealScalar(value) : value;
}
