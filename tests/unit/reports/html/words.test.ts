import { expect, test } from "bun:test";
import { nameOfRun, statusWords, timeOfRun } from "../../../../src/reports/html/words.ts";
import { at, reportedRun } from "../../../support/reports.ts";

test("every status has words, a sign and a colour", () => {
  expect(
    Object.entries(statusWords).map(([status, { label, symbol, tone }]) => [status, label, symbol, tone]),
  ).toEqual([
    ["succeeded", "succeeded", "✓", "good"],
    ["failed", "failed", "✗", "bad"],
    ["timed_out", "timed out", "✗", "bad"],
    ["interrupted", "interrupted", "■", "open"],
    ["lost", "lost", "?", "open"],
    ["running", "running", "▶", "open"],
  ]);
});

test("a run is called by its block and action, in a workflow after its step", () => {
  expect(nameOfRun(reportedRun())).toBe("web install");
  expect(nameOfRun(reportedRun({ transaction: { step: "deploy" } }))).toBe("deploy: web install");
});

test("the time of a run is known once it has ended", () => {
  expect(timeOfRun(reportedRun({ transaction: { finished: at(90) } }))).toBe("1 min 30 s");
  expect(timeOfRun(reportedRun({ transaction: { finished: undefined } }))).toBe("end not known");
});
