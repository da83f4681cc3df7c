import { expect, test } from "bun:test";
import { outcomeOf, placeText, stepsNotRun, tookOf } from "../../../src/reports/outcome.ts";
import { reportedRun, workflowReport } from "../../support/reports.ts";

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
