import { isJsonObject } from "../../host/json.ts";

type SchemaObject = Readonly<Record<string, unknown>>;

/** Returns the schemas of a mapping's known keys; undefined for a schema of anything else. */
export function knownEntries(schema: unknown): SchemaObject | undefined {
  const { entries } = choicesOf(schema).find((choice) => isJsonObject(choice.entries)) ?? {};
  return isJsonObject(entries) ? entries : undefined;
}

/** Returns the schema of a list's items; undefined for a schema of anything else. */
export function itemSchema(schema: unknown): unknown {
  return choicesOf(schema).find((choice) => "item" in choice)?.item;
}

/** Returns the schema without the wrapping that lets its value be missing; undefined for what is not a schema. */
export function unwrappedSchema(schema: unknown): SchemaObject | undefined {
  if (!isJsonObject(schema)) return undefined;
  return "wrapped" in schema ? unwrappedSchema(schema.wrapped) : schema;
}

/** The alternatives of a schema. */
function choicesOf(schema: unknown): readonly SchemaObject[] {
  const inner = unwrappedSchema(schema);
  if (inner === undefined) return [];
  return Array.isArray(inner.options) ? inner.options.flatMap(choicesOf) : [inner];
}
