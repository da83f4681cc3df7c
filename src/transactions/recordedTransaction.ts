import type { ScriptPlace } from "../workspace/blocks/actionSource.ts";
import type { Combination } from "../workspace/matrix.ts";
import {
  isYamlList,
  isYamlMap,
  isYamlNumber,
  isYamlSecret,
  textOf,
  type YamlMap,
  type YamlScalar,
  type YamlValue,
  yamlMapAt,
} from "../yaml/value.ts";
import type { Artifact } from "./artifacts.ts";
import { type Recorded, timeOfId } from "./history.ts";
import type { HostRecap, RecapKey } from "./hostRecap.ts";
import type { Transaction } from "./transaction.ts";

/**
 * Returns the transaction of a record, the other way round than `recordOf`; its status is what it amounts to. What an older
 * or damaged record does not have is empty.
 */
export function transactionOf({ id, status, record }: Recorded): Transaction {
  const text = (key: string) => recordedText(record, key);
  const number = (key: string) => recordedNumber(record, key);
  const finished = text("finished");
  return {
    id,
    workspace: text("workspace") ?? "",
    block: text("block") ?? "",
    action: text("action") ?? "",
    workflow: text("workflow"),
    workflowRun: text("workflow_run"),
    step: text("step"),
    matrix: recordedMatrix(record),
    attempt: number("attempt") ?? 1,
    status,
    exitCode: number("exit_code"),
    containerExitCode: number("container_exit_code"),
    started: new Date(text("started") ?? timeOfId(id)),
    finished: finished === undefined ? undefined : new Date(finished),
    engine: text("engine") ?? "",
    context: text("context") ?? "",
    image: text("image") ?? "",
    imageId: text("image_id"),
    imageDigest: text("image_digest"),
    locked: textsByName(record.get("locked")),
    snapshotHash: text("snapshot_sha256") ?? "",
    user: text("user") ?? "",
    owner: { host: text("host") ?? "", pid: number("pid") ?? 0, start: text("pid_start") ?? "" },
    version: text("polycrate") ?? "",
    commit: text("git_commit"),
    dirty: truthIn(record, "git_dirty"),
    failedAt: placeIn(record, "failed_at"),
    inspected: number("inspected"),
    warm: truthIn(record, "warm") === true,
    command: textsIn(record, "command"),
    arguments: textsIn(record, "arguments"),
    inputs: recordedInputs(record),
    hosts: listIn(record, "hosts").flatMap(hostOf),
    artifacts: listIn(record, "artifacts").flatMap(artifactOf),
  };
}

/** Returns the combination of a record. */
export function recordedMatrix(record: YamlMap): Combination {
  const matrix = record.get("matrix");
  return Array.from(isYamlMap(matrix) ? matrix : [], ([name, value]) => ({
    name: String(name),
    value: textOf(value) ?? "",
  }));
}

function recordedText(record: YamlMap, key: string): string | undefined {
  const value = record.get(key);
  return typeof value === "string" ? value : undefined;
}

function textsByName(value: YamlValue | undefined): ReadonlyMap<string, string> {
  const entries = isYamlMap(value) ? [...value] : [];
  return new Map(entries.map(([name, text]) => [String(name), String(text)]));
}

function recordedNumber(record: YamlMap, key: string): number | undefined {
  const value = record.get(key);
  return isYamlNumber(value) ? Number(value.digits) : undefined;
}

function truthIn(record: YamlMap, key: string): boolean | undefined {
  const value = record.get(key);
  return typeof value === "boolean" ? value : undefined;
}

function placeIn(record: YamlMap, key: string): ScriptPlace | undefined {
  const value = record.get(key);
  if (!isYamlMap(value)) return undefined;
  const [item, line] = [recordedNumber(value, "item"), recordedNumber(value, "line")];
  return item === undefined || line === undefined ? undefined : { item, line };
}

function textsIn(record: YamlMap, key: string): readonly string[] {
  return listIn(record, key).filter((word) => typeof word === "string");
}

/** Values that are no single ones are left out. */
function recordedInputs(record: YamlMap): ReadonlyMap<string, YamlScalar> {
  const entries = Array.from(yamlMapAt(record, "inputs") ?? [], ([name, value]) =>
    isYamlMap(value) || isYamlList(value) || isYamlSecret(value) ? [] : [[String(name), value] as const],
  );
  return new Map(entries.flat());
}

function hostOf(value: YamlValue): readonly HostRecap[] {
  if (!isYamlMap(value)) return [];
  const count = (key: RecapKey) => recordedNumber(value, key) ?? 0;
  return [
    {
      host: recordedText(value, "host") ?? "",
      ok: count("ok"),
      changed: count("changed"),
      unreachable: count("unreachable"),
      failed: count("failed"),
      skipped: count("skipped"),
      rescued: count("rescued"),
      ignored: count("ignored"),
    },
  ];
}

function listIn(record: YamlMap, key: string): readonly YamlValue[] {
  const value = record.get(key);
  return isYamlList(value) ? value : [];
}

/** A record does not say whom the file belongs to. */
function artifactOf(value: YamlValue): readonly Artifact[] {
  if (!isYamlMap(value)) return [];
  const change = value.get("change") === "changed" ? "changed" : "new";
  const sha256 = recordedText(value, "sha256");
  return [
    {
      path: recordedText(value, "path") ?? "",
      size: recordedNumber(value, "size") ?? 0,
      change,
      uid: 0,
      sha256,
    },
  ];
}
