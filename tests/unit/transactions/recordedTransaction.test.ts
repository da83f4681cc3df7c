import { expect, test } from "bun:test";
import { thisOwner } from "../../../src/host/owner.ts";
import { readRecord } from "../../../src/transactions/history.ts";
import { transactionOf } from "../../../src/transactions/recordedTransaction.ts";
import { type Transaction, transactionFiles, writeRecord } from "../../../src/transactions/transaction.ts";
import type { YamlScalar } from "../../../src/yaml/value.ts";
import { makeFolder } from "../../support/harness.ts";
import { at, reportedRun, workflowReport } from "../../support/reports.ts";

/** The transaction as it is read from its record. */
function reread(transaction: Transaction): Transaction | undefined {
  using folder = makeFolder({});
  const files = transactionFiles(".logs", transaction);
  writeRecord(folder.path, files, transaction);
  const recorded = readRecord(folder.path, files.record);
  return recorded === undefined ? undefined : transactionOf(recorded);
}

test.each([
  ["of an action", reportedRun().transaction],
  ["with artifacts, in a workflow", workflowReport().runs[0]?.transaction ?? reportedRun().transaction],
  [
    "with every key",
    reportedRun({
      transaction: {
        status: "failed",
        exitCode: 125,
        containerExitCode: 7,
        inspected: 42,
        step: "s",
        inputs: new Map<string, YamlScalar>([
          ["region", "eu"],
          ["replicas", { digits: "3", source: "3" }],
          ["drain", true],
          ["token", "***"],
        ]),
        failedAt: { item: 3, line: 2 },
      },
    }).transaction,
  ],
])("a record %s is read as the transaction that it was written from", (_, transaction) => {
  expect(reread(transaction)).toEqual(transaction);
});

test("one that a dead process left running is lost, and has not ended", () => {
  const owner = { ...thisOwner(), start: "of another process" };
  const changes = { status: "running", exitCode: undefined, finished: undefined } as const;
  const { transaction } = reportedRun({ transaction: { ...changes, owner } });
  expect(reread(transaction)).toEqual({ ...transaction, status: "lost" });
});

test("what a record does not have is empty, and its id says when it started", () => {
  using folder = makeFolder({ "0198a1b2-0000-7000-8000-000000000001.yml": "status: failed\n" });
  const recorded = readRecord(folder.path, folder.glob("*")[0] ?? "");
  const read = recorded === undefined ? undefined : transactionOf(recorded);
  expect(read).toMatchObject({
    status: "failed",
    block: "",
    exitCode: undefined,
    command: [],
    artifacts: [],
  });
  expect(read?.started.getUTCFullYear()).toBe(at(0).getUTCFullYear() - 1);
});
