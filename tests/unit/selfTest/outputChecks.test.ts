import { expect, test } from "bun:test";
import { outputChecks } from "../../../src/selfTest/outputChecks.ts";
import { type FakeRun, fakeContext, runNamed } from "../../support/selfTest.ts";

const lines = Array.from({ length: 20_000 }, (_, index) => `line ${index + 1}\n`).join("");
const complete = lines + `${"0123456789abcde".repeat(4096)}\n`.repeat(64);

test.each<[string, FakeRun, string | undefined]>([
  ["input", { stdout: "read one\nread two\n" }, undefined],
  ["input", { stdout: "read one\n" }, "the input did not reach the action, or not all of it"],
  ["streams", { stdout: "to standard output\n", stderr: "to standard error\n" }, undefined],
  ["streams", { stdout: "to standard output\nto standard error\n" }, "standard output has another content"],
  ["streams", { stdout: "to standard output\n" }, "standard error has another content"],
  ["output", { stdout: complete }, undefined],
  [
    "output",
    { stdout: complete.slice(0, -7) },
    `${complete.length - 7} of ${complete.length} bytes of the action's output arrived`,
  ],
  [
    "output",
    { stdout: complete.replace("line 2\nline 3\n", "line 3\nline 2\n") },
    "the output has another order, or another content",
  ],
  [
    "output",
    { stdout: complete, exitCode: 1, stderr: "+ docker\nerror: the action failed\nhint: x\n" },
    "polycrate ended with exit code 1 instead of 0: the action failed",
  ],
])("the check %s of a run that ended with its own output: %#", async (name, run, cause) => {
  expect(await runNamed(outputChecks, name, fakeContext("/w", [run]).context)).toBe(cause);
});
