import { expect, test } from "bun:test";
import { messagesTo } from "../../../../src/cli/output/messages.ts";
import { summarizeOneOff, summarizeRun } from "../../../../src/cli/output/runSummary.ts";
import type { Finished, Summarize } from "../../../../src/cli/output/runView.ts";
import { outputTo } from "../../../../src/host/output.ts";
import type { Execution } from "../../../../src/run/execution.ts";
import { build, container, planIn, probe, recordPlan } from "../../../support/execution.ts";
import { fakeStream } from "../../../support/fakes.ts";
import { makeFolder } from "../../../support/harness.ts";

using folder = makeFolder({});
const step = container(folder, "x", { items: ["one", "two\nthree"], shell: "/bin/zsh" });
const plan = {
  ...planIn(folder, [step]),
  record: recordPlan({ image: "image" }),
};
const artifact = { path: "a/x\u001b", size: 2048, change: "new", uid: 0, sha256: undefined } as const;

/** What is printed of a run of two seconds that ended so. */
function printed(
  summarize: Summarize,
  changes: Partial<Execution>,
  finished: Partial<Finished> = {},
): string {
  const stderr = fakeStream();
  const messages = messagesTo({ stdout: outputTo(fakeStream()), stderr: outputTo(stderr) });
  const execution: Execution = {
    ...{ exitCode: 0, step, started: true, failedLine: undefined, tail: "", stopped: undefined },
    ...changes,
  };
  const started = new Date(0);
  const run = { plan, log: ".logs/1.log", started, artifacts: [artifact], buildOutput: "whole" } as const;
  const status = execution.exitCode === 0 ? "succeeded" : "failed";
  summarize(
    run,
    {
      ...{ type: "finished", status, exitCode: execution.exitCode, stopped: undefined, execution },
      ...{ time: new Date(2000), ...finished },
    },
    messages,
  );
  return stderr.text();
}

test("a run that succeeded is one line, and one for each artifact", () => {
  expect(printed(summarizeRun, {})).toBe("b act succeeded in 2.0 s\n  new: a/x\\u001b (2.0 kB)\n");
});

test.each([
  [{ exitCode: 7 }, "error: b act failed with exit code 7\nlog: .logs/1.log\n"],
  [
    { exitCode: 7, failedLine: 1 },
    "error: b act failed with exit code 7 (item 1, line 1)\nlog: .logs/1.log\n",
  ],
  [
    { exitCode: 7, failedLine: 3 },
    "error: b act failed with exit code 7 (item 2, line 2)\nlog: .logs/1.log\n",
  ],
  [{ exitCode: 7, failedLine: 9 }, "error: b act failed with exit code 7\nlog: .logs/1.log\n"],
  [
    { exitCode: 2, tail: "/run/polycrate/script: line 2: x: unbound variable\n" },
    "error: b act failed with exit code 2 (item 2, line 1)\nlog: .logs/1.log\n",
  ],
  [
    { exitCode: 2, tail: "/run/polycrate/script: 2: x: parameter not set\n" },
    "error: b act failed with exit code 2 (item 2, line 1)\nlog: .logs/1.log\n",
  ],
])("a run that failed with %j is named with its place and its log", (execution, expected) => {
  expect(printed(summarizeRun, execution)).toBe(expected);
});

test("the hint of a failure follows it", () => {
  const lines = printed(summarizeRun, { exitCode: 127, tail: "script: line 1: kubectl: not found\n" }).split(
    "\n",
  );
  expect(lines[0]).toBe("error: b act failed with exit code 127: `kubectl` was not found in image `image`");
  expect(lines[1]).toStartWith("hint: ");
  expect(lines.slice(2)).toEqual(["log: .logs/1.log", ""]);
});

test.each([
  ["interrupted", "error: b act was interrupted after 2.0 s\nlog: .logs/1.log\n"],
  ["timed_out", "error: b act timed out after 2.0 s\nlog: .logs/1.log\n"],
] as const)("a run that was %s says when", (status, expected) => {
  expect(printed(summarizeRun, { exitCode: 143 }, { status, exitCode: 130 })).toBe(expected);
});

test.each([
  [step, "exec: no such file or directory", "error: b act: the image `image` has no `/bin/zsh`\n"],
  [probe("x"), "exec: no such file or directory", "error: b act: the image `image` has no `/bin/sh`\n"],
  [step, "Is the docker daemon running?", "error: b act: cannot connect to the docker engine\n"],
  [build("x"), "Is the docker daemon running?", "error: b act: cannot connect to the docker engine\n"],
])("a container that did not start: %#", (refused, tail, expected) => {
  const execution = { exitCode: 125, started: false, step: refused, tail };
  const lines = printed(summarizeRun, execution, { exitCode: 125 });
  expect(lines).toStartWith(expected);
  expect(lines).toEndWith("\nlog: .logs/1.log\n");
});

test("an engine that went away under the action is what failed, and not the action", () => {
  const execution = { exitCode: 125, tail: "error waiting for container" };
  expect(printed(summarizeRun, execution, { exitCode: 69 })).toStartWith(
    "error: b act: lost the connection to the docker engine during the run\n",
  );
});

test("a run that ended in an error leaves it to who catches it", () => {
  expect(printed(summarizeRun, {}, { execution: undefined })).toBe("");
});

test.each([
  [{ exitCode: 0 }, ""],
  [{ exitCode: 7 }, ""],
  [{ exitCode: 130, stopped: "SIGINT" }, ""],
  [
    { exitCode: 125, started: false, tail: "exec: no such file" },
    "error: the image `image` has no `/bin/zsh`\n",
  ],
  [{ exitCode: 137 }, "error: the command was killed (SIGKILL, exit code 137)\n"],
] as const)("of a command that ended with %j is said %j", (execution, expected) => {
  expect(printed(summarizeOneOff, execution)).toStartWith(expected);
  if (expected === "") expect(printed(summarizeOneOff, execution)).toBe("");
});
