import { formatPath } from "../../yaml/path.ts";
import { revealScalar } from "../../yaml/secret.ts";
import {
  isYamlList,
  isYamlMap,
  isYamlNumber,
  isYamlSecret,
  type YamlPath,
  type YamlScalar,
  type YamlValue,
} from "../../yaml/value.ts";
import type { Secrets } from "./secretsFile.ts";

/** A secret of `secrets.poly`, and the texts that show it. */
export type SecretText = { readonly key: string; readonly texts: readonly string[] };

/** Returns the secrets of the workspace by their keys. A boolean has no text: everything with `true` in it would be masked. */
export function secretTexts(secrets: Secrets | undefined): readonly SecretText[] {
  return secrets === undefined ? [] : secretsIn(secrets.file.value, []);
}

function secretsIn(value: YamlValue, at: YamlPath): readonly SecretText[] {
  if (isYamlMap(value)) return Array.from(value, ([key, item]) => secretsIn(item, [...at, key])).flat();
  if (isYamlList(value)) return value.flatMap((item, index) => secretsIn(item, [...at, index]));
  if (!isYamlSecret(value)) return [];
  const scalar = revealScalar(value);
  // Of `NAME=value` the value is secret.
  const hiddenFrom = value.shown.endsWith("=***") ? value.shown.length - 3 : 0;
  return [{ key: formatPath(at), texts: spellings(scalar).map((text) => text.slice(hiddenFrom)) }];
}

/** A number as the file, the snapshot and a program that reads it spell it. */
function spellings(scalar: YamlScalar): readonly string[] {
  if (typeof scalar === "string") return scalar === "" ? [] : [scalar];
  if (!isYamlNumber(scalar)) return [];
  return [...new Set([scalar.source, scalar.digits, String(Number(scalar.digits))])];
}
