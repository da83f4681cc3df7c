import * as v from "valibot";
import { didYouMean, printable } from "../../errors.ts";
import { isYamlList, isYamlMap, type YamlMap, type YamlPath, type YamlValue } from "../../yaml/value.ts";
import type { ProblemCode } from "./problemCodes.ts";
import type { Problem } from "./problems.ts";
import { blockMetadataKeys, type blockSchema } from "./schema/block.ts";
import type { workspaceSchema } from "./schema/workspace.ts";

/** What a problem says, and the way to the value that it is about. */
export type Finding = Pick<Problem, "severity" | "message" | "hint"> & {
  readonly code: ProblemCode;
  readonly at: YamlPath;
  readonly part?: "key" | "value";
};

type PolySchema = typeof workspaceSchema | typeof blockSchema;

/** Returns what is wrong with the form of a file's value; `plain` is the value as the schema takes it. */
export function findingsIn(
  kind: "workspace" | "block",
  schema: PolySchema,
  value: YamlMap,
  plain: unknown,
): readonly Finding[] {
  const shapes = wrongShapes(schema, plain, []);
  const isTold = (path: YamlPath) => shapes.some(({ at }) => at.every((key, index) => path[index] === key));
  const { issues = [] } = v.safeParse<PolySchema>(schema, plain);
  return [
    ...shapes.map(({ at, expected }) => explain(expected, at, value)),
    ...issues.map((issue) => wrongValue(issue, [], value)).filter(({ at }) => !isTold(at)),
    ...doubleSlots(kind, value),
    ...unknownKeys(schema, plain, []).map(explainStray),
  ];
}

/** Returns what is wrong with a file that holds something other than keys and values. */
export function notAMapping(kind: "workspace" | "block", value: YamlValue): Finding {
  const message = `expected a mapping with \`name\`, found ${describe(value)}`;
  const hint = `begin the file with \`name: my-${kind}\``;
  return { severity: "error", code: "wrong-value", at: [], message, hint };
}

/** Returns one warning for all keys that are read as if they were in lower case. */
export function respelledKeys(respelled: readonly YamlPath[]): readonly Finding[] {
  const [first] = respelled;
  if (first === undefined) return [];
  const shown = respelled.slice(0, 5).map((at) => `\`${spell(at)}\``);
  const rest = respelled.length - shown.length;
  const keys = [...shown, ...(rest > 0 ? [`${rest} more`] : [])].join(", ");
  return [
    {
      severity: "warning",
      code: "key-case",
      at: first,
      part: "key",
      message: `${respelled.length === 1 ? "a key is" : "keys are"} read in lower case: ${keys}`,
      hint: "write keys of polycrate in lower case",
    },
  ];
}

function keyOf(key: unknown): string | number {
  return typeof key === "number" ? key : String(key);
}

type Stray = { readonly path: readonly (string | number)[]; readonly known: readonly string[] };

/** Under `config.container` a typo changes what runs. */
function explainStray({ path: at, known }: Stray): Finding {
  const severity = at[0] === "config" && at[1] === "container" ? "error" : "warning";
  const key = String(at.at(-1));
  const isCommand = at.includes("steps") && (key === "script" || key === "playbook");
  const hint = isCommand
    ? "make it an action of a block, and name `block` and `action` here"
    : (didYouMean(key, known) ?? `known here: ${known.join(", ")}`);
  return { severity, code: "unknown-key", at, part: "key", message: `unknown key \`${spell(at)}\``, hint };
}

const freeFormKeys: ReadonlySet<string> = new Set(["config", "meta", "labels", "globals"]);

type Shape = { readonly at: readonly (string | number)[]; readonly expected: string };

/** To valibot a list is an object too, and so is the number as this program reads it. */
function wrongShapes(schema: unknown, value: unknown, at: readonly (string | number)[]): readonly Shape[] {
  const inner = unwrapped(schema);
  if (!isObject(value) || !isObject(inner)) return [];
  if (Array.isArray(value) && hasItem(inner)) {
    return value.flatMap((item, index) => wrongShapes(inner.item, item, [...at, index]));
  }
  if (!mappingTypes.has(String(inner.type))) return [];
  if (Array.isArray(value) || isNumber(value)) return [{ at, expected: String(inner.message) }];
  if (!hasEntries(inner)) return [];
  const { entries } = inner;
  return Object.entries(value).flatMap(([key, item]) =>
    Object.hasOwn(entries, key) ? wrongShapes(entries[key], item, [...at, key]) : [],
  );
}

const mappingTypes: ReadonlySet<string> = new Set(["loose_object", "strict_object", "record"]);

function isNumber(value: object): boolean {
  return "digits" in value && "source" in value;
}

function unknownKeys(schema: unknown, value: unknown, path: readonly (string | number)[]): readonly Stray[] {
  const inner = unwrapped(schema);
  if (Array.isArray(value) && hasItem(inner)) {
    return value.flatMap((item, index) => unknownKeys(inner.item, item, [...path, index]));
  }
  if (!isObject(value) || Array.isArray(value) || isNumber(value) || !hasEntries(inner)) return [];
  const entries = inner.entries;
  const known = Object.keys(entries);
  const isFreeForm = freeFormKeys.has(String(path.at(-1)));
  const keptQuietly = "from" in entries && "actions" in entries ? blockMetadataKeys : undefined;
  return Object.entries(value).flatMap(([key, item]) => {
    if (Object.hasOwn(entries, key)) return unknownKeys(entries[key], item, [...path, key]);
    if (isFreeForm || isExtension(key) || keptQuietly?.has(key)) return [];
    return [{ path: [...path, key], known }];
  });
}

/** True for a key that is meant for other programs or for people, as in the files of docker compose. */
export function isExtension(key: string): boolean {
  return key.startsWith("x-");
}

function unwrapped(schema: unknown): unknown {
  if (isObject(schema) && "wrapped" in schema) return unwrapped(schema.wrapped);
  return schema;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function hasItem(schema: unknown): schema is { item: unknown } {
  return isObject(schema) && "item" in schema;
}

function hasEntries(schema: unknown): schema is { entries: Record<string, unknown> } {
  return isObject(schema) && isObject(schema.entries);
}

/** What no schema of one value can say: an action has one of two slots, and names are unique among their neighbours. */
function doubleSlots(kind: "workspace" | "block", value: YamlMap): readonly Finding[] {
  if (kind === "block") return [...actionsOf(value, [])];
  const blocks = value.get("blocks");
  const found: Finding[] = [
    ...repeatedNames(blocks, ["blocks"], "block"),
    ...repeatedNames(value.get("workflows"), ["workflows"], "workflow"),
  ];
  if (isYamlList(blocks)) {
    blocks.forEach((block, index) => {
      if (isYamlMap(block)) found.push(...actionsOf(block, ["blocks", index]));
    });
  }
  return found;
}

function actionsOf(block: YamlMap, at: YamlPath): readonly Finding[] {
  const actions = block.get("actions");
  if (!isYamlList(actions)) return [];
  const found: Finding[] = [...repeatedNames(actions, [...at, "actions"], "action")];
  const mayInherit = block.has("from") || at.length > 0;
  actions.forEach((action, index) => {
    if (!isYamlMap(action)) return;
    const path = [...at, "actions", index];
    const name = String(action.get("name"));
    if (has(action, "script") && has(action, "playbook")) {
      found.push({
        severity: "error",
        at: [...path, "playbook"],
        code: "script-and-playbook",
        message: `action \`${name}\` has both \`script\` and \`playbook\``,
        hint: "make two actions of it",
      });
    } else if (!mayInherit && !hasSlot(action)) {
      found.push({
        severity: "error",
        at: path,
        code: "nothing-to-run",
        message: nothingToRun(action, `action \`${name}\``),
        hint: "add `script:` with a list of shell commands, or `playbook:` with a path",
      });
    }
  });
  return found;
}

/** True for an action that would run nothing: no playbook, and no line of a script but blank ones. */
export function hasNothing(action: YamlMap): boolean {
  const values = [action.get("script"), action.get("playbook")].flat();
  return values.every(
    (value) => value === undefined || value === null || (typeof value === "string" && value.trim() === ""),
  );
}

/** True for an action that has a script or a playbook, even if it is empty. */
export function hasSlot(action: YamlMap): boolean {
  return has(action, "script") || has(action, "playbook");
}

/** Returns what to report of an action that would run nothing. */
export function nothingToRun(action: YamlMap, what: string): string {
  const [slot] = ["script", "playbook"].filter((key) => has(action, key));
  return slot === undefined
    ? `${what} has neither \`script\` nor \`playbook\``
    : `the \`${slot}\` of ${what} is empty`;
}

function has(map: YamlMap, key: string): boolean {
  return (map.get(key) ?? null) !== null;
}

function repeatedNames(list: YamlValue | undefined, at: YamlPath, what: string): readonly Finding[] {
  if (!isYamlList(list)) return [];
  const seen = new Set<string>();
  return list.flatMap((item, index) => {
    if (!isYamlMap(item)) return [];
    const version = item.get("version");
    const name = item.get("name");
    const identity = what === "block" ? JSON.stringify([name, version ?? null]) : String(name);
    if (typeof name !== "string" || !seen.has(identity)) {
      seen.add(identity);
      return [];
    }
    return [
      {
        severity: "error",
        at: [...at, index, "name"],
        code: "repeated-name",
        message: `two ${what}s are called \`${name}\``,
        hint: `rename one of them`,
      },
    ];
  });
}

/** Of a list that could have been one value, what is wrong with its items. */
function wrongValue(issue: v.BaseIssue<unknown>, above: YamlPath, root: YamlMap): Finding {
  const at = [...above, ...(issue.path ?? []).map((item) => keyOf(item.key))];
  const inside = isYamlList(valueAt(root, at))
    ? issue.issues?.find(({ path }) => path !== undefined)
    : undefined;
  if (inside !== undefined) return wrongValue(inside, at, root);
  const isOurs = issue.message.startsWith("expected");
  return explain(isOurs ? issue.message : `expected ${issue.expected ?? "another value"}`, at, root);
}

function explain(expected: string, at: YamlPath, root: YamlMap): Finding {
  const key = at.at(-1);
  const found = valueAt(root, at);
  const where =
    typeof key === "number" ? `item ${key + 1} of \`${spell(at.slice(0, -1))}\`` : `\`${spell(at)}\``;
  if (found === undefined && typeof key === "string") {
    const [message, hint] = [`${where} is missing`, `add \`${key}: …\``];
    return { severity: "error", code: "missing-key", at, message, hint };
  }
  const message = `${where}: ${expected}, found ${describe(found ?? null)}`;
  return { severity: "error", code: "wrong-value", at, message, hint: hintFor(key, expected, found) };
}

/** Spells the way to a value as people write it: `workflows[0].steps`. */
function spell(path: YamlPath): string {
  return path
    .map((key, index) => (typeof key === "number" ? `[${key}]` : `${index > 0 ? "." : ""}${key}`))
    .join("");
}

function hintFor(key: unknown, expected: string, found: YamlValue | undefined): string {
  if (key === "extraenv" && isYamlMap(found)) {
    return "write a list of `NAME=value`, or use `config.container.env`";
  }
  if (listsOfNames.has(String(key))) {
    const [first] = isYamlMap(found) ? found.keys() : [];
    return `write a list: \`- name: ${String(first ?? "my-name")}\` and its keys below`;
  }
  const [, hint] = hints.find(([beginning]) => expected.startsWith(`expected ${beginning}`)) ?? [];
  if (hint !== undefined) return hint;
  if (expected.startsWith("expected a name")) return `for example \`${nameLike(found)}\``;
  if (expected.startsWith("expected a mapping")) {
    return typeof key === "number"
      ? "write `- key: value`, and further keys below the first"
      : `write \`key: value\` lines, indented more than \`${key}:\``;
  }
  if (expected === "expected text" && isYamlMap(found))
    return "put the whole value in quotes when it has `: `";
  if (expected === "expected text") return "write one value, in quotes";
  return "correct the value, or remove the key for the default";
}

/** By the beginning of what is expected. */
const hints: readonly (readonly [string, string])[] = [
  ["a list", "write each item on a line of its own, beginning with `- `"],
  ["a block name", "for example `my-block` or `registry.example.com/team/my-block`"],
  ["`true` or `false`", "write one of the two"],
  ["text, `{from_env", "write one of the three"],
  ["`NAME=value`", "write `NAME=` for an empty value"],
  ["the name of a variable", "use letters, digits and `_`, and no digit first"],
];

const listsOfNames: ReadonlySet<string> = new Set(["actions", "blocks", "workflows", "steps"]);

/** The nearest thing to what was written that is a name. */
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

function valueAt(root: YamlValue, path: YamlPath): YamlValue | undefined {
  let value: YamlValue | undefined = root;
  for (const key of path) {
    if (isYamlMap(value)) value = value.get(key);
    else if (isYamlList(value) && typeof key === "number") value = value[key];
    else return undefined;
  }
  return value;
}

function describe(value: YamlValue): string {
  if (value === null) return "nothing";
  if (isYamlMap(value)) return "a mapping";
  if (isYamlList(value)) return "a list";
  if (typeof value === "boolean") return `\`${value}\``;
  const text = printable(typeof value === "string" ? value : value.source);
  return `\`${text.length > 40 ? `${text.slice(0, 40)}…` : text}\``;
}
