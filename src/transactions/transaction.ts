import { closeSync } from "node:fs";
import { join } from "node:path";
import { openNewFile, replaceFile } from "../host/files.ts";
import type { Owner } from "../host/owner.ts";
import { removePath } from "../host/removal.ts";
import type { YamlMap, YamlValue } from "../yaml/value.ts";
import { writeYaml } from "../yaml/write.ts";
import type { Artifact } from "./artifacts.ts";

export type Status = "running" | "succeeded" | "failed" | "interrupted" | "timed_out" | "lost";

/** The record of a run. */
export type Transaction = {
  readonly id: string;
  readonly workspace: string;
  readonly block: string;
  readonly action: string;
  readonly workflow: string | undefined;
  readonly workflowRun: string | undefined;
  readonly step: string | undefined;
  readonly status: Status;
  /** polycrate's exit code; `containerExitCode` is the container's, if it differs. */
  readonly exitCode: number | undefined;
  readonly containerExitCode: number | undefined;
  readonly started: Date;
  readonly finished: Date | undefined;
  readonly image: string;
  readonly imageId: string | undefined;
  readonly user: string;
  readonly owner: Owner;
  readonly version: string;
  readonly commit: string | undefined;
  /** The docker command, as a dry run prints it. */
  readonly command: readonly string[];
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

/** Writes the record atomically. Throws (73). */
export function writeRecord(workspace: string, files: TransactionFiles, transaction: Transaction): void {
  replaceFile(workspace, files.record, writeYaml(recordOf(transaction)), 0o644);
}

/**
 * Writes the first record and returns the descriptor of the log. The log is opened first, so that a disk without space for
 * it is noticed before a record exists. Throws (73), and then leaves neither.
 */
export function beginRecord(workspace: string, files: TransactionFiles, transaction: Transaction): number {
  const log = openNewFile(workspace, files.log, 0o644);
  try {
    writeRecord(workspace, files, transaction);
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
    ["status", transaction.status],
    ["exit_code", number(transaction.exitCode)],
    ["container_exit_code", number(transaction.containerExitCode)],
    ["started", transaction.started.toISOString()],
    ["finished", transaction.finished?.toISOString() ?? null],
    ["image", transaction.image],
    ["image_id", transaction.imageId ?? null],
    ["user", transaction.user],
    ["host", owner.host],
    ["pid", number(owner.pid)],
    ["pid_start", owner.start],
    ["polycrate", transaction.version],
    ["git_commit", transaction.commit ?? null],
    ["command", [...transaction.command]],
    ["artifacts", transaction.artifacts.map(artifactValue)],
  ]);
}

function artifactValue({ path, size, change }: Artifact): YamlValue {
  return new Map<string, YamlValue>([
    ["path", path],
    ["size", number(size)],
    ["change", change],
  ]);
}

function number(value: number | undefined): YamlValue {
  return value === undefined ? null : { digits: String(value), source: String(value) };
}
