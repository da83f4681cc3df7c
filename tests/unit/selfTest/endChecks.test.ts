import { expect, test } from "bun:test";
import { endChecks, lastChecks, startCheck } from "../../../src/selfTest/endChecks.ts";
import { fakeEngine, shell } from "../../support/fakes.ts";
import { makeFolder } from "../../support/harness.ts";
import { type FakeRun, fakeContext, runNamed } from "../../support/selfTest.ts";

const signalled = (exitCode: number, ...printed: readonly string[]): FakeRun => ({
  exitCode,
  stdout: "ready\n",
  onSignal: (name) => printed.map((one) => `${one} ${name.slice(3)}\n`).join(""),
});

test.each<[string, readonly FakeRun[], string | undefined]>([
  ["signals that arrive", [signalled(143, "got"), signalled(130, "got")], undefined],
  [
    "a signal that is dropped",
    [signalled(143)],
    "SIGTERM did not reach the action: docker, or a wrapper of it, does not pass signals on",
  ],
  ["a signal that arrives twice", [signalled(143, "got", "got")], "the action got SIGTERM 2 times"],
  ["the second signal too", [signalled(143, "got"), signalled(130)], "SIGINT did not reach the action"],
  ["an end with another code", [signalled(137, "got")], "polycrate ended with exit code 137 instead of 143"],
  ["an action that does not start", [{ exitCode: 125 }], "polycrate ended with exit code 125 instead of 0"],
])("signals: %s", async (_, runs, cause) => {
  const found = await runNamed(endChecks, "signals", fakeContext("/w", runs).context);
  if (cause === undefined) expect(found).toBeUndefined();
  else expect(found).toStartWith(cause);
});

test.each<[string, FakeRun, string | undefined]>([
  ["exit-code", { exitCode: 7 }, undefined],
  ["exit-code", { exitCode: 0 }, "polycrate ended with exit code 0 instead of 7"],
  ["timeout", { exitCode: 124 }, undefined],
  ["timeout", { exitCode: 137 }, "polycrate ended with exit code 137 instead of 124"],
])("%s: an end with another code is found: %o", async (name, run, cause) => {
  expect(await runNamed(endChecks, name, fakeContext("/w", [run]).context)).toBe(cause);
});

test("start: an action whose output is lost has not started for us", async () => {
  expect(await startCheck.run(fakeContext("/w", [{ stdout: "started\n" }]).context)).toBeUndefined();
  expect(await startCheck.run(fakeContext("/w", [{}]).context)).toBe("the action's output did not arrive");
});

test.each<[string, string, string | undefined]>([
  ["all of them", '[{"action": "exit-code"}]', undefined],
  ["not all", '[{"action": "start"}]', "the history does not have all runs"],
  ["no JSON", "", "the history does not have all runs"],
])("records: a history of %s", async (_, stdout, cause) => {
  expect(await runNamed(lastChecks, "records", fakeContext("/w", [{ stdout }]).context)).toBe(cause);
});

test("cleanup: a container and a file that are left are found, and those of other workspaces are not", async () => {
  using folder = makeFolder({ ".polycrate/run/1/file": "" });
  const listing = (workspace: string) =>
    fakeEngine({
      listContainers: () => shell("echo 1"),
      inspectContainer: () =>
        shell(
          'printf "%s" "$1"',
          JSON.stringify([{ Config: { Labels: { "polycrate.workspace": workspace } } }]),
        ),
    });
  const { path } = folder;
  const check = (workspace: string) =>
    runNamed(lastChecks, "cleanup", fakeContext(path, [], { engine: listing(workspace) }).context);
  expect(await check(`${path}/caller`)).toBe("1 of the containers still exist");
  expect(await check("/another")).toBe(".polycrate/run still has 1");
});
