import { toJsonSchema } from "@valibot/to-json-schema";
import type { PolyKind } from "./polyFile.ts";
import { blockSchema } from "./schema/block.ts";
import { workspaceSchema } from "./schema/workspace.ts";

/** A JSON Schema (draft 7) or a part of it. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * Returns the JSON Schema of `workspace.poly` or `block.poly`, with descriptions and defaults. It says what a file may
 * hold; what several values say together (repeated names, missing parents) only `polycrate validate` sees.
 */
export function jsonSchemaOf(kind: PolyKind): JsonSchema {
  const schema = lowerCaseSchemaOf(kind);
  return kind === "workspace" ? anyCase(schema) : { ...schema, ...withoutParent };
}

/** Returns the same with every key in the one case that it is documented in. */
export function lowerCaseSchemaOf(kind: PolyKind): JsonSchema {
  const schema = toJsonSchema(schemas[kind], {
    // What a schema makes of a value, or checks beyond its form, says nothing about the file.
    ignoreActions: ["transform", "check"],
    overrideSchema: ({ valibotSchema, jsonSchema }) =>
      valibotSchema.type === "custom" ? { ...jsonSchema, type: "number" } : undefined,
  });
  const { $schema, ...rest } = schema;
  return { $schema, title: `${kind}.poly of polycrate`, ...tidied(rest) };
}

const schemas = { workspace: workspaceSchema, block: blockSchema };

/** Only what inherits may leave to its parent what an action does. */
const withoutParent: JsonSchema = {
  if: { not: { required: ["from"] } },
  // biome-ignore lint/suspicious/noThenProperty: JSON Schema calls it so
  then: {
    properties: {
      actions: { items: { anyOf: [{ required: ["script"] }, { required: ["playbook"] }] } },
    },
  },
};

/** The keys of `workspace.poly` may be in another case; where none but the known ones may be, those and `x-…`. */
function anyCase(schema: JsonSchema): JsonSchema {
  const { required, additionalProperties, ...rest } = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, anyCaseInside(value)]),
  );
  const names = Array.isArray(required) ? required.map(String) : [];
  const spelled = names.map((name) => ({
    anyOf: [name, name.charAt(0).toUpperCase() + name.slice(1), name.toUpperCase()].map((one) => ({
      required: [one],
    })),
  }));
  return {
    ...rest,
    ...(spelled.length === 0 ? {} : { allOf: spelled }),
    ...(additionalProperties === undefined ? {} : { additionalProperties }),
    ...(additionalProperties === false && names.length === 0 && isRecord(schema.properties)
      ? { patternProperties: { [anyCasePattern(Object.keys(schema.properties))]: true } }
      : {}),
  };
}

function anyCaseInside(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(anyCaseInside);
  return isRecord(value) ? anyCase(value) : value;
}

function anyCasePattern(keys: readonly string[]): string {
  const words = keys.map((key) => key.replace(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`));
  return `^(?:x-.*|(?![a-z_]+$)(?:${words.join("|")}))$`;
}

/** The same in fewer words: one list of types instead of choices between types, and nothing that says nothing. */
function tidied(schema: object): JsonSchema {
  const { anyOf, ...rest } = Object.fromEntries(
    Object.entries(schema).flatMap(([key, value]) =>
      isIdle(key, value) ? [] : [[key, tidiedValue(key, value)]],
    ),
  );
  if (!Array.isArray(anyOf)) return rest;
  const choices: readonly unknown[] = anyOf.flatMap((choice) =>
    isOnly(choice, "anyOf") ? choice.anyOf : choice,
  );
  const types = choices.flatMap((choice) => (isOnly(choice, "type") ? choice.type : []));
  const others = choices.filter((choice) => !isOnly(choice, "type"));
  const merged = [
    ...others,
    ...(types.length === 0 ? [] : [{ type: types.length === 1 ? types[0] : types }]),
  ];
  const [only] = merged;
  return merged.length === 1 && isRecord(only) ? { ...only, ...rest } : { ...rest, anyOf: merged };
}

/** Under these keys stand schemas by name, not the words of a schema. */
function tidiedValue(key: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => (isRecord(item) ? tidied(item) : item));
  if (!isRecord(value)) return value;
  if (key !== "properties") return tidied(value);
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, isRecord(item) ? tidied(item) : item]),
  );
}

function isIdle(key: string, value: unknown): boolean {
  if (key === "required") return Array.isArray(value) && value.length === 0;
  if (key === "properties") return isRecord(value) && Object.keys(value).length === 0;
  return key === "propertyNames" && isOnly(value, "type");
}

function isOnly<Key extends string>(value: unknown, key: Key): value is Record<Key, unknown> {
  return isRecord(value) && key in value && Object.keys(value).length === 1;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
