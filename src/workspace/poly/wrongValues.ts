import * as v from "valibot";
import { printable } from "../../errors.ts";
import { isJsonObject } from "../../host/json.ts";
import { formatPath, valueAt } from "../../yaml/path.ts";
import {
  isYamlList,
  isYamlMap,
  textOf,
  type YamlMap,
  type YamlPath,
  type YamlValue,
} from "../../yaml/value.ts";
import type { polySchemas } from "./polyKind.ts";
import type { PolyFinding } from "./problems.ts";
import { yamlNumber } from "./schema/values.ts";
import { unwrappedSchema } from "./schemaShape.ts";

type PolySchema = (typeof polySchemas)[keyof typeof polySchemas];

/** Returns where the value has the wrong type or format; `plain` is the value as the schema takes it. */
export function wrongValues(schema: PolySchema, value: YamlMap, plain: unknown): readonly PolyFinding[] {
  const shapes = wrongShapes(schema, plain, []);
  const isReported = (path: YamlPath) =>
    shapes.some(({ at }) => at.every((key, index) => path[index] === key));
  const { issues = [] } = v.safeParse<PolySchema>(schema, plain);
  return [
    ...shapes.map(({ at, expected }) => valueFinding(expected, at, value)),
    ...issues.map((issue) => issueFinding(issue, [], value)).filter(({ at }) => !isReported(at)),
  ];
}

type Shape = { readonly at: readonly (string | number)[]; readonly expected: string };

/** Lists and numbers where the schema expects a mapping: valibot treats both as objects. */
function wrongShapes(schema: unknown, value: unknown, at: readonly (string | number)[]): readonly Shape[] {
  const { item: itemSchema, type, message, entries, value: valueSchema } = unwrappedSchema(schema) ?? {};
  if (Array.isArray(value) && itemSchema !== undefined) {
    return value.flatMap((item, index) => wrongShapes(itemSchema, item, [...at, index]));
  }
  if (!mappingTypes.has(String(type))) return [];
  if (Array.isArray(value) || v.is(yamlNumber, value)) return [{ at, expected: String(message) }];
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([key, item]) => {
    if (type === "record") return wrongShapes(valueSchema, item, [...at, key]);
    return isJsonObject(entries) && Object.hasOwn(entries, key)
      ? wrongShapes(entries[key], item, [...at, key])
      : [];
  });
}

const mappingTypes: ReadonlySet<string> = new Set(["loose_object", "strict_object", "record"]);

/** For a list where one value is allowed too, what is wrong with its items. */
function issueFinding(issue: v.BaseIssue<unknown>, above: YamlPath, root: YamlMap): PolyFinding {
  const at = [
    ...above,
    ...(issue.path ?? []).map(({ key }) => (typeof key === "number" ? key : String(key))),
  ];
  const inside = isYamlList(valueAt(root, at))
    ? issue.issues?.find(({ path }) => path !== undefined)
    : undefined;
  if (inside !== undefined) return issueFinding(inside, at, root);
  const isOurs = issue.message.startsWith("expected");
  return valueFinding(isOurs ? issue.message : `expected ${issue.expected ?? "another value"}`, at, root);
}

function valueFinding(expected: string, at: YamlPath, root: YamlMap): PolyFinding {
  const key = at.at(-1);
  const found = valueAt(root, at);
  const where =
    typeof key === "number"
      ? `item ${key + 1} of \`${formatPath(at.slice(0, -1))}\``
      : `\`${formatPath(at)}\``;
  if (found === undefined && typeof key === "string") {
    const [message, hint] = [`${where} is missing`, `add \`${key}: …\``];
    return { severity: "error", code: "missing-key", at, message, hint };
  }
  const message = `${where}: ${expected}, found ${describeValue(found ?? null)}`;
  return { severity: "error", code: "wrong-value", at, message, hint: hintFor(key, expected, found) };
}

function hintFor(key: unknown, expected: string, found: YamlValue | undefined): string {
  if (key === "extraenv" && isYamlMap(found)) {
    return "write a list of `NAME=value`, or use `config.container.env`";
  }
  if (listsOfNames.has(String(key))) {
    const [first] = isYamlMap(found) ? found.keys() : [];
    return `write a list: \`- name: ${String(first ?? "my-name")}\` and its keys below`;
  }
  const [, hint] =
    hintsByExpectation.find(([beginning]) => expected.startsWith(`expected ${beginning}`)) ?? [];
  if (hint !== undefined) return hint;
  if (expected.startsWith("expected a name")) return `for example \`${nameLike(found)}\``;
  if (expected.startsWith("expected a mapping")) {
    return typeof key === "number"
      ? "write `- key: value`, and further keys below the first"
      : `write \`key: value\` lines, indented more than \`${key}:\``;
  }
  if (expected === "expected text" && isYamlMap(found)) return "quote the whole value if it contains `: `";
  if (expected === "expected text") return "write a single value in quotes";
  return "correct the value, or remove the key to use the default";
}

/** Hints by the beginning of what the schema expects. */
const hintsByExpectation: readonly (readonly [string, string])[] = [
  ["a list", "write each item on its own line, beginning with `- `"],
  ["a block name", "for example `my-block` or `registry.example.com/team/my-block`"],
  ["`true` or `false`", "write one of the two"],
  ["text, `{from_env", "write one of these"],
  ["`NAME=value`", "write `NAME=` for an empty value"],
  ["the name of a variable", "use letters, digits and `_`; it must not start with a digit"],
];

const listsOfNames: ReadonlySet<string> = new Set(["actions", "blocks", "workflows", "steps"]);

/** The valid name that is nearest to what the file has. */
function nameLike(found: YamlValue | undefined): string {
  const text = typeof found === "string" ? found : "";
  const name = text
    .normalize("NFC")
    .replace(/\p{DI}+/gu, "")
    .replace(/[^\p{L}\p{M}\p{Nd}_/-]+/gu, "-")
    .replace(/^\P{L}+|[-/]+$/gu, "")
    .replace(/[-/]{2,}/g, "-");
  return name === "" ? "my-name" : name;
}

/** Returns the value in words or, when it is short, as it is written. */
export function describeValue(value: YamlValue): string {
  if (value === null) return "nothing";
  if (isYamlMap(value)) return "a mapping";
  if (isYamlList(value)) return "a list";
  if (typeof value === "boolean") return `\`${value}\``;
  const text = printable(textOf(value) ?? "");
  return `\`${text.length > 40 ? `${text.slice(0, 40)}…` : text}\``;
}
