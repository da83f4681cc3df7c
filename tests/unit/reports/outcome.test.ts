import { expect, test } from "bun:test";
import {
  attemptNameOf,
  firstUnsuccessful,
  isComplete,
  lastAttempts,
  outcomeOf,
  placeText,
  stepsNotRun,
  tookOf,
} from "../../../src/reports/outcome.ts";
import { at, reportedRun, workflowReport } from "../../support/reports.ts";

test.each([
  ["succeeded", 0, "succeeded"],
  ["failed", 7, "failed with exit code 7"],
  ["failed", undefined, "failed"],
  ["interrupted", 130, "was interrupted"],
  ["timed_out", 124, "timed out"],
  ["lost", undefined, "was lost: polycrate ended before it did"],
  ["running", undefined, "is running"],
] as const)("a run that is %s with code %p", (status, exitCode, words) => {
  expect(outcomeOf(reportedRun({ transaction: { status, exitCode } }))).toBe(words);
});

test("a failure is in its own words, with its place", () => {
  const [, failed = reportedRun()] = workflowReport().runs;
  expect(outcomeOf(failed) + placeText(failed)).toBe("failed with exit code 7 (item 2, line 3)");
  const refused = { by: "engine", message: "no such image", hint: undefined, place: undefined } as const;
  expect(outcomeOf(reportedRun({ transaction: { status: "failed" }, failure: refused }))).toBe(
    "failed: no such image",
  );
});

test("what has not ended has taken no time that is known", () => {
  expect([tookOf(reportedRun()), tookOf(reportedRun({ transaction: { finished: undefined } }))]).toEqual([
    2000,
    undefined,
  ]);
});

test("steps without a run were not run", () => {
  const { steps, runs } = workflowReport();
  expect(stepsNotRun(steps, runs)).toEqual(["notify"]);
});

/** Runs of a graph: of `deploy` in one region the second attempt succeeded, and in the other `test` failed first. */
function graphRuns() {
  const run = (
    step: string,
    region: string,
    attempt: number,
    status: "failed" | "succeeded",
    finished: number,
  ) =>
    reportedRun({
      transaction: {
        ...{ step, attempt, status, finished: at(finished) },
        matrix: region === "" ? [] : [{ name: "region", value: region }],
      },
    });
  return [
    run("deploy", "eu", 1, "failed", 1),
    run("deploy", "us", 1, "failed", 9),
    run("deploy", "eu", 2, "succeeded", 3),
    run("test", "", 1, "failed", 5),
  ];
}

test("a step of a matrix has its combination in its name, and a later attempt its number", () => {
  expect(graphRuns().map(attemptNameOf)).toEqual([
    ...["deploy (region=eu)", "deploy (region=us)", "deploy (region=eu) (attempt 2)", "test"],
  ]);
});

test("of a step that was tried again the last attempt counts, and of failures the first in time", () => {
  const runs = graphRuns();
  expect(lastAttempts(runs)).toEqual(runs.slice(1));
  expect(firstUnsuccessful(runs)).toBe(runs[3]);
  expect(firstUnsuccessful(runs.slice(0, 1).concat(runs.slice(2, 3)))).toBe(undefined);
});

test("a workflow is complete when each combination ran, or had no reason to", () => {
  const runs = graphRuns();
  const steps = ["deploy (region=eu)", "deploy (region=us)", "test", "undo"];
  const report = { workflow: "w", steps, runs };
  expect(stepsNotRun(steps, runs)).toEqual(["undo"]);
  expect([isComplete(report), isComplete({ ...report, skipped: ["undo"] })]).toEqual([false, true]);
});
