import * as v from "valibot";
import { didYouMean } from "../../errors.ts";
import { isJsonObject } from "../../host/json.ts";
import { formatPath } from "../../yaml/path.ts";
import type { PolyFinding } from "./problems.ts";
import { blockMetadataKeys } from "./schema/block.ts";
import { limitKeys } from "./schema/limits.ts";
import { yamlNumber } from "./schema/values.ts";
import { unwrappedSchema } from "./schemaShape.ts";

/** Returns a problem for every key that the schema does not know, where keys are not free-form. */
export function unknownKeys(schema: unknown, plain: unknown): readonly PolyFinding[] {
  return unknownKeysIn(schema, plain, []).map(unknownKeyProblem);
}

/** True for an extension key (`x-…`), which is for other programs, as in the files of docker compose. */
export function isExtension(key: string): boolean {
  return key.startsWith("x-");
}

type UnknownKey = { readonly path: readonly (string | number)[]; readonly known: readonly string[] };

function unknownKeysIn(
  schema: unknown,
  value: unknown,
  path: readonly (string | number)[],
): readonly UnknownKey[] {
  const { item: itemSchema, entries, type, value: valueSchema } = unwrappedSchema(schema) ?? {};
  if (Array.isArray(value)) {
    return itemSchema === undefined
      ? []
      : value.flatMap((item, index) => unknownKeysIn(itemSchema, item, [...path, index]));
  }
  if (!isJsonObject(value) || v.is(yamlNumber, value)) return [];
  if (type === "record") {
    return Object.entries(value).flatMap(([key, item]) => unknownKeysIn(valueSchema, item, [...path, key]));
  }
  if (!isJsonObject(entries)) return [];
  const known = Object.keys(entries);
  const isFreeForm = freeFormKeys.has(String(path.at(-1)));
  const ignored = "from" in entries && "actions" in entries ? blockMetadataKeys : undefined;
  return Object.entries(value).flatMap(([key, item]) => {
    if (Object.hasOwn(entries, key)) return unknownKeysIn(entries[key], item, [...path, key]);
    if (isFreeForm || isExtension(key) || ignored?.has(key)) return [];
    return [{ path: [...path, key], known }];
  });
}

const freeFormKeys: ReadonlySet<string> = new Set(["config", "meta", "labels", "globals"]);

/**
 * An error under `config.container`, where a typo changes what runs, and in an action for what looks like a limit; a warning
 * elsewhere.
 */
function unknownKeyProblem({ path: at, known }: UnknownKey): PolyFinding {
  const key = String(at.at(-1));
  const near = didYouMean(key, known);
  const isLimit = at.at(-3) === "actions" && limitKeys.some((limit) => near?.includes(`\`${limit}\``));
  const severity = isLimit || (at[0] === "config" && at[1] === "container") ? "error" : "warning";
  const isCommand = at.includes("steps") && (key === "script" || key === "playbook");
  const hint = isCommand
    ? "move it to an action of a block, and set `block` and `action` here"
    : (near ?? `known keys: ${known.join(", ")}`);
  return {
    severity,
    code: "unknown-key",
    at,
    part: "key",
    message: `unknown key \`${formatPath(at)}\``,
    hint,
  };
}
