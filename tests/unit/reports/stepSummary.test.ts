import { expect, test } from "bun:test";
import type { ReportedRun } from "../../../src/reports/runReport.ts";
import { stepSummary } from "../../../src/reports/stepSummary.ts";
import { beginTransaction } from "../../../src/run/record.ts";
import type { Transaction } from "../../../src/transactions/transaction.ts";
import { container, planIn, recordPlan } from "../../support/execution.ts";
import { makeFolder } from "../../support/harness.ts";

using folder = makeFolder({});
const plan = planIn(folder, [container(folder, "x")]);
const run = (changes: Partial<Transaction> = {}): ReportedRun => {
  const begun = beginTransaction(plan, recordPlan(), new Date(0));
  const transaction: Transaction = {
    ...begun,
    ...{ status: "succeeded", exitCode: 0, finished: new Date(1234), ...changes },
  };
  return { transaction, log: ".logs/1.log", spans: [], failure: undefined };
};

test("a run is a row", () => {
  expect(stepSummary({ workflow: undefined, steps: [], runs: [run()] })).toBe(`### b act

| Step | Action | Status | Exit code | Time |
| --- | --- | --- | --- | --- |
|  | b act | succeeded | 0 | 1\\.2 s |

`);
});

test("a workflow has a row for a step that was not run, and says why a run failed", () => {
  const failure = {
    by: "action",
    message: "failed\nbadly",
    hint: "do",
    place: { item: 1, line: 2 },
  } as const;
  const failed = { ...run({ status: "timed_out", exitCode: 124, step: "one" }), failure };
  const text = stepSummary({ workflow: "w", steps: ["one", "two"], runs: [failed] });
  expect(text).toContain("### Workflow w\n");
  expect(text).toContain("| one | b act | timed out | 124 | 1\\.2 s |\n| two |  | not run |  |  |\n");
  expect(text).toContain(
    "- b act\\: failed badly \\(item 1\\, line 2\\)\\; do\\; log\\: \\.logs\\/1\\.log\n",
  );
});

test("nothing in a name is markup", () => {
  const block = "a|b<img src=x>`c`\u202e";
  const text = stepSummary({ workflow: undefined, steps: [], runs: [run({ block })] });
  expect(text).toContain("a\\|b\\<img src\\=x\\>\\`c\\`\\\\u202e act");
  expect(stepSummary({ workflow: "w", steps: ["x"], runs: [] })).toBe("");
});
