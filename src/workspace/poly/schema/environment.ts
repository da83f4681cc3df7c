import * as v from "valibot";
import { list, text, yamlNumber } from "./values.ts";

/**
 * A reference to a secret: `SCHEME://PATH`, with `#FIELD` after it where the manager has fields. No part of it is an option to the
 * manager's program.
 */
const managerReference = /^[a-z][a-z0-9+.-]*:\/\/[!-,.-~\u00a0-\uffff][ -~\u00a0-\uffff]*$/;

const expectedValue = "expected text, `{from_env: NAME}`, `{from_file: PATH}` or `{from_manager: REFERENCE}`";

/** Where a secret value is taken from. */
export const secretSource = v.union(
  [
    v.strictObject({
      from_env: v.pipe(text, v.regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "expected the name of a variable")),
    }),
    v.strictObject({ from_file: text }),
    v.strictObject({
      from_manager: v.pipe(
        text,
        v.regex(managerReference, "expected a reference like `op://vault/item/field`"),
      ),
    }),
  ],
  expectedValue,
);

const variableValue = v.union([v.string(), v.boolean(), yamlNumber, secretSource], expectedValue);

/** The `env` of a container, a block or an action. */
export const environment = v.pipe(
  v.record(
    v.string(),
    v.pipe(v.nullable(variableValue), v.metadata({ not: { type: "null" } })),
    "expected a mapping of names to values",
  ),
  v.metadata({ propertyNames: { pattern: "^[A-Za-z_][A-Za-z0-9_]*$" } }),
);

const assignment = v.pipe(text, v.regex(/^[A-Za-z_][A-Za-z0-9_]*=/, "expected `NAME=value`"));

/** A list of `NAME=value`, or one text, separated by commas. */
export const assignments = v.union(
  [
    list(assignment, "expected a list of `NAME=value`"),
    v.pipe(
      v.string(),
      v.regex(
        /^\s*(?:[A-Za-z_][A-Za-z0-9_]*=[^,]*(?:,\s*[A-Za-z_][A-Za-z0-9_]*=[^,]*)*)?$/,
        "expected `NAME=value`, separated by commas",
      ),
      v.transform(assignmentsIn),
    ),
  ],
  "expected a list of `NAME=value`",
);

/** Splits `A=1,B=2`, as the Go program read a text instead of a list. */
export function assignmentsIn(input: string): string[] {
  return input.trim() === "" ? [] : input.split(",").map((part) => part.trimStart());
}
