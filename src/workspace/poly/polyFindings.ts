import { formatPath } from "../../yaml/path.ts";
import type { YamlMap, YamlPath, YamlValue } from "../../yaml/value.ts";
import { conflictsIn } from "./conflicts.ts";
import type { PolyKind } from "./polyKind.ts";
import { polySchemas } from "./polyKind.ts";
import type { PolyFinding } from "./problems.ts";
import { settingsAmongSecrets } from "./secretKeys.ts";
import { unknownKeys } from "./unknownKeys.ts";
import { describeValue, wrongValues } from "./wrongValues.ts";

/** Returns the problems of a file's value; `plain` is the value as the schema takes it. */
export function findingsIn(kind: PolyKind, value: YamlMap, plain: unknown): readonly PolyFinding[] {
  const schema = polySchemas[kind];
  const found = [...wrongValues(schema, value, plain), ...conflictsIn(kind, value)];
  if (kind !== "secrets") return [...found, ...unknownKeys(schema, plain)];
  // What `workspace.poly` has is known here too, and reported as what it is: a setting.
  return [...found, ...settingsAmongSecrets(value), ...unknownKeys(polySchemas.workspace, plain)];
}

/** Returns the problem of a file whose value is not a mapping. */
export function notAMapping(kind: PolyKind, value: YamlValue): PolyFinding {
  const isOfSecrets = kind === "secrets";
  const expected = isOfSecrets ? "expected a mapping" : "expected a mapping with `name`";
  const message = `${expected}, found ${isOfSecrets ? "something else" : describeValue(value)}`;
  const hint = isOfSecrets
    ? "write what is laid over `workspace.poly`: `polycrate help secrets` has an example"
    : `begin the file with \`name: my-${kind}\``;
  return { severity: "error", code: "wrong-value", at: [], message, hint };
}

/** Returns one warning for all keys that are read as if they were in lower case. */
export function respelledKeys(respelled: readonly YamlPath[]): readonly PolyFinding[] {
  const [first] = respelled;
  if (first === undefined) return [];
  const shown = respelled.slice(0, 5).map((at) => `\`${formatPath(at)}\``);
  const rest = respelled.length - shown.length;
  const keys = [...shown, ...(rest > 0 ? [`${rest} more`] : [])].join(", ");
  return [
    {
      severity: "warning",
      code: "key-case",
      at: first,
      part: "key",
      message: `${respelled.length === 1 ? "a key is" : "keys are"} read in lower case: ${keys}`,
      hint: "write polycrate's keys in lower case",
    },
  ];
}
