import { isJsonObject } from "../../host/json.ts";
import { type JsonSchema, lowerCaseSchemaOf } from "./jsonSchema.ts";

/** Which keys a table has: all of the file, or those at and inside `paths`, without those at and inside `without`. */
export type KeySelection = {
  readonly file: "workspace" | "block";
  readonly paths: readonly string[];
  readonly without: readonly string[];
};

/**
 * Returns the selected keys as a Markdown table with their types, descriptions and defaults. An entry of `blocks` has the
 * keys of `block.poly`, which are not repeated. Throws for a path that has no key.
 */
export function keyTable({ file, paths, without }: KeySelection): readonly string[] {
  const keys = keysOf(lowerCaseSchemaOf(file), "", file === "workspace" ? ["blocks"] : []);
  for (const path of [...paths, ...without]) {
    if (!keys.some((key) => key.path === path)) throw new Error(`${file}.poly has no key ${path}`);
  }
  const isSelected = ({ path }: Key) =>
    (paths.length === 0 || paths.some((one) => isWithin(path, one))) &&
    !without.some((one) => isWithin(path, one));
  return markdownTable(
    ["Key", "Value", "Meaning"],
    keys.filter(isSelected).map(({ path, kind, meaning }) => [`\`${path}\``, kind, meaning]),
  );
}

/** Returns a table in Markdown, one line a row, with aligned columns except for the last. */
export function markdownTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): readonly string[] {
  const [top = [], ...body] = [head, ...rows].map((row) => row.map((cell) => cell.replaceAll("|", "\\|")));
  const widths = top.map((_, column) => Math.max(...[top, ...body].map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[], filler = " ") => {
    const padded = cells.map((cell, column) =>
      column === cells.length - 1 ? cell : cell.padEnd(widths[column] ?? 0, filler),
    );
    return `| ${padded.join(" | ")} |`;
  };
  return [
    line(top),
    line(
      top.map(() => "---"),
      "-",
    ),
    ...body.map((row) => line(row)),
  ];
}

function isWithin(path: string, one: string): boolean {
  return path === one || path.startsWith(`${one}.`) || path.startsWith(`${one}[].`);
}

type Key = { readonly path: string; readonly kind: string; readonly meaning: string };

/** Each key, followed by the keys inside it, except inside of the `closed` ones. */
function keysOf(schema: JsonSchema, prefix: string, closed: readonly string[]): readonly Key[] {
  const required: readonly unknown[] = Array.isArray(schema.required) ? schema.required : [];
  return Object.entries(objectOf(schema.properties)).flatMap(([key, value]): readonly Key[] => {
    const property = objectOf(value);
    const path = `${prefix}${key}`;
    const description = typeof property.description === "string" ? property.description : "";
    const note = required.includes(key) ? "Required." : defaultOf(property);
    const meaning = [description, note].filter((text) => text !== "").join(" ");
    const { inner, suffix } = innerOf(property);
    const within = closed.includes(path) ? [] : keysOf(inner, path + suffix, closed);
    return [{ path, kind: kindOf(property), meaning }, ...within];
  });
}

function defaultOf({ default: value }: JsonSchema): string {
  // An empty list or mapping is the same as no key.
  return value === undefined || typeof value === "object" ? "" : `Default: \`${String(value)}\`.`;
}

/** The schema of an object, of the objects of a list, or of those of a mapping by name. */
function innerOf(property: JsonSchema): { readonly inner: JsonSchema; readonly suffix: string } {
  const choices = alternativesOf(property);
  const list = choices.find(({ type }) => type === "array");
  const object = choices.find(({ properties }) => properties !== undefined);
  const named = choices
    .flatMap(({ additionalProperties }) => (isJsonObject(additionalProperties) ? [additionalProperties] : []))
    .flatMap(alternativesOf);
  const [byName, ...others] = named.filter(({ type }) => type !== "null");
  if (byName?.properties !== undefined && others.length === 0) return { inner: byName, suffix: ".NAME." };
  if (list === undefined) return { inner: object ?? {}, suffix: "." };
  return { inner: objectOf(list.items), suffix: "[]." };
}

/** The types of the value, in words. */
function kindOf(property: JsonSchema): string {
  const choices = alternativesOf(property);
  const words = [...new Set(choices.map(kindOfChoice))].filter((kind) => kind !== "");
  if (words.length > 0) return words.join(" or ");
  return choices.some((choice) => choice.enum !== undefined) ? "text" : "anything";
}

function kindOfChoice({ type, items, enum: words, minimum }: JsonSchema): string {
  const types = [type].flat();
  if (types.includes("array")) return `list of ${plural(kindOf(objectOf(items)))}`;
  if (types.includes("object")) return "mapping";
  if (types.includes("string") && types.includes("number") && minimum !== undefined) return "duration";
  if (types.includes("string")) return words === undefined ? "text" : "";
  if (types.includes("integer")) return "whole number";
  return types.includes("boolean") ? "`true` or `false`" : "";
}

function plural(kind: string): string {
  return kind === "mapping" ? "mappings" : kind;
}

/** Keywords next to `anyOf` apply to each of its alternatives. */
function alternativesOf(property: JsonSchema): readonly JsonSchema[] {
  const { anyOf, ...beside } = property;
  return Array.isArray(anyOf) ? anyOf.map((choice) => ({ ...beside, ...objectOf(choice) })) : [property];
}

function objectOf(value: unknown): JsonSchema {
  return isJsonObject(value) ? value : {};
}
