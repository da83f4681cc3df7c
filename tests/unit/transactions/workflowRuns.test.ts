import { expect, test } from "bun:test";
import { transactionFiles, writeRecord } from "../../../src/transactions/transaction.ts";
import { recordsOfWorkflowRun, workflowRunsBeginningWith } from "../../../src/transactions/workflowRuns.ts";
import { makeFolder } from "../../support/harness.ts";
import { reportedRun } from "../../support/reports.ts";

/** An id of a run that started so many seconds later. */
const id = (second: number) => `0198a1b2-000${second}-7000-8000-000000000001`;

const runs = [
  { id: id(1), workflowRun: id(0), step: "one" },
  { id: id(2), workflowRun: undefined, step: undefined },
  { id: id(4), workflowRun: id(0), step: "two" },
  { id: id(5), workflowRun: id(3), step: "one" },
];

function makeRecords() {
  const folder = makeFolder({});
  for (const changes of runs) {
    const { transaction } = reportedRun({ transaction: changes });
    writeRecord(folder.path, transactionFiles(".logs", transaction), transaction);
  }
  return folder;
}

test("a workflow run is found by its beginning", () => {
  using folder = makeRecords();
  const found = (text: string) => workflowRunsBeginningWith(folder.path, ".logs", text);
  expect(found("0198")).toEqual([id(3), id(0)]);
  expect(found("0198a1b2-0000")).toEqual([id(0)]);
  expect(found("0198a1b2-0001")).toEqual([]);
  expect(found("x")).toEqual([]);
});

test("its records are in the order in which they started", () => {
  using folder = makeRecords();
  const steps = recordsOfWorkflowRun(folder.path, ".logs", id(0)).map(({ record }) => record.get("step"));
  expect(steps).toEqual(["one", "two"]);
  expect(recordsOfWorkflowRun(folder.path, ".logs", "nothing")).toEqual([]);
});
