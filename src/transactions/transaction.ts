import { closeSync } from "node:fs";
import { join } from "node:path";
import { openNewFile, replaceFile } from "../host/files.ts";
import type { Owner } from "../host/owner.ts";
import { removePath } from "../host/removal.ts";
import type { ScriptPlace } from "../workspace/blocks/actionSource.ts";
import type { Combination } from "../workspace/matrix.ts";
import type { YamlMap, YamlScalar, YamlValue } from "../yaml/value.ts";
import { writeYaml } from "../yaml/write.ts";
import type { Artifact } from "./artifacts.ts";
import { type HostRecap, recapKeys } from "./hostRecap.ts";

/** Every status that a record may have; `lost` is a run whose polycrate is gone. */
export const statuses = ["running", "succeeded", "failed", "interrupted", "timed_out", "lost"] as const;

export type Status = (typeof statuses)[number];

/** The record of a run. */
export type Transaction = {
  readonly id: string;
  readonly workspace: string;
  readonly block: string;
  readonly action: string;
  readonly workflow: string | undefined;
  readonly workflowRun: string | undefined;
  readonly step: string | undefined;
  /** The combination of the step's matrix; empty without one. */
  readonly matrix: Combination;
  /** How often the step has been run with this, from 1. */
  readonly attempt: number;
  readonly status: Status;
  /** polycrate's exit code; `containerExitCode` is the container's, if it differs. */
  readonly exitCode: number | undefined;
  readonly containerExitCode: number | undefined;
  readonly started: Date;
  readonly finished: Date | undefined;
  /** The client's program, and the engine it goes to: a context by name, or the address in DOCKER_HOST, without a password. */
  readonly engine: string;
  readonly context: string;
  readonly image: string;
  readonly imageId: string | undefined;
  /** `REPOSITORY@sha256:…` of an image that was pulled or pushed. */
  readonly imageDigest: string | undefined;
  /** The digests of images by their names, as the lock file had them. */
  readonly locked: ReadonlyMap<string, string>;
  /** The SHA-256 of the snapshot that is kept: masked, and without what differs from run to run. */
  readonly snapshotHash: string;
  readonly user: string;
  readonly owner: Owner;
  readonly version: string;
  readonly commit: string | undefined;
  /** Whether a tracked file of the workspace differs from the commit; undefined if it is not known. */
  readonly dirty: boolean | undefined;
  /** Where the script failed; undefined when it did not, or where is not known. */
  readonly failedAt: ScriptPlace | undefined;
  /** For how many seconds a shell was open in the container after the script failed; undefined if none was. */
  readonly inspected: number | undefined;
  /** Whether it ran in a container that earlier runs may have used. */
  readonly warm: boolean;
  /** The docker command, as a dry run prints it, secrets masked. */
  readonly command: readonly string[];
  /** What followed `--`, secrets masked. */
  readonly arguments: readonly string[];
  /** The values of the action's inputs, by name; secrets are `***`. */
  readonly inputs: ReadonlyMap<string, YamlScalar>;
  /** A playbook's recap. */
  readonly hosts: readonly HostRecap[];
  readonly artifacts: readonly Artifact[];
};

/** Where a transaction's record and log are, relative to the workspace. */
export type TransactionFiles = { readonly record: string; readonly log: string };

/** Returns a new transaction id: a UUID of version 7 (RFC 9562), which sorts by time. */
export function newTransactionId(): string {
  return Bun.randomUUIDv7();
}

/** Returns the files of a transaction: `ROOT/YYYY/MM/DD/ID.yml` and `.log`, by the UTC day on which it started. */
export function transactionFiles(
  logsRoot: string,
  { id, started }: Pick<Transaction, "id" | "started">,
): TransactionFiles {
  const [year = "", month = "", day = ""] = started.toISOString().slice(0, 10).split("-");
  const base = join(logsRoot, year, month, day, id);
  return { record: `${base}.yml`, log: `${base}.log` };
}

/** Writes the record atomically, and to the disk now or later. Throws (73). */
export function writeRecord(
  workspace: string,
  files: TransactionFiles,
  transaction: Transaction,
  sync: "now" | "later" = "now",
): void {
  replaceFile(workspace, files.record, writeYaml(recordOf(transaction)), 0o644, sync);
}

/**
 * Writes the first record, which the caller syncs, and returns the descriptor of the log. The log is opened first, so that a disk without space for
 * it is noticed before a record exists; `prepare` writes what the record names. Throws (73), and then leaves neither.
 */
export function beginRecord(
  workspace: string,
  files: TransactionFiles,
  transaction: Transaction,
  prepare: () => void = () => {},
): number {
  const log = openNewFile(workspace, files.log, 0o644);
  try {
    prepare();
    writeRecord(workspace, files, transaction, "later");
    return log;
  } catch (error) {
    closeSync(log);
    removePath(workspace, files.log);
    throw error;
  }
}

/** Returns the transaction as a record; `--output json` documents the keys. */
export function recordOf(transaction: Transaction): YamlMap {
  const { owner } = transaction;
  return new Map<string, YamlValue>([
    ["id", transaction.id],
    ["workspace", transaction.workspace],
    ["block", transaction.block],
    ["action", transaction.action],
    ["workflow", transaction.workflow ?? null],
    ["workflow_run", transaction.workflowRun ?? null],
    ["step", transaction.step ?? null],
    ["matrix", new Map(transaction.matrix.map(({ name, value }) => [name, value]))],
    ["status", transaction.status],
    ["exit_code", number(transaction.exitCode)],
    ["container_exit_code", number(transaction.containerExitCode)],
    ["started", transaction.started.toISOString()],
    ["finished", transaction.finished?.toISOString() ?? null],
    ["engine", transaction.engine],
    ["context", transaction.context],
    ["image", transaction.image],
    ["image_id", transaction.imageId ?? null],
    ["image_digest", transaction.imageDigest ?? null],
    ["locked", new Map(transaction.locked)],
    ["snapshot_sha256", transaction.snapshotHash],
    ["user", transaction.user],
    ["host", owner.host],
    ["pid", number(owner.pid)],
    ["pid_start", owner.start],
    ["polycrate", transaction.version],
    ["git_commit", transaction.commit ?? null],
    ["git_dirty", transaction.dirty ?? null],
    ["failed_at", placeValue(transaction.failedAt)],
    ["inspected", number(transaction.inspected)],
    ["attempt", number(transaction.attempt)],
    ["warm", transaction.warm],
    ["inputs", new Map(transaction.inputs)],
    ["command", [...transaction.command]],
    ["arguments", [...transaction.arguments]],
    ["hosts", transaction.hosts.map(hostValue)],
    ["artifacts", transaction.artifacts.map(artifactValue)],
  ]);
}

/** What each key of a record says, in the order of the record; for the manual. */
export const recordKeys = {
  id: "The id of the run, which sorts by time (a UUID of version 7).",
  workspace: "The path of the workspace.",
  block: "The name of the block.",
  action: "The name of the action.",
  workflow: "The name of the workflow, or null.",
  workflow_run: "An id that all steps of one run of a workflow share, or null.",
  step: "The name of the step, or null.",
  matrix: "The combination of the step's matrix, by name; empty without one.",
  status: "`running`, `succeeded`, `failed`, `interrupted`, `timed_out` or `lost`.",
  exit_code: "The exit code of polycrate, null until the run has ended.",
  container_exit_code: "The exit code of the container, when polycrate's is another; else null.",
  started: "When the run started, in UTC.",
  finished: "When it ended, in UTC; null until then.",
  engine: "The container engine: `docker`.",
  context: "Which engine it was: the name of docker's context, or the value of DOCKER_HOST.",
  image: "The image that the action ran in.",
  image_id: "The id of that image, or null when it is not known.",
  image_digest: "`REPOSITORY@sha256:…` of an image that a registry knows, or null.",
  locked: "The digests of images and blocks that the run took from `polycrate.lock`, by their names.",
  snapshot_sha256: "The hash of the snapshot: masked, without `transaction`, and with the run's id as `ID`.",
  user: "The login name of the user who ran polycrate.",
  host: "The machine that polycrate ran on.",
  pid: "The process id of polycrate.",
  pid_start: "The start time of that process.",
  polycrate: "The version of polycrate.",
  git_commit: "The commit that the workspace was at, or null.",
  git_dirty: "Whether a tracked file of the workspace differed from that commit, or null.",
  failed_at: "Where the script failed: its `item` and the `line` of the item, from 1; null when not known.",
  inspected: "The seconds that a shell was open in the container after the script failed, or null.",
  attempt: "How often the step of the workflow had been run with this, because of its `retries`; else 1.",
  warm: "Whether the action ran in a warm container.",
  inputs: "The values of the action's inputs, by name; `***` for a secret one.",
  command: "The docker command, as a list of words.",
  arguments: "The arguments of the action, as a list of words.",
  hosts:
    "The recap of a playbook: `host`, `ok`, `changed`, `unreachable`, `failed`, `skipped`, `rescued`, `ignored`.",
  artifacts:
    "The files that the action wrote to its artifacts: `path`, `size` in bytes, `change`, `sha256` (null over 100 MB).",
};

function placeValue(place: ScriptPlace | undefined): YamlValue {
  if (place === undefined) return null;
  return new Map([
    ["item", number(place.item)],
    ["line", number(place.line)],
  ]);
}

function artifactValue({ path, size, change, sha256 }: Artifact): YamlValue {
  return new Map<string, YamlValue>([
    ["path", path],
    ["size", number(size)],
    ["change", change],
    ["sha256", sha256 ?? null],
  ]);
}

function hostValue(recap: HostRecap): YamlValue {
  const counts = recapKeys.map((key) => [key, number(recap[key])] as const);
  return new Map<string, YamlValue>([["host", recap.host], ...counts]);
}

function number(value: number | undefined): YamlValue {
  return value === undefined ? null : { digits: String(value), source: String(value) };
}
