import { type JsonSchema, lowerCaseSchemaOf } from "./jsonSchema.ts";
import { problemCodes } from "./problemCodes.ts";

/** Returns the README's reference in Markdown: every key of both files, and every problem that `validate` knows. */
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

type Row = readonly string[];

/** One row for each key, those inside it after it; what is inside of `closed` keys has its rows elsewhere. */
function keyRows(schema: JsonSchema, prefix: string, closed: readonly string[]): readonly Row[] {
  const required: readonly unknown[] = Array.isArray(schema.required) ? schema.required : [];
  return Object.entries(recordOf(schema.properties)).flatMap(([key, value]): readonly Row[] => {
    const property = recordOf(value);
    const path = `${prefix}${key}`;
    const standing = required.includes(key) ? "required" : defaultOf(property);
    const row = [`\`${path}\``, kindOf(property), standing, String(property.description ?? "")];
    const { inner, suffix } = innerOf(property);
    return [row, ...(closed.includes(path) ? [] : keyRows(inner, path + suffix, closed))];
  });
}

function defaultOf({ default: value }: JsonSchema): string {
  // An empty list or mapping is what there is without the key.
  return value === undefined || typeof value === "object" ? "" : `\`${String(value)}\``;
}

/** What an object, or each object of a list, has in it. */
function innerOf(property: JsonSchema): { readonly inner: JsonSchema; readonly suffix: string } {
  const choices = choicesOf(property);
  const list = choices.find(({ type }) => type === "array");
  const object = choices.find(({ properties }) => properties !== undefined);
  if (list === undefined) return { inner: object ?? {}, suffix: "." };
  return { inner: recordOf(list.items), suffix: "[]." };
}

/** What the value may be, in words. */
function kindOf(property: JsonSchema): string {
  const kinds = choicesOf(property).map(kindOfChoice);
  const words = [...new Set(kinds)].filter((kind) => kind !== "");
  return words.length === 0 ? "anything" : words.join(" or ");
}

function kindOfChoice({ type, items, enum: words, minimum }: JsonSchema): string {
  const types = [type].flat();
  if (types.includes("array")) return `list of ${plural(kindOf(recordOf(items)))}`;
  if (types.includes("object")) return "mapping";
  if (types.includes("string") && types.includes("number") && minimum !== undefined) return "duration";
  if (types.includes("string")) return words === undefined ? "text" : "";
  if (types.includes("integer")) return "whole number";
  return types.includes("boolean") ? "`true` or `false`" : "";
}

function plural(kind: string): string {
  return kind === "mapping" ? "mappings" : kind;
}

/** Some choices are lists of types; the words that go with a type stand beside them. */
function choicesOf(property: JsonSchema): readonly JsonSchema[] {
  const { anyOf, ...beside } = property;
  return Array.isArray(anyOf) ? anyOf.map((choice) => ({ ...beside, ...recordOf(choice) })) : [property];
}

function recordOf(value: unknown): JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : {};
}

function table(head: Row, rows: readonly Row[]): readonly string[] {
  const line = (cells: Row) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)];
}
