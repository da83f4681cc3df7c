import { toJsonSchema } from "@valibot/to-json-schema";
import type { GenericSchema } from "valibot";
import { isJsonObject } from "../../host/json.ts";
import { type PolyKind, polySchemas } from "./polyKind.ts";

/** A JSON Schema (draft 7) or a part of it. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * Returns the JSON Schema of `workspace.poly`, `block.poly` or `secrets.poly`, with descriptions and defaults. It describes
 * single values; only `polycrate validate` checks several together (repeated names, missing parents).
 */
export function jsonSchemaOf(kind: PolyKind): JsonSchema {
  const schema = lowerCaseSchemaOf(kind);
  return kind === "block" ? { ...schema, ...withoutParent } : anyCase(schema);
}

/** Returns the same schema with every key in lower case, as it is documented. */
export function lowerCaseSchemaOf(kind: PolyKind): JsonSchema {
  return tidyJsonSchema(polySchemas[kind], `${kind}.poly of polycrate`);
}

/** Returns the JSON Schema of a valibot schema, with this title and in a short form. */
export function tidyJsonSchema(schema: GenericSchema, title: string): JsonSchema {
  const { $schema, ...rest } = toJsonSchema(schema, {
    // Transformations and checks in code have no form in JSON Schema.
    ignoreActions: ["transform", "check"],
    overrideSchema: ({ valibotSchema, jsonSchema }) =>
      valibotSchema.type === "custom" ? { ...jsonSchema, type: "number" } : undefined,
  });
  return { $schema, title, ...tidied(rest) };
}

/** Without a parent to inherit it from, an action needs a script or a playbook. */
const withoutParent: JsonSchema = {
  if: { not: { required: ["from"] } },
  // biome-ignore lint/suspicious/noThenProperty: JSON Schema calls it so
  then: {
    properties: {
      actions: { items: { anyOf: [{ required: ["script"] }, { required: ["playbook"] }] } },
    },
  },
};

/** Allows the keys of `workspace.poly` in any case, and `x-…` keys where others are not allowed. */
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
    ...(additionalProperties === false && names.length === 0 && isJsonObject(schema.properties)
      ? { patternProperties: { [anyCasePattern(Object.keys(schema.properties))]: true } }
      : {}),
  };
}

function anyCaseInside(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(anyCaseInside);
  return isJsonObject(value) ? anyCase(value) : value;
}

function anyCasePattern(keys: readonly string[]): string {
  const words = keys.map((key) => key.replace(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`));
  return `^(?:x-.*|(?![a-z_]+$)(?:${words.join("|")}))$`;
}

/** Returns the same schema in a shorter form: one list of types instead of a choice of types, no keywords without effect. */
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
  return merged.length === 1 && isJsonObject(only) ? { ...only, ...rest } : { ...rest, anyOf: merged };
}

/** `properties` has schemas by name, not keywords. */
function tidiedValue(key: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => (isJsonObject(item) ? tidied(item) : item));
  if (!isJsonObject(value)) return value;
  if (key !== "properties") return tidied(value);
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, isJsonObject(item) ? tidied(item) : item]),
  );
}

function isIdle(key: string, value: unknown): boolean {
  if (key === "required") return Array.isArray(value) && value.length === 0;
  if (key === "properties") return isJsonObject(value) && Object.keys(value).length === 0;
  return key === "propertyNames" && isOnly(value, "type");
}

function isOnly<Key extends string>(value: unknown, key: Key): value is Record<Key, unknown> {
  return isJsonObject(value) && key in value && Object.keys(value).length === 1;
}
