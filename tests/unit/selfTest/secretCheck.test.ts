import { expect, test } from "bun:test";
import { secretCheck } from "../../../src/selfTest/secretCheck.ts";
import { fakeEngine, shell } from "../../support/fakes.ts";
import { makeFolder } from "../../support/harness.ts";
import { type FakeRun, fakeContext, fakeSecret } from "../../support/selfTest.ts";

const masked: FakeRun = { stdout: "the secret is ***\n", stderr: "the secret is ***\n" };

type Case = { readonly run?: FakeRun; readonly inspected?: object };

async function check({ run = masked, inspected = { Config: { Env: [`A=${fakeSecret}`] } } }: Case) {
  using folder = makeFolder({});
  const engine = fakeEngine({
    listContainers: () => shell("echo 1"),
    inspectContainer: () => shell('printf "%s" "$1"', JSON.stringify([inspected])),
  });
  return await secretCheck.run(fakeContext(folder.path, [run], { engine }).context);
}

test("the environment of a container may have the secret, as the manual says", async () => {
  expect(await check({})).toBeUndefined();
});

test.each<[string, Case, string]>([
  [
    "a label of the container",
    { inspected: { Config: { Env: [], Labels: { a: fakeSecret } } } },
    "the secret is in a setting of the container, other than its environment",
  ],
  [
    "the arguments of the container",
    { inspected: { Args: [fakeSecret], Config: { Env: [] } } },
    "the secret is in a setting of the container, other than its environment",
  ],
  [
    "standard output",
    { run: { ...masked, stdout: `the secret is ${fakeSecret}\n` } },
    "the secret is not masked in standard output",
  ],
  [
    "standard error",
    { run: { ...masked, stderr: `the secret is ***\n+ ${fakeSecret}\n` } },
    "the secret is not masked in standard error",
  ],
])("a secret in %s is found", async (_, found, cause) => {
  expect(await check(found)).toBe(cause);
});

test("a secret in a file of the workspace is found", async () => {
  using folder = makeFolder({ ".logs/2026/run.log": `it is ${fakeSecret}\n` });
  const engine = fakeEngine({
    listContainers: () => shell("echo 1"),
    inspectContainer: () => shell("echo '[{}]'"),
  });
  const { context } = fakeContext(folder.path, [masked], { engine });
  expect(await secretCheck.run(context)).toBe("the secret is in the file .logs/2026/run.log");
});
