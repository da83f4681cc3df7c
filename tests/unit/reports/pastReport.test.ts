import { expect, test } from "bun:test";
import { pastReport } from "../../../src/reports/pastReport.ts";
import type { Recorded } from "../../../src/transactions/history.ts";
import { recordOf, type Transaction } from "../../../src/transactions/transaction.ts";
import { at, reportedRun, workflowReport } from "../../support/reports.ts";

const recorded = (transaction: Transaction): Recorded => {
  const { id, status } = transaction;
  return { id, status, record: recordOf(transaction), file: "r", log: "l" };
};

test("a run is its record, its log, and the time that it took", () => {
  const { transaction } = reportedRun();
  expect(pastReport([recorded(transaction)], false, () => at(9))).toEqual({
    workflow: undefined,
    steps: [],
    runs: [{ transaction, log: "l", failure: undefined, spans: [{ name: "run", start: at(0), end: at(2) }] }],
  });
});

test("a workflow has the steps that were run", () => {
  const records = workflowReport().runs.map(({ transaction }) => recorded(transaction));
  const { workflow, steps, runs } = pastReport(records, true, () => undefined);
  expect([workflow, steps]).toEqual(["release", []]);
  expect(runs.map(({ transaction }) => transaction.step)).toEqual(["check", "deploy"]);
  expect(pastReport(records.slice(0, 1), false, () => undefined).workflow).toBe(undefined);
});

test("of a run that died the last that is known is when its log was written to", () => {
  const { transaction } = reportedRun({ transaction: { status: "lost", finished: undefined } });
  const spansOf = (time: Date | undefined) =>
    pastReport([recorded(transaction)], false, () => time).runs.map(({ spans }) => spans);
  expect(spansOf(at(7))).toEqual([[{ name: "run", start: at(0), end: at(7) }]]);
  expect(spansOf(undefined)).toEqual([[]]);
});

test("of a script that failed the record knows where, and of anything else the status alone", () => {
  const failed = { status: "failed", exitCode: 3 } as const;
  const failureOf = (changes: Parameters<typeof reportedRun>[0]) =>
    pastReport([recorded(reportedRun(changes).transaction)], false, () => undefined).runs[0]?.failure;
  expect(failureOf({ transaction: { ...failed, failedAt: { item: 2, line: 1 } } })).toEqual({
    ...{ by: "action", message: "failed with exit code 3", hint: undefined, place: { item: 2, line: 1 } },
  });
  expect(failureOf({ transaction: failed })).toBe(undefined);
});
