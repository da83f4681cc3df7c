import * as v from "valibot";
import { secretSource } from "./environment.ts";
import { flag, list, maybe, preset, text, yamlNumber } from "./values.ts";

/** A single value of YAML; its text is what the file has. */
const scalar = v.union([v.string(), v.boolean(), yamlNumber], "expected a single value");

/** An input of an action. */
export const input = v.looseObject(
  {
    type: v.pipe(
      preset(
        v.picklist(
          ["string", "integer", "number", "boolean"],
          "expected `string`, `integer`, `number` or `boolean`",
        ),
        "string",
      ),
      v.description("The type of its value: `string`, `integer`, `number` or `boolean`."),
    ),
    description: v.pipe(maybe(text), v.description("What the input is for.")),
    default: v.pipe(
      maybe(scalar),
      v.description("The value if none is given. A boolean without a default is `false`."),
    ),
    choices: v.pipe(
      maybe(list(scalar, "expected a list of values")),
      v.description("The only values that it can have."),
    ),
    required: v.pipe(
      maybe(flag),
      v.description(
        "A value must be given if there is no default: polycrate asks on a terminal, and fails elsewhere. Default for a secret: `true`.",
      ),
    ),
    secret: v.pipe(
      preset(flag, false),
      v.description("The value is a secret: taken from the environment, or asked for without echo."),
    ),
  },
  "expected a mapping, for example `{type: integer, required: true}`",
);

/** The inputs of an action, by name. */
export const inputs = v.pipe(
  v.record(
    v.string(),
    v.nullable(input),
    "expected a mapping of names to inputs, for example `region: {default: eu}`",
  ),
  v.metadata({ propertyNames: { pattern: "^[A-Za-z](?:[A-Za-z0-9_]|-(?=[A-Za-z0-9_]))*$" } }),
);

/** What a step passes to the inputs of its action. */
export const stepInputs = v.record(
  v.string(),
  v.union(
    [v.string(), v.boolean(), yamlNumber, secretSource],
    "expected a single value, or `{from_env: NAME}`, `{from_file: PATH}` or `{from_manager: REFERENCE}` for a secret",
  ),
  "expected a mapping of names to values",
);
