import { expect, test } from "bun:test";
import { explainRun } from "../../../src/reports/failure.ts";
import { container } from "../../support/execution.ts";
import { makeFolder } from "../../support/harness.ts";

test("an engine that reports a success, of which the action knows nothing, is to blame", () => {
  using folder = makeFolder({});
  const execution = {
    ...{ exitCode: 0, step: container(folder, ":"), started: true, endUnknown: true },
    ...{ failedLine: undefined, tail: "", stopped: undefined },
  };
  expect(explainRun(execution, 125, "whole")).toEqual({
    by: "engine",
    message: "the engine reported a success, but the action did not report how it ended",
    hint: "treat it as failed; `polycrate self-test` checks the engine",
    place: undefined,
  });
});
