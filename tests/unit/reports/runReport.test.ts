import { expect, test } from "bun:test";
import { collectReport } from "../../../src/reports/runReport.ts";
import type { RunEvent } from "../../../src/run/events.ts";
import { beginTransaction } from "../../../src/run/record.ts";
import { container, planIn, recordPlan } from "../../support/execution.ts";
import { makeFolder } from "../../support/harness.ts";

using folder = makeFolder({});
const step = container(folder, "x", { items: ["one", "two"] });
const plan = planIn(folder, [step]);
const record = recordPlan();
const files = { record: "r", log: ".logs/1.log" };
const at = (seconds: number) => new Date(seconds * 1000);

/** The report of events that come a second apart. */
function reported(events: readonly RunEvent[]) {
  const { read, report } = collectReport();
  for (const [index, event] of events.entries()) read({ ...event, time: at(index) });
  return report();
}

const planned: RunEvent = {
  ...{ type: "planned", plan },
  record: { transaction: beginTransaction(plan, record, at(0)), files },
};
const failed: RunEvent = {
  ...{ type: "finished", status: "failed", exitCode: 7, stopped: undefined },
  execution: { exitCode: 7, step, started: true, failedLine: 2, tail: "", stopped: undefined },
};

test("a run is its record, its log, why it failed, and what took the time", () => {
  const { workflow, runs } = reported([
    planned,
    { type: "building", reason: "x" },
    { type: "built", failed: false },
    { type: "starting" },
    { type: "started" },
    failed,
  ]);
  expect(workflow).toBe(undefined);
  expect(runs).toMatchObject([
    {
      transaction: { id: "1", status: "failed", exitCode: 7, finished: at(5) },
      log: ".logs/1.log",
      failure: { by: "action", message: "failed with exit code 7", place: { item: 2, line: 1 } },
      spans: [
        { name: "prepare", start: at(0), end: at(1) },
        { name: "build", start: at(1), end: at(2) },
        { name: "prepare", start: at(2), end: at(3) },
        { name: "run", start: at(3), end: at(5) },
      ],
    },
  ]);
});

test("a workflow has the names of all its steps, and the runs that there were", () => {
  const { workflow, steps, runs } = reported([
    { type: "workflow", name: "w", id: "5", steps: ["one", "two"] },
    { type: "step", index: 0, runs: "b act" },
    planned,
    failed,
    { type: "workflowFinished", exitCode: 7 },
  ]);
  expect([workflow, steps, runs.length]).toEqual(["w", ["one", "two"], 1]);
});

test("a run that ended in an error has no more than its status", () => {
  const { runs } = reported([planned, { ...failed, execution: undefined }]);
  expect(runs).toMatchObject([{ transaction: { status: "failed" }, failure: undefined }]);
});

test("what is not recorded is not reported", () => {
  expect(reported([{ type: "planned", plan, record: undefined }, failed]).runs).toEqual([]);
});

test("runs that go on at once are apart, in the order in which they started", () => {
  const { read, report } = collectReport();
  const of = (index: number) => ({ index, name: `${index}`, step: `${index}`, matrix: [], attempt: 1 });
  const planOf = (id: string, seconds: number): RunEvent => ({
    ...({ type: "planned", plan } as const),
    record: { transaction: beginTransaction(plan, recordPlan({ id }), at(seconds)), files },
  });
  read({ ...planOf("a", 0), time: at(0), of: of(0) });
  read({ ...planOf("b", 1), time: at(1), of: of(1) });
  read({ type: "starting", time: at(2), of: of(0) });
  read({ type: "starting", time: at(4), of: of(1) });
  read({ ...failed, time: at(5), of: of(1) });
  read({ ...failed, time: at(7), of: of(0) });
  expect(
    report().runs.map(({ transaction, spans }) => [transaction.id, spans.map(({ end }) => end)]),
  ).toEqual([
    ["a", [at(2), at(7)]],
    ["b", [at(4), at(5)]],
  ]);
});
