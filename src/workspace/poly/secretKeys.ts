import { formatPath } from "../../yaml/path.ts";
import { hideScalar } from "../../yaml/secret.ts";
import {
  isYamlList,
  isYamlMap,
  isYamlSecret,
  type YamlMap,
  type YamlPath,
  type YamlValue,
} from "../../yaml/value.ts";
import type { PolyFinding } from "./problems.ts";
import { assignmentsIn } from "./schema/environment.ts";
import { secretsSchema } from "./schema/secrets.ts";
import { workspaceSchema } from "./schema/workspace.ts";
import { itemSchema, knownEntries } from "./schemaShape.ts";

/** Returns the value of `secrets.poly` with every single value hidden, except names, and references to where a secret is. */
export function hideSecrets(value: YamlMap): YamlMap {
  return new Map(Array.from(value, ([key, item]) => [key, hiddenValue(item, [key])]));
}

function hiddenValue(value: YamlValue, at: YamlPath): YamlValue {
  if (isYamlMap(value))
    return new Map(Array.from(value, ([key, item]) => [key, hiddenValue(item, [...at, key])]));
  if (isYamlList(value)) return value.map((item, index) => hiddenValue(item, [...at, index]));
  if (value === null || isYamlSecret(value)) return value;
  const place = at.map((key) => (typeof key === "number" ? "#" : String(key))).join(".");
  if (identifiers.has(place) || references.test(place)) return value;
  if (place === "extraenv" && typeof value === "string") return assignmentsIn(value).map(hiddenAssignment);
  return place === "extraenv.#" && typeof value === "string" ? hiddenAssignment(value) : hideScalar(value);
}

/** The name of a variable is no secret. */
function hiddenAssignment(text: string): YamlValue {
  return hideScalar(text, /^[A-Za-z_][A-Za-z0-9_]*=/.test(text) ? text.replace(/=.*/s, "=***") : "***");
}

/** What says which value of the workspace is meant. */
const identifiers: ReadonlySet<string> = new Set([
  "name",
  ...["name", "version", "actions.#.name"].map((key) => `blocks.#.${key}`),
  ...["name", "steps.#.name"].map((key) => `workflows.#.${key}`),
]);

const references =
  /^(?:config\.container|blocks\.#(?:\.actions\.#)?|workflows\.#\.steps\.#)\.(?:env|inputs)\.[^.]+\.from_(?:env|file|manager)$/;

/** Returns an error for each key of `workspace.poly` that cannot be secret. */
export function settingsAmongSecrets(value: YamlMap): readonly PolyFinding[] {
  return settingsIn(value, workspaceSchema, secretsSchema, []);
}

function settingsIn(value: YamlValue, all: unknown, secret: unknown, at: YamlPath): readonly PolyFinding[] {
  if (isYamlList(value)) {
    const [item, secretItem] = [itemSchema(all), itemSchema(secret)];
    return value.flatMap((one, index) => settingsIn(one, item, secretItem, [...at, index]));
  }
  const [known, allowed] = [knownEntries(all), knownEntries(secret)];
  if (!isYamlMap(value) || known === undefined || allowed === undefined) return [];
  return Array.from(value, ([key, item]): readonly PolyFinding[] => {
    const name = String(key);
    if (!Object.hasOwn(known, name)) return [];
    const path = [...at, key];
    if (Object.hasOwn(allowed, name)) return settingsIn(item, known[name], allowed[name], path);
    return [
      {
        ...{ severity: "error", code: "setting-in-secrets", at: path, part: "key" },
        message: `\`${formatPath(path)}\` cannot be secret: it decides what runs`,
        hint: "move it to `workspace.poly`; `polycrate help secrets` says what can be secret",
      },
    ];
  }).flat();
}
