/** Returns the schemas of a mapping's known keys; undefined for a schema of anything else. */
export function entriesOf(schema: unknown): Readonly<Record<string, unknown>> | undefined {
  const found = choicesOf(schema).find((choice) => isRecord(choice.entries));
  return isRecord(found?.entries) ? found.entries : undefined;
}

/** Returns the schema of a list's items; undefined for a schema of anything else. */
export function itemOf(schema: unknown): unknown {
  return choicesOf(schema).find((choice) => "item" in choice)?.item;
}

/** What a value may be, without what only says that it may be missing. */
function choicesOf(schema: unknown): readonly Readonly<Record<string, unknown>>[] {
  if (!isRecord(schema)) return [];
  if ("wrapped" in schema) return choicesOf(schema.wrapped);
  return Array.isArray(schema.options) ? schema.options.flatMap(choicesOf) : [schema];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
