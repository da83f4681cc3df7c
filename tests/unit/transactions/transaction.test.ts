import { expect, test } from "bun:test";
import { statSync, writeSync } from "node:fs";
import { join } from "node:path";
import {
  beginRecord,
  newTransactionId,
  recordOf,
  type Transaction,
  transactionFiles,
  writeRecord,
} from "../../../src/transactions/transaction.ts";
import { jsonOf } from "../../../src/yaml/value.ts";
import { makeFolder } from "../../support/harness.ts";

const id = "01a20e8a-0000-7000-8000-00c0ffee0001";

const counts = { ok: 1, changed: 2, unreachable: 3, failed: 4, skipped: 5, rescued: 6, ignored: 7 };

const beginning: Transaction = {
  id,
  workspace: "/w",
  block: "b",
  action: "act",
  workflow: undefined,
  workflowRun: undefined,
  step: undefined,
  matrix: [],
  attempt: 1,
  status: "running",
  exitCode: undefined,
  containerExitCode: undefined,
  started: new Date("2026-01-02T23:59:59.123Z"),
  finished: undefined,
  engine: "docker",
  context: "default",
  image: "busybox",
  imageId: undefined,
  imageDigest: undefined,
  locked: new Map(),
  snapshotHash: "5",
  user: "anna",
  owner: { host: "host", pid: 7, start: "boot-1" },
  version: "1.2.3",
  commit: undefined,
  dirty: undefined,
  command: ["docker", "run"],
  arguments: ["--region", "eu"],
  inputs: new Map(),
  hosts: [],
  failedAt: undefined,
  inspected: undefined,
  warm: false,
  artifacts: [],
};

test("record and log are in the folder of the UTC day", () => {
  expect(transactionFiles("logs/x", beginning)).toEqual({
    record: `logs/x/2026/01/02/${id}.yml`,
    log: `logs/x/2026/01/02/${id}.log`,
  });
});

test("a record has these keys in this order, `null` where nothing is known yet", () => {
  expect(Object.entries(Object(jsonOf(recordOf(beginning))))).toEqual([
    ["id", id],
    ["workspace", "/w"],
    ["block", "b"],
    ["action", "act"],
    ["workflow", null],
    ["workflow_run", null],
    ["step", null],
    ["matrix", {}],
    ["status", "running"],
    ["exit_code", null],
    ["container_exit_code", null],
    ["started", "2026-01-02T23:59:59.123Z"],
    ["finished", null],
    ["engine", "docker"],
    ["context", "default"],
    ["image", "busybox"],
    ["image_id", null],
    ["image_digest", null],
    ["locked", {}],
    ["snapshot_sha256", "5"],
    ["user", "anna"],
    ["host", "host"],
    ["pid", 7],
    ["pid_start", "boot-1"],
    ["polycrate", "1.2.3"],
    ["git_commit", null],
    ["git_dirty", null],
    ["failed_at", null],
    ["inspected", null],
    ["attempt", 1],
    ["warm", false],
    ["inputs", {}],
    ["command", ["docker", "run"]],
    ["arguments", ["--region", "eu"]],
    ["hosts", []],
    ["artifacts", []],
  ]);
});

test("a finished record has the rest", () => {
  const finished = recordOf({
    ...beginning,
    ...{ workflow: "w", workflowRun: "r", step: "s", status: "failed", exitCode: 69, containerExitCode: 0 },
    ...{ finished: new Date("2026-01-03T00:00:00Z"), imageId: "sha256:7", commit: "c" },
    failedAt: { item: 3, line: 1 },
    ...{
      imageDigest: "a@sha256:9",
      locked: new Map([["a:1", "sha256:9"]]),
      dirty: false,
      hosts: [{ host: "web", ...counts }],
    },
    artifacts: [
      { path: "a", size: 8, change: "new", uid: 1000, sha256: "abc" },
      { path: "b", size: 9, change: "changed", uid: 1000, sha256: undefined },
    ],
  });
  expect(jsonOf(finished)).toMatchObject({
    ...{
      workflow: "w",
      workflow_run: "r",
      step: "s",
      status: "failed",
      exit_code: 69,
      container_exit_code: 0,
    },
    ...{ finished: "2026-01-03T00:00:00.000Z", image_id: "sha256:7", git_commit: "c" },
    failed_at: { item: 3, line: 1 },
    ...{
      image_digest: "a@sha256:9",
      locked: { "a:1": "sha256:9" },
      git_dirty: false,
      hosts: [{ host: "web", ...counts }],
    },
    artifacts: [
      { path: "a", size: 8, change: "new", sha256: "abc" },
      { path: "b", size: 9, change: "changed", sha256: null },
    ],
  });
});

test("record and log are files that all may read; a record is replaced, a log never", () => {
  using folder = makeFolder({});
  const files = transactionFiles("logs", beginning);
  writeRecord(folder.path, files, beginning);
  writeRecord(folder.path, files, { ...beginning, status: "succeeded" });
  expect(folder.read(files.record)).toContain("\nstatus: succeeded\n");
  const others = transactionFiles(".logs", { ...beginning, id: newTransactionId() });
  const log = beginRecord(folder.path, others, beginning);
  writeSync(log, "x");
  expect(folder.read(others.log)).toBe("x");
  expect(() => beginRecord(folder.path, others, beginning)).toThrow("it already exists");
  for (const file of [files.record, others.log])
    expect(statSync(join(folder.path, file)).mode & 0o777).toBe(0o644);
});

test("ids sort by their time, and no two are the same", () => {
  const ids = Array.from({ length: 100 }, newTransactionId);
  expect(new Set(ids).size).toBe(100);
  expect(
    ids.every((one) => /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(one)),
  ).toBe(true);
});
