import { basename, join } from "node:path";
import { namesIn, readOwnText } from "../host/filesBelow.ts";
import { isAlive } from "../host/owner.ts";
import { largestText } from "../host/read.ts";
import { readYaml } from "../yaml/read.ts";
import { isYamlList, isYamlMap, isYamlNumber, type YamlMap, type YamlValue } from "../yaml/value.ts";
import { recapKeys } from "./hostRecap.ts";
import { type Status, statuses } from "./transaction.ts";

/** A record on disk, and its current status: `running` is `lost` when its process is gone. */
export type Recorded = {
  readonly id: string;
  readonly status: Status;
  readonly record: YamlMap;
  /** Relative to the workspace. */
  readonly file: string;
  readonly log: string;
};

/** Which records are wanted; times are when the run started. */
export type RecordFilter = {
  readonly block?: string | undefined;
  readonly action?: string | undefined;
  readonly status?: string | undefined;
  readonly since?: Date | undefined;
};

/** How much of a record is read: `head` is all but the command and what follows it, which take most of the time. */
export type RecordPart = "head" | "whole";

/** Yields the records, newest first. Days are read one after the other, so the first records need only the newest days. */
export function* readHistory(
  workspace: string,
  logsRoot: string,
  filter: RecordFilter = {},
  part: RecordPart = "whole",
): Generator<Recorded> {
  for (const file of recordFiles(workspace, logsRoot)) {
    if (filter.since !== undefined && timeOfId(idOf(file)) < filter.since.getTime()) return;
    const recorded = readRecord(workspace, file, part);
    if (recorded !== undefined && matches(recorded, filter)) yield recorded;
  }
}

/** Yields the files of all records relative to the workspace, newest first: an id sorts by its time. */
export function* recordFiles(workspace: string, logsRoot: string): Generator<string> {
  for (const folder of recordFolders(workspace, logsRoot)) {
    for (const name of latestIn(workspace, folder)) if (isRecordName(name)) yield join(folder, name);
  }
}

/** Returns the files of at most two records whose ids start with the text, newest first: two show that it is ambiguous. */
export function idsBeginningWith(workspace: string, logsRoot: string, text: string): readonly string[] {
  const found: string[] = [];
  for (const file of recordFiles(workspace, logsRoot)) {
    if (idOf(file).startsWith(text)) found.push(file);
    if (found.length === 2) break;
  }
  return found;
}

/** Returns the record; undefined when the file is not a record, because actions could write there. */
export function readRecord(
  workspace: string,
  file: string,
  part: RecordPart = "whole",
): Recorded | undefined {
  const value = parseRecord(workspace, file, part);
  const status = value?.get("status");
  if (value === undefined || !isStatus(status)) return undefined;
  return {
    id: idOf(file),
    status: status === "running" && !isOwnerAlive(value) ? "lost" : status,
    record: value,
    file,
    log: file.replace(/\.yml$/, ".log"),
  };
}

/** Returns when the transaction with this id started, in milliseconds since 1970: the first 48 bits of a UUID of version 7. */
export function timeOfId(id: string): number {
  return Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16);
}

function parseRecord(workspace: string, file: string, part: RecordPart): YamlMap | undefined {
  const text = readOwnText(workspace, file, largestText);
  if (text === undefined) return undefined;
  const { value, problems } = readYaml(part === "head" ? headOf(text) : readablePart(text));
  return problems.length === 0 && isYamlMap(value) && isRecord(value, idOf(file)) ? value : undefined;
}

/** What can be long comes last: command, arguments, hosts, artifacts. */
function headOf(text: string): string {
  const end = text.slice(0, mostToRead).search(/^command:$/m);
  return end < 0 ? readablePart(text) : text.slice(0, end);
}

/** Parsed in a second or two. A longer record has thousands of hosts and artifacts, which come last, and is read without them. */
const mostToRead = 500_000;

function readablePart(text: string): string {
  if (text.length <= mostToRead) return text;
  const head = text.slice(0, mostToRead);
  const end = head.search(/^artifacts:$/m);
  return head.slice(0, Math.max(0, end < 0 ? head.search(/^hosts:$/m) : end));
}

/** True when the known fields have the types that `recordOf` writes; later versions may add fields. */
function isRecord(value: YamlMap, id: string): boolean {
  const areAll = (names: readonly string[], isRight: (field: YamlValue) => boolean) =>
    names.map((name) => value.get(name) ?? null).every((field) => field === null || isRight(field));
  return (
    areAll(["id"], (field) => field === id) &&
    areAll(textFields, (field) => typeof field === "string") &&
    areAll(["exit_code", "container_exit_code", "pid", "attempt"], isCount) &&
    areAll(
      ["started", "finished"],
      (field) => typeof field === "string" && !Number.isNaN(Date.parse(field)),
    ) &&
    areAll(["command", "arguments"], isWords) &&
    areAll(["git_dirty", "warm"], (field) => typeof field === "boolean") &&
    areAll(["inputs"], isYamlMap) &&
    areAll(["matrix"], isCombination) &&
    areAll(["hosts"], (field) => isYamlList(field) && field.every(isHost)) &&
    areAll(["artifacts"], (field) => isYamlList(field) && field.every(isArtifact))
  );
}

const textFields = [
  ...["workspace", "block", "action", "workflow", "workflow_run", "step"],
  ...["engine", "context", "image", "image_id", "image_digest", "snapshot_sha256"],
  ...["user", "host", "pid_start", "polycrate", "git_commit"],
];

function isCount(value: YamlValue | undefined): boolean {
  return isYamlNumber(value) && /^\d{1,15}$/.test(value.digits);
}

function isCombination(value: YamlValue): boolean {
  return isYamlMap(value) && [...value].flat().every((text) => typeof text === "string");
}

function isWords(value: YamlValue): boolean {
  return isYamlList(value) && value.every((word) => typeof word === "string");
}

function isArtifact(value: YamlValue): boolean {
  const hash = isYamlMap(value) ? (value.get("sha256") ?? null) : undefined;
  return (
    isYamlMap(value) &&
    typeof value.get("path") === "string" &&
    isCount(value.get("size")) &&
    (hash === null || typeof hash === "string")
  );
}

function isHost(value: YamlValue): boolean {
  return (
    isYamlMap(value) &&
    typeof value.get("host") === "string" &&
    recapKeys.every((key) => isCount(value.get(key)))
  );
}

function isOwnerAlive(record: YamlMap): boolean {
  const [host, pid, start] = [record.get("host"), record.get("pid"), record.get("pid_start")];
  if (typeof host !== "string" || !isYamlNumber(pid) || typeof start !== "string") return false;
  return isAlive({ host, pid: Number(pid.digits), start });
}

function isStatus(value: unknown): value is Status {
  return statuses.some((status) => status === value);
}

function matches({ record, status }: Recorded, filter: RecordFilter): boolean {
  return (
    (filter.block === undefined || record.get("block") === filter.block) &&
    (filter.action === undefined || record.get("action") === filter.action) &&
    (filter.status === undefined || status === filter.status)
  );
}

/** Returns the folders of all days relative to the workspace, the latest first. */
export function recordFolders(workspace: string, logsRoot: string): readonly string[] {
  return [...foldersOf(workspace, logsRoot, 3)];
}

/** Returns the folders of records at every depth: the root, years, months and days. */
export function logFolders(workspace: string, logsRoot: string): readonly string[] {
  return [0, 1, 2, 3].flatMap((depth) => [...foldersOf(workspace, logsRoot, depth)]);
}

/** The folders that deep below the root, the latest first: years, months and days are numbers of a fixed width. */
function* foldersOf(workspace: string, folder: string, depth: number): Generator<string> {
  if (depth === 0) yield folder;
  else {
    for (const name of latestIn(workspace, folder)) {
      if (/^\d{2,4}$/.test(name)) yield* foldersOf(workspace, join(folder, name), depth - 1);
    }
  }
}

function latestIn(workspace: string, folder: string): readonly string[] {
  return namesIn(workspace, folder).toReversed();
}

function isRecordName(name: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f-]{27}\.yml$/.test(name);
}

function idOf(file: string): string {
  return basename(file, ".yml");
}
