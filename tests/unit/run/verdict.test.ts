import { expect, test } from "bun:test";
import type { StopReason } from "../../../src/run/cancellation.ts";
import type { Execution } from "../../../src/run/execution.ts";
import { stopCodes, verdictOf } from "../../../src/run/verdict.ts";
import { container } from "../../support/execution.ts";
import { makeFolder } from "../../support/harness.ts";

/** An execution that ended by itself: the action's own end with 0, unless something else is said. */
function verdict(changes: Partial<Execution>): readonly unknown[] {
  const { status, exitCode } = verdictOf({
    exitCode: 0,
    step: undefined,
    started: true,
    failedLine: undefined,
    tail: "",
    stopped: undefined,
    ...changes,
  });
  return [status, exitCode];
}

const gone = "Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?";

test.each([
  ["an action that succeeds", {}, ["succeeded", 0]],
  ["an action that fails", { exitCode: 7 }, ["failed", 7]],
  ["an action that ends with 125 itself", { exitCode: 125, tail: "my own words" }, ["failed", 125]],
  ["an action that ends with 127", { exitCode: 127 }, ["failed", 127]],
  ["an action that is killed", { exitCode: 137 }, ["failed", 137]],
  ["docker that refuses the container", { exitCode: 125, started: false }, ["failed", 125]],
  ["docker that does not find the shell", { exitCode: 127, started: false }, ["failed", 125]],
  ["a build that fails", { exitCode: 1, started: false }, ["failed", 125]],
  ["an engine that is gone before the start", { exitCode: 1, started: false, tail: gone }, ["failed", 69]],
  [
    "an engine that goes away during the run",
    { exitCode: 125, tail: "error waiting for container" },
    ["failed", 69],
  ],
  ["an action that itself complains of an engine", { exitCode: 1, tail: gone }, ["failed", 1]],
  ["an action that complains of an engine and succeeds", { tail: gone }, ["succeeded", 0]],
  ["an action that did not report its success", { endUnknown: true }, ["failed", 125]],
  ["a build that succeeds", { started: false }, ["succeeded", 0]],
] as const)("%s: %j is judged %j", (_, execution, expected) => {
  expect(verdict(execution)).toEqual([...expected]);
});

test("a program in the place of the shell that ends with 0 has not run the action", () => {
  using folder = makeFolder({});
  const step = container(folder, ":");
  expect(verdict({ step, started: false })).toEqual(["failed", 125]);
  expect(verdict({ step })).toEqual(["succeeded", 0]);
});

const stops: readonly (readonly [StopReason, string, number])[] = [
  ["SIGINT", "interrupted", 130],
  ["SIGTERM", "interrupted", 143],
  ["SIGHUP", "interrupted", 129],
  ["timeout", "timed_out", 124],
  ["reader gone", "interrupted", 141],
  ["output lost", "interrupted", 73],
];

test.each(stops)("a run that is stopped by %s is %s: %i", (stopped, status, exitCode) => {
  expect(verdict({ stopped, exitCode: 0 })).toEqual([status, exitCode]);
  expect(verdict({ stopped, exitCode: 125, started: false, tail: gone })).toEqual([status, exitCode]);
  expect(stopCodes[stopped]).toBe(exitCode);
});
