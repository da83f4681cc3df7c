import { exitCodes, PolycrateError } from "../../errors.ts";
import { readYaml, type YamlDocument } from "../../yaml/read.ts";
import {
  isYamlList,
  isYamlMap,
  type Position,
  type YamlMap,
  type YamlPath,
  type YamlValue,
} from "../../yaml/value.ts";
import { canonicalKeys } from "./canonicalKeys.ts";
import { type Finding, findingsIn, notAMapping, respelledKeys } from "./polyFindings.ts";
import { type Entry, type Problem, sortProblems } from "./problems.ts";
import { blockSchema } from "./schema/block.ts";
import { workspaceSchema } from "./schema/workspace.ts";

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
  const document = readYaml(text, { verbatim: isWords });
  const { value, respelled } = isYamlMap(document.value)
    ? readKeys(kind, document.value)
    : { value: document.value, respelled: [] };
  const file = { path, text, value: isYamlMap(value) ? value : new Map() };
  if (document.problems.length > 0) {
    const problems = document.problems.map(
      (problem): Problem => ({ ...problem, severity: "error", code: "yaml-syntax", file: path }),
    );
    return { ...file, value: new Map(), problems };
  }
  const findings = isYamlMap(value)
    ? [...findingsIn(kind, schemas[kind], value, plainOf(value)), ...respelledKeys(respelled)]
    : [notAMapping(kind, value)];
  return { ...file, problems: sortProblems(placed(path, document, findings)) };
}

/** The Go program took the keys of `workspace.poly` in any case, those of `block.poly` as they are. */
function readKeys(kind: PolyKind, value: YamlMap) {
  return kind === "workspace" ? canonicalKeys(schemas.workspace, value) : { value, respelled: [] };
}

/** Returns where in the file the value at `path` stands; parses the text again, so it is for messages only. */
export function positionIn(file: PolyFile, path: YamlPath, part?: "key" | "value"): Position {
  return documentOf(file).positionOf(path, part);
}

/** Returns an error (65) about the value at `path` of the file; parses the text again. */
export function errorAt(file: PolyFile, path: YamlPath, message: string, hint: string): PolycrateError {
  const position = { file: file.path, ...positionIn(file, path) };
  return new PolycrateError(message, { hint, exitCode: exitCodes.invalidWorkspace, position });
}

/** Returns the finding as a problem of the file, with its place. */
export function problemIn(file: PolyFile, { at, part, ...problem }: Finding): Problem {
  return { ...problem, file: file.path, position: positionIn(file, at, part) };
}

/** Returns the findings as problems of the file, with their places; of very many, the first and how many more there are. */
export function problemsIn(file: PolyFile, findings: readonly Finding[]): readonly Problem[] {
  return findings.length === 0 ? [] : placed(file.path, documentOf(file), findings);
}

/** Nobody reads more of one kind, and looking up places in a huge file takes its time. */
const most = 200;

function placed(
  path: string,
  { positionOf }: YamlDocument,
  findings: readonly Finding[],
): readonly Problem[] {
  const problems = findings.slice(0, most).map(({ at, part, ...problem }): Problem => {
    const entry = entryAt(at);
    return {
      ...problem,
      file: path,
      position: positionOf(at, part),
      ...(entry === undefined ? {} : { entry }),
    };
  });
  const rest = findings.slice(most);
  const [next] = rest.toSorted((a, b) => (a.severity < b.severity ? -1 : 1));
  if (next === undefined) return problems;
  const { severity, code, at, part } = next;
  const message = `and ${rest.length} more ${rest.length === 1 ? "problem" : "problems"}`;
  const hint = "correct the others first";
  return [...problems, { severity, code, file: path, position: positionOf(at, part), message, hint }];
}

function entryAt([list, index]: YamlPath): Entry | undefined {
  return (list === "blocks" || list === "workflows") && typeof index === "number"
    ? { list, index }
    : undefined;
}

function documentOf(file: PolyFile): YamlDocument {
  const known = documents.get(file);
  if (known !== undefined) return known;
  const document = readYaml(file.text, { verbatim: isWords });
  documents.set(file, document);
  return document;
}

/** A function of the file, so keeping it only saves time. */
const documents = new WeakMap<PolyFile, YamlDocument>();

/** Returns the YAML value as plain objects, for the schema; key order, key types and `__proto__` do not matter there. */
export function plainOf(value: YamlValue): unknown {
  if (isYamlMap(value))
    return Object.fromEntries(Array.from(value, ([key, item]) => [String(key), plainOf(item)]));
  if (isYamlList(value)) return value.map(plainOf);
  return value;
}

/** Values of variables and lines of scripts are words, whatever YAML makes of them: `1.10`, `yes`, `true`. */
function isWords(path: YamlPath): boolean {
  const keys = path.map((key) => (typeof key === "number" ? "#" : String(key).toLowerCase()));
  const last = keys.at(-1) === "#" ? keys.slice(0, -1) : keys;
  if (last.at(-1) === "script") return actionOwners.has(last.slice(0, -1).join("."));
  return keys.at(-2) === "env" && environmentOwners.has(keys.slice(0, -2).join("."));
}

const actionOwners: ReadonlySet<string> = new Set(["actions.#", "blocks.#.actions.#"]);

const environmentOwners: ReadonlySet<string> = new Set(["config.container", "", "blocks.#", ...actionOwners]);
