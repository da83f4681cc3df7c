import { expect, test } from "bun:test";
import { graphSummary } from "../../../../../src/cli/output/graph/graphSummary.ts";
import type { RunEvent, StepRun } from "../../../../../src/run/events.ts";
import { fakeStream } from "../../../../support/fakes.ts";

const at = (seconds: number) => new Date(seconds * 1000);

/** The summary of 40 steps, of which these failed in this order, at a terminal with so many rows. */
function summaryOf(
  failed: readonly number[],
  rows: number,
  { isTTY = true, mayFail = [] as readonly number[], again = [] as readonly number[] } = {},
): string {
  const summary = graphSummary(new Set(mayFail));
  const steps = Array.from({ length: 40 }, (_, index) => `step-${index}`);
  const take = (event: RunEvent, seconds: number, of?: StepRun) =>
    summary.take({ ...event, time: at(seconds), ...(of === undefined ? {} : { of }) });
  take({ type: "workflow", name: "many", id: "5", steps }, 0);
  const execution = {
    exitCode: 0,
    step: undefined,
    started: true,
    failedLine: undefined,
    tail: "",
    stopped: undefined,
  };
  const end = (index: number, exitCode: number, seconds: number) => {
    const of = { index, name: `step-${index}`, step: `step-${index}`, matrix: [], attempt: 1 };
    take({ type: "step", index, runs: "" }, 0, of);
    const status = exitCode === 0 ? "succeeded" : "failed";
    take({ type: "finished", status, exitCode, stopped: undefined, execution }, seconds, of);
  };
  for (const [place, index] of failed.entries()) end(index, 7, place + 1);
  for (const index of steps.keys()) if (!failed.includes(index)) end(index, 0, 50);
  for (const index of again) end(index, 0, 55);
  take({ type: "workflowFinished", exitCode: 7 }, 60);
  return Bun.stripANSI(summary.text(fakeStream({ isTTY, rows, columns: 60 })));
}

test("of many steps on a small screen those that did not succeed are listed, and what failed first comes last", () => {
  expect(summaryOf([9, 3], 24)).toBe(
    [
      "workflow many, 1 min 0 s:",
      "  step-3  failed  2.0 s",
      "  step-9  failed  1.0 s",
      "  38 steps succeeded",
      "first failure: step-9 failed with exit code 7",
    ].join("\n"),
  );
});

test("it fits on the screen even if all have failed", () => {
  const text = summaryOf([...Array(40).keys()], 20);
  expect(text.split("\n").length).toBeLessThan(20);
  expect(text).toContain("\n  and 26 more that did not succeed\n");
});

test("where there is room, and in a file, every step is listed", () => {
  expect(summaryOf([3], 60).split("\n")).toHaveLength(42);
  expect(summaryOf([3], 24, { isTTY: false }).split("\n")).toHaveLength(42);
});

test("what may fail, and what succeeded at last, did not fail first", () => {
  const text = summaryOf([9, 5, 3], 24, { mayFail: [9], again: [5] });
  expect(text).toContain("\n  step-9  failed  1.0 s\n");
  expect(text).toEndWith("\n  38 steps succeeded\nfirst failure: step-3 failed with exit code 7");
  expect(summaryOf([9], 24, { mayFail: [9] })).not.toContain("first failure");
});
