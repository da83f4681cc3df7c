import { isJsonObject } from "../../host/json.ts";
import { type JsonSchema, lowerCaseSchemaOf } from "./jsonSchema.ts";
import { problemCodes } from "./problemCodes.ts";

/** Returns the README's reference in Markdown: every key of both files, and every problem that `validate` reports. */
export function renderReference(): string {
  return [
    "### Keys of `workspace.poly`",
    "",
    ...table(["Key", "Value", "Default", "Meaning"], keyRows(lowerCaseSchemaOf("workspace"), "", ["blocks"])),
    "",
    "An entry of `blocks` has the keys of `block.poly`.",
    "",
    "### Keys of `block.poly`",
    "",
    ...table(["Key", "Value", "Default", "Meaning"], keyRows(lowerCaseSchemaOf("block"), "", [])),
    "",
    "### Problems that `polycrate validate` finds",
    "",
    ...table(
      ["Code", "Meaning"],
      Object.entries(problemCodes).map(([code, meaning]) => [`\`${code}\``, meaning]),
    ),
  ].join("\n");
}

type Cells = readonly string[];

/** One row for each key, followed by the keys inside it, except inside of the `closed` ones. */
function keyRows(schema: JsonSchema, prefix: string, closed: readonly string[]): readonly Cells[] {
  const required: readonly unknown[] = Array.isArray(schema.required) ? schema.required : [];
  return Object.entries(objectOf(schema.properties)).flatMap(([key, value]): readonly Cells[] => {
    const property = objectOf(value);
    const path = `${prefix}${key}`;
    const standing = required.includes(key) ? "required" : defaultOf(property);
    const row = [`\`${path}\``, kindOf(property), standing, String(property.description ?? "")];
    const { inner, suffix } = innerOf(property);
    return [row, ...(closed.includes(path) ? [] : keyRows(inner, path + suffix, closed))];
  });
}

function defaultOf({ default: value }: JsonSchema): string {
  // An empty list or mapping is the same as no key.
  return value === undefined || typeof value === "object" ? "" : `\`${String(value)}\``;
}

/** The schema of an object, or of the objects of a list. */
function innerOf(property: JsonSchema): { readonly inner: JsonSchema; readonly suffix: string } {
  const choices = alternativesOf(property);
  const list = choices.find(({ type }) => type === "array");
  const object = choices.find(({ properties }) => properties !== undefined);
  if (list === undefined) return { inner: object ?? {}, suffix: "." };
  return { inner: objectOf(list.items), suffix: "[]." };
}

/** The types of the value, in words. */
function kindOf(property: JsonSchema): string {
  const kinds = alternativesOf(property).map(kindOfChoice);
  const words = [...new Set(kinds)].filter((kind) => kind !== "");
  return words.length === 0 ? "anything" : words.join(" or ");
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

/** Keywords beside `anyOf` apply to each of its alternatives. */
function alternativesOf(property: JsonSchema): readonly JsonSchema[] {
  const { anyOf, ...beside } = property;
  return Array.isArray(anyOf) ? anyOf.map((choice) => ({ ...beside, ...objectOf(choice) })) : [property];
}

function objectOf(value: unknown): JsonSchema {
  return isJsonObject(value) ? value : {};
}

function table(head: Cells, rows: readonly Cells[]): readonly string[] {
  const line = (cells: Cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)];
}
