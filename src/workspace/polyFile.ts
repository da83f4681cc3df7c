import * as v from "valibot";
import { didYouMean, printable } from "../errors.ts";
import type { ProblemCode } from "./problemCodes.ts";
import type { Problem } from "./problems.ts";
import { readYaml, type YamlDocument } from "./readYaml.ts";
import { blockMetadataKeys, blockSchema, workspaceSchema } from "./schema.ts";
import {
  isYamlList,
  isYamlMap,
  type Position,
  type YamlMap,
  type YamlPath,
  type YamlValue,
} from "./yamlValue.ts";

/** A `.poly` file as read: its value when it is a mapping, and all that is wrong with it. */
export type PolyFile = {
  readonly path: string;
  readonly text: string;
  readonly value: YamlMap;
  readonly problems: readonly Problem[];
};

/** Which schema a file follows. */
export type PolyKind = "workspace" | "block";

const schemas = { workspace: workspaceSchema, block: blockSchema };

/** Parses and checks the text of a `.poly` file; never throws. `path` is what its problems name. */
export function parsePolyFile(kind: PolyKind, path: string, text: string): PolyFile {
  const document = readYaml(text, { verbatim: isEnvironmentValue });
  const problem = (
    severity: Problem["severity"],
    code: ProblemCode,
    position: Position,
    { message, hint }: { readonly message: string; readonly hint?: string | undefined },
  ): Problem => ({ severity, code, file: path, position, message, hint });
  if (document.problems.length > 0) {
    const problems = document.problems.map((found) => problem("error", "yaml-syntax", found.position, found));
    return { path, text, value: new Map(), problems };
  }
  const { value } = document;
  if (!isYamlMap(value)) {
    const message = `expected a mapping with \`name\`, found ${describe(value)}`;
    const hint = `begin the file with \`name: my-${kind}\``;
    return {
      path,
      text,
      value: new Map(),
      problems: [problem("error", "wrong-value", document.positionOf([]), { message, hint })],
    };
  }
  const schema = schemas[kind];
  const plain = plainOf(value);
  const result = v.safeParse(schema, plain);
  const errors = (result.issues ?? []).map((issue) => {
    const at = (issue.path ?? []).map((item) => keyOf(item.key));
    const explained = explain(issue, at, value);
    return problem("error", explained.code, document.positionOf(at), explained);
  });
  const strays = unknownKeys(schema, plain, []).map(({ path: at, known }) => {
    const key = String(at.at(-1));
    const severity = at[0] === "config" && at[1] === "container" ? "error" : "warning";
    const hint =
      didYouMean(key, known) ?? (severity === "error" ? `known here: ${known.join(", ")}` : undefined);
    const message = `unknown key \`${at.join(".")}\``;
    return problem(severity, "unknown-key", document.positionOf(at, "key"), { message, hint });
  });
  const slots = doubleSlots(kind, value).map(({ path: at, ...explained }) =>
    problem("error", explained.code, document.positionOf(at), explained),
  );
  return { path, text, value, problems: [...errors, ...slots, ...strays].sort(byPosition) };
}

/** Returns where in the file the value at `path` stands; parses the text again, so it is for messages only. */
export function positionIn(file: PolyFile, path: YamlPath, part?: "key" | "value"): Position {
  const known = documents.get(file);
  if (known !== undefined) return known.positionOf(path, part);
  const document = readYaml(file.text, { verbatim: isEnvironmentValue });
  documents.set(file, document);
  return document.positionOf(path, part);
}

/** A function of the file, so keeping it only saves time. */
const documents = new WeakMap<PolyFile, YamlDocument>();

/** What a problem says, and the way to the value that it is about. */
export type Finding = {
  readonly severity: Problem["severity"];
  readonly code: ProblemCode;
  readonly at: YamlPath;
  readonly part?: "key" | "value";
  readonly message: string;
  readonly hint?: string | undefined;
};

/** Returns the finding as a problem of the file, with its place. */
export function problemIn(file: PolyFile, { at, part, ...problem }: Finding): Problem {
  return { ...problem, file: file.path, position: positionIn(file, at, part) };
}

/** Returns the YAML value as plain objects, for the schema; key order, key types and `__proto__` do not matter there. */
export function plainOf(value: YamlValue): unknown {
  if (isYamlMap(value))
    return Object.fromEntries(Array.from(value, ([key, item]) => [String(key), plainOf(item)]));
  if (isYamlList(value)) return value.map(plainOf);
  return value;
}

function isEnvironmentValue(path: YamlPath): boolean {
  return path.length === 4 && path[0] === "config" && path[1] === "container" && path[2] === "env";
}

function keyOf(key: unknown): string | number {
  return typeof key === "number" ? key : String(key);
}

type Stray = { readonly path: readonly (string | number)[]; readonly known: readonly string[] };

const freeFormKeys: ReadonlySet<string> = new Set(["config", "meta", "labels", "globals"]);

function unknownKeys(schema: unknown, value: unknown, path: readonly (string | number)[]): readonly Stray[] {
  const inner = unwrapped(schema);
  if (Array.isArray(value) && hasItem(inner)) {
    return value.flatMap((item, index) => unknownKeys(inner.item, item, [...path, index]));
  }
  if (!isObject(value) || Array.isArray(value) || !hasEntries(inner)) return [];
  const entries = inner.entries;
  const known = Object.keys(entries);
  const isFreeForm = freeFormKeys.has(String(path.at(-1)));
  const keptQuietly = "from" in entries && "actions" in entries ? blockMetadataKeys : undefined;
  return Object.entries(value).flatMap(([key, item]) => {
    if (Object.hasOwn(entries, key)) return unknownKeys(entries[key], item, [...path, key]);
    if (isFreeForm || keptQuietly?.has(key)) return [];
    return [{ path: [...path, key], known }];
  });
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

type Explained = {
  readonly path: YamlPath;
  readonly code: ProblemCode;
  readonly message: string;
  readonly hint?: string;
};

/** What no schema of one value can say: an action has one of two slots, and names are unique among their neighbours. */
function doubleSlots(kind: "workspace" | "block", value: YamlMap): readonly Explained[] {
  if (kind === "block") return [...actionsOf(value, [])];
  const blocks = value.get("blocks");
  const found: Explained[] = [
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

function actionsOf(block: YamlMap, at: YamlPath): readonly Explained[] {
  const actions = block.get("actions");
  if (!isYamlList(actions)) return [];
  const found: Explained[] = [...repeatedNames(actions, [...at, "actions"], "action")];
  const mayInherit = block.has("from") || at.length > 0;
  actions.forEach((action, index) => {
    if (!isYamlMap(action)) return;
    const path = [...at, "actions", index];
    const name = String(action.get("name"));
    if (has(action, "script") && has(action, "playbook")) {
      found.push({
        path: [...path, "playbook"],
        code: "script-and-playbook",
        message: `action \`${name}\` has both \`script\` and \`playbook\``,
        hint: "make two actions of it",
      });
    } else if (!has(action, "script") && !has(action, "playbook") && !mayInherit) {
      found.push({
        path,
        code: "nothing-to-run",
        message: `action \`${name}\` has neither \`script\` nor \`playbook\``,
        hint: "add `script:` with a list of shell commands, or `playbook:` with a path",
      });
    }
  });
  return found;
}

function has(map: YamlMap, key: string): boolean {
  return (map.get(key) ?? null) !== null;
}

function repeatedNames(list: YamlValue | undefined, at: YamlPath, what: string): readonly Explained[] {
  if (!isYamlList(list)) return [];
  const seen = new Set<string>();
  return list.flatMap((item, index) => {
    if (!isYamlMap(item)) return [];
    const version = item.get("version");
    const name = item.get("name");
    const identity = what === "block" ? JSON.stringify([name, plainOf(version ?? null)]) : String(name);
    if (typeof name !== "string" || !seen.has(identity)) {
      seen.add(identity);
      return [];
    }
    return [
      {
        path: [...at, index, "name"],
        code: "repeated-name",
        message: `two ${what}s are called \`${name}\``,
        hint: `rename one of them`,
      },
    ];
  });
}

function explain(issue: v.BaseIssue<unknown>, path: YamlPath, root: YamlMap): Omit<Explained, "path"> {
  const key = path.at(-1);
  const found = valueAt(root, path);
  const where =
    typeof key === "number"
      ? `item ${key + 1} of \`${path.slice(0, -1).join(".")}\``
      : `\`${path.join(".")}\``;
  if (found === undefined && typeof key === "string") {
    return { code: "missing-key", message: `${where} is missing`, hint: `add \`${key}:\`` };
  }
  const expected = issue.message.startsWith("expected")
    ? issue.message
    : `expected ${issue.expected ?? "another value"}`;
  const message = `${where}: ${expected}, found ${describe(found ?? null)}`;
  const hint = hintFor(key, found);
  return { code: "wrong-value", message, ...(hint === undefined ? {} : { hint }) };
}

function hintFor(key: unknown, found: YamlValue | undefined): string | undefined {
  if ((key === "actions" || key === "blocks" || key === "workflows" || key === "steps") && isYamlMap(found)) {
    const [first] = found.keys();
    return `write a list: \`- name: ${String(first ?? "my-name")}\` and its keys below`;
  }
  if (key === "extraenv" && isYamlMap(found))
    return "write a list of `NAME=value`, or use `config.container.env`";
  return undefined;
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

function byPosition(a: Problem, b: Problem): number {
  const [left, right] = [a.position, b.position];
  if (left === undefined || right === undefined) return 0;
  return left.line - right.line || left.column - right.column;
}
