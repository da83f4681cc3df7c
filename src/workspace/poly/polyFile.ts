import { exitCodes, type FilePosition, PolycrateError } from "../../errors.ts";
import type { YamlDocument } from "../../yaml/document.ts";
import { readYaml } from "../../yaml/read.ts";
import {
  isYamlList,
  isYamlMap,
  isYamlSecret,
  type YamlMap,
  type YamlPath,
  type YamlValue,
} from "../../yaml/value.ts";
import { blockHeadOf } from "./blockHead.ts";
import { canonicalKeys } from "./canonicalKeys.ts";
import { findingsIn, notAMapping, respelledKeys } from "./polyFindings.ts";
import { type PolyKind, polySchemas } from "./polyKind.ts";
import { type PolyFinding, type Problem, sortProblems, type WorkspaceEntry } from "./problems.ts";
import { hideSecrets } from "./secretKeys.ts";

/** A `.poly` file as read: its value, which is empty when it is not a mapping, and its problems. */
export type PolyFile = {
  readonly path: string;
  readonly text: string;
  readonly value: YamlMap;
  /** The head of the value, if it is a block's. */
  readonly head: YamlMap;
  /** Whether a value in it is taken from a file or a secret manager. */
  readonly hasSources: boolean;
  /** The same for the same value; undefined for secrets: nothing that is made of them may be kept. */
  readonly digest: string | undefined;
  readonly problems: readonly Problem[];
  /** Where a value is that is not of this file but of another that is laid over it; undefined for a value of this one. */
  readonly place?: (path: YamlPath) => { readonly file: PolyFile; readonly path: YamlPath } | undefined;
};

/** Parses and checks the text of a `.poly` file; never throws. Its problems are about `path`. */
export function parsePolyFile(kind: PolyKind, path: string, text: string): PolyFile {
  const document = readYaml(text, { verbatim: isText });
  // Secrets are optional, so an empty file of them is one without any.
  const root = kind === "secrets" ? (document.value ?? new Map()) : document.value;
  const { value: written, respelled } = isYamlMap(root)
    ? readKeys(kind, root)
    : { value: root, respelled: [] };
  const value = kind === "secrets" && isYamlMap(written) ? hideSecrets(written) : written;
  const file = (map: YamlMap, problems: readonly Problem[]) => {
    const made = polyFile(path, text, map, problems);
    return kind === "secrets" ? { ...made, digest: undefined } : made;
  };
  if (document.problems.length > 0) {
    const problems = document.problems.map(
      (problem): Problem => ({
        ...problem,
        message: kind === "secrets" ? withoutQuoted(problem.message) : problem.message,
        ...{ severity: "error", code: "yaml-syntax", file: path },
      }),
    );
    return file(new Map(), problems);
  }
  const findings = isYamlMap(value)
    ? [...findingsIn(kind, value, plainOf(value)), ...respelledKeys(respelled)]
    : [notAMapping(kind, value)];
  const problems = sortProblems(locatedProblems(path, document, findings));
  return file(isYamlMap(value) ? value : new Map(), problems);
}

/** Returns a file that cannot be read: it has no value, and one problem. */
export function fileWithProblem(problem: Problem): PolyFile {
  return polyFile(problem.file, "", new Map(), [problem]);
}

function polyFile(path: string, text: string, value: YamlMap, problems: readonly Problem[]): PolyFile {
  const head = blockHeadOf(value);
  return { path, text, value, head, hasSources: hasSourcesIn(value), digest: textDigest(text), problems };
}

function hasSourcesIn(value: YamlValue): boolean {
  if (isYamlList(value)) return value.some(hasSourcesIn);
  if (!isYamlMap(value)) return false;
  return value.has("from_file") || value.has("from_manager") || [...value.values()].some(hasSourcesIn);
}

/** Returns what a text is recognized by. */
export function textDigest(text: string): string {
  return Bun.SHA256.hash(text, "hex");
}

/** What a message quotes of a file of secrets can be a part of one. */
function withoutQuoted(message: string): string {
  return message.replace(/`.*`/s, "`***`");
}

/** The Go program read the keys of `workspace.poly` in any case, those of `block.poly` as they are. */
function readKeys(kind: PolyKind, value: YamlMap) {
  return kind === "block" ? { value, respelled: [] } : canonicalKeys(polySchemas[kind], value);
}

/** Returns the file and position of the value at `path`; parses the text again, so it is for messages only. */
export function positionIn(file: PolyFile, path: YamlPath, part?: "key" | "value"): FilePosition {
  const { file: writer, path: written } = file.place?.(path) ?? { file, path };
  return { file: writer.path, ...documentOf(writer).positionOf(written, part) };
}

/** Returns an error (65) about the value at `path` of the file; parses the text again. */
export function errorAt(file: PolyFile, path: YamlPath, message: string, hint: string): PolycrateError {
  const position = positionIn(file, path);
  return new PolycrateError(message, { hint, exitCode: exitCodes.invalidWorkspace, position });
}

/** Returns the finding as a problem of the file, with its position. */
export function problemIn(file: PolyFile, { at, part, ...problem }: PolyFinding): Problem {
  const { file: path, ...position } = positionIn(file, at, part);
  return { ...problem, file: path, position };
}

/** Returns the findings as problems of the file, with their positions: at most 200, and how many more there are. */
export function problemsIn(file: PolyFile, findings: readonly PolyFinding[]): readonly Problem[] {
  if (findings.length === 0) return [];
  const byWriter = Map.groupBy(
    findings.map((finding) => ({ finding, at: file.place?.(finding.at) })),
    ({ at }) => at?.file ?? file,
  );
  return [...byWriter].flatMap(([writer, found]) =>
    locatedProblems(
      writer.path,
      documentOf(writer),
      found.map(({ finding, at }) => (at === undefined ? finding : { ...finding, at: at.path })),
    ),
  );
}

/** More are rarely read, and looking up positions in a huge file takes time. */
const mostProblems = 200;

function locatedProblems(
  path: string,
  { positionOf }: YamlDocument,
  findings: readonly PolyFinding[],
): readonly Problem[] {
  const problems = findings.slice(0, mostProblems).map(({ at, part, ...problem }): Problem => {
    const entry = entryAt(at);
    return {
      ...problem,
      file: path,
      position: positionOf(at, part),
      ...(entry === undefined ? {} : { entry }),
    };
  });
  const rest = findings.slice(mostProblems);
  const [next] = rest.toSorted((a, b) => (a.severity < b.severity ? -1 : 1));
  if (next === undefined) return problems;
  const { severity, code, at, part } = next;
  const message = `and ${rest.length} more ${rest.length === 1 ? "problem" : "problems"}`;
  const hint = "fix the others first";
  return [...problems, { severity, code, file: path, position: positionOf(at, part), message, hint }];
}

function entryAt([list, index]: YamlPath): WorkspaceEntry | undefined {
  return (list === "blocks" || list === "workflows") && typeof index === "number"
    ? { list, index }
    : undefined;
}

function documentOf(file: PolyFile): YamlDocument {
  const known = documents.get(file);
  if (known !== undefined) return known;
  const document = readYaml(file.text, { verbatim: isText });
  documents.set(file, document);
  return document;
}

/** A function of the file, so keeping it only saves time. */
const documents = new WeakMap<PolyFile, YamlDocument>();

/** Returns the YAML value as plain objects, for the schema, which ignores key order and key types. */
export function plainOf(value: YamlValue): unknown {
  if (isYamlMap(value))
    return Object.fromEntries(Array.from(value, ([key, item]) => [String(key), plainOf(item)]));
  if (isYamlList(value)) return value.map(plainOf);
  return isYamlSecret(value) ? value.shown : value;
}

/** True for values of variables, lines of scripts and arguments of steps, which are text whatever their YAML type: `1.10`, `yes`, `true`. */
function isText(path: YamlPath): boolean {
  const keys = path.map((key) => (typeof key === "number" ? "#" : String(key).toLowerCase()));
  const last = keys.at(-1) === "#" ? keys.slice(0, -1) : keys;
  if (last.at(-1) === "script") return actionOwners.has(last.slice(0, -1).join("."));
  if (last.at(-1) === "arguments") return last.slice(0, -1).join(".") === stepOwner;
  return keys.at(-2) === "env" && environmentOwners.has(keys.slice(0, -2).join("."));
}

const actionOwners: ReadonlySet<string> = new Set(["actions.#", "blocks.#.actions.#"]);

const stepOwner = "workflows.#.steps.#";

const environmentOwners: ReadonlySet<string> = new Set([
  ...["config.container", "", "blocks.#", stepOwner],
  ...actionOwners,
]);
