import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { readYaml } from "../../workspace/yaml/readYaml.ts";
import { isYamlMap, isYamlNumber, type YamlMap } from "../../workspace/yaml/yamlValue.ts";
import { isAlive } from "./owner.ts";
import type { Status } from "./transaction.ts";

/** A record as it stands on disk, and the status it amounts to: `running` by a dead process is `lost`. */
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

/** Yields the records, newest first. Days are read one after the other, so taking a few costs what the newest days cost. */
export function* readHistory(
  workspace: string,
  logsRoot: string,
  filter: RecordFilter = {},
): Generator<Recorded> {
  for (const file of recordFiles(workspace, logsRoot)) {
    if (filter.since !== undefined && timeOfId(idOf(file)) < filter.since.getTime()) return;
    const recorded = readRecord(workspace, file);
    if (recorded !== undefined && matches(recorded, filter)) yield recorded;
  }
}

/** Yields the files of all records relative to the workspace, newest first: an id sorts by its time. */
export function* recordFiles(workspace: string, logsRoot: string): Generator<string> {
  for (const folder of recordFolders(workspace, logsRoot)) {
    for (const name of namesIn(join(workspace, folder))) if (isRecordName(name)) yield join(folder, name);
  }
}

/** Returns the ids that begin with the text, newest first; two are enough to know that it is not unique. */
export function idsBeginningWith(workspace: string, logsRoot: string, text: string): readonly string[] {
  const found: string[] = [];
  for (const file of recordFiles(workspace, logsRoot)) {
    if (idOf(file).startsWith(text)) found.push(file);
    if (found.length === 2) break;
  }
  return found;
}

/** Returns the record; undefined when the file is none. */
export function readRecord(workspace: string, file: string): Recorded | undefined {
  const value = parseRecord(join(workspace, file));
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

function parseRecord(path: string): YamlMap | undefined {
  try {
    const { value, problems } = readYaml(readFileSync(path, "utf8"));
    return problems.length === 0 && isYamlMap(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isOwnerAlive(record: YamlMap): boolean {
  const [host, pid, start] = [record.get("host"), record.get("pid"), record.get("pid_start")];
  if (typeof host !== "string" || !isYamlNumber(pid) || typeof start !== "string") return false;
  return isAlive({ host, pid: Number(pid.digits), start });
}

const statuses: readonly string[] = ["running", "succeeded", "failed", "interrupted", "timed_out", "lost"];

function isStatus(value: unknown): value is Status {
  return typeof value === "string" && statuses.includes(value);
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

/** The folders that deep below the root, the latest first: years, months and days are numbers of a fixed width. */
function* foldersOf(workspace: string, folder: string, depth: number): Generator<string> {
  if (depth === 0) yield folder;
  else {
    for (const name of namesIn(join(workspace, folder))) {
      if (/^\d{2,4}$/.test(name)) yield* foldersOf(workspace, join(folder, name), depth - 1);
    }
  }
}

function namesIn(path: string): readonly string[] {
  try {
    return readdirSync(path).sort().reverse();
  } catch {
    return [];
  }
}

function isRecordName(name: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f-]{27}\.yml$/.test(name);
}

function idOf(file: string): string {
  return basename(file, ".yml");
}
