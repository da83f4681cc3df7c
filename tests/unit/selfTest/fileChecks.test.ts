import { expect, test } from "bun:test";
import { fileChecks } from "../../../src/selfTest/fileChecks.ts";
import { oddValue } from "../../../src/selfTest/testFolder.ts";
import { makeFolder } from "../../support/harness.ts";
import { type FakeRun, fakeContext, runNamed } from "../../support/selfTest.ts";

const written = "written by the host, and by the container\n";

test.each<[string, string, string, string | undefined]>([
  ["a file that arrives", written, "read-only\n", undefined],
  ["a file that does not", "", "read-only\n", "a file that the action wrote does not exist on the host"],
  ["a mount that can be written", written, "writable\n", "the read-only mount was writable"],
])("mounts: %s", async (_, output, stdout, cause) => {
  using folder = makeFolder(output === "" ? {} : { "output.txt": output });
  const found = await runNamed(fileChecks, "mounts", fakeContext(folder.path, [{ stdout }]).context);
  if (cause === undefined) expect(found).toBeUndefined();
  else expect(found).toStartWith(cause);
});

test("ownership: a file that is missing is no file of yours", async () => {
  using folder = makeFolder({ "output.txt": "" });
  expect(await runNamed(fileChecks, "ownership", fakeContext(folder.path, []).context)).toBeUndefined();
  expect(await runNamed(fileChecks, "ownership", fakeContext("/nowhere", []).context)).toBe(
    "the action left no file",
  );
});

const expected = `${oddValue}|${oddValue}||${oddValue}|`;

test.each<[string, FakeRun, string | undefined]>([
  ["user", { stdout: "Uid: 12345\nGid: 23456\n" }, undefined],
  [
    "user",
    { stdout: "Uid: 12345\nGid: 0\n" },
    "the action ran as 12345:0 instead of 12345:23456: docker ignored `--user`",
  ],
  ["user", { exitCode: 1 }, "polycrate ended with exit code 1 instead of 0"],
  ["values", { stdout: expected }, undefined],
  [
    "values",
    { stdout: expected.replace("$HOME", "/root") },
    "a variable or an argument has another value in the container",
  ],
])("%s: %o", async (name, run, cause) => {
  expect(await runNamed(fileChecks, name, fakeContext("/w", [run]).context)).toBe(cause);
});

test.each<[FakeRun, string | undefined]>([
  [{ stdout: "started\n" }, undefined],
  [
    { exitCode: 127, stderr: "sh: docker: not found\n" },
    "the script ended with exit code 127: sh: docker: not found",
  ],
])("dry-run: what was printed is run: %o", async (run, cause) => {
  const { context, started } = fakeContext("/w", [{ stdout: "the script" }, run]);
  expect(await runNamed(fileChecks, "dry-run", context)).toBe(cause);
  expect(started).toEqual(["run self-test start --dry-run", "the script"]);
});
