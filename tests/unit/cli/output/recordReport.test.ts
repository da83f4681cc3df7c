import { expect, test } from "bun:test";
import { recordReport } from "../../../../src/cli/output/recordReport.ts";
import { outputTo } from "../../../../src/host/output.ts";
import type { RunEvent } from "../../../../src/run/events.ts";
import { beginTransaction } from "../../../../src/run/record.ts";
import { planIn, recordPlan } from "../../../support/execution.ts";
import { fakeStream } from "../../../support/fakes.ts";
import { makeFolder } from "../../../support/harness.ts";

using folder = makeFolder({});
const started = new Date("2026-11-24T10:00:00.000Z");
const record = recordPlan();
const plan = planIn(folder, []);

/** The events of a run with this id, which ends with this code; without one, in an error. */
function run(id: string, exitCode: number | undefined): readonly RunEvent[] {
  const transaction = beginTransaction(plan, { ...record, id }, started);
  const execution = {
    ...{ exitCode: exitCode ?? 0, step: undefined, started: true },
    ...{ failedLine: undefined, tail: "", stopped: undefined },
  };
  const status = exitCode === 0 ? "succeeded" : "failed";
  return [
    { type: "planned", plan, record: { transaction, files: { record: "r", log: "l" } } },
    {
      ...{ type: "finished", status, exitCode: exitCode ?? 70, stopped: undefined },
      execution: exitCode === undefined ? undefined : execution,
    },
  ];
}

/** What is printed on standard output of these events. */
function printed(events: readonly RunEvent[]): string {
  const stdout = fakeStream();
  const read = recordReport({ stdout: outputTo(stdout), stderr: outputTo(fakeStream()) });
  for (const event of events) read({ ...event, time: started });
  return stdout.text();
}

/** Ids and codes of the printed records. */
const records = (text: string) =>
  JSON.parse(text).map(({ id, exit_code }: { id: string; exit_code: number }) => [id, exit_code]);

test("a run's record is a list of one", () => {
  const text = printed(run("7", 3));
  expect(records(text)).toEqual([["7", 3]]);
  expect(JSON.parse(text)[0]).toMatchObject({ status: "failed", started: started.toISOString() });
});

test("a workflow's records are one list, at its end", () => {
  const steps = [
    { type: "workflow", name: "w", id: "5", steps: ["a", "b"] } as const,
    ...run("7", 0),
    ...run("8", 3),
  ];
  expect(printed(steps)).toBe("");
  expect(records(printed([...steps, { type: "workflowFinished", exitCode: 3 }]))).toEqual([
    ["7", 0],
    ["8", 3],
  ]);
});

test("a workflow of which nothing ran is an empty list, and a run that ended in an error is none", () => {
  const workflow = { type: "workflow", name: "w", id: "5", steps: [] } as const;
  expect(JSON.parse(printed([workflow, { type: "workflowFinished", exitCode: 1 }]))).toEqual([]);
  expect(printed(run("7", undefined))).toBe("");
});
