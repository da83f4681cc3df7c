import { expect, test } from "bun:test";
import { existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { findTarget } from "../../../src/run/findTarget.ts";
import type { Check } from "../../../src/selfTest/check.ts";
import { endChecks, startCheck } from "../../../src/selfTest/endChecks.ts";
import { fileChecks } from "../../../src/selfTest/fileChecks.ts";
import { outputChecks } from "../../../src/selfTest/outputChecks.ts";
import type { TestContext } from "../../../src/selfTest/testContext.ts";
import { makeTestFolder, oddValue } from "../../../src/selfTest/testFolder.ts";
import { loadWorkspace } from "../../../src/workspace/load.ts";
import { call } from "../../support/harness.ts";
import { fakeContext, runNamed } from "../../support/selfTest.ts";

test.each(["caller", "other-user"])("the workspace %s is valid, and runs in the image", async (name) => {
  const tree = await makeTestFolder("alpine:3");
  const { problems, settings } = loadWorkspace({ named: join(tree.directory, name) });
  tree.remove();
  expect(problems).toEqual([]);
  const { image, shell, stop_timeout } = settings.config.container;
  expect({ image, shell, stop_timeout }).toEqual({ image: "alpine:3", shell: "/bin/sh", stop_timeout: 3 });
  expect(settings.config.container.user).toBe(name === "caller" ? "host" : "12345:23456");
  expect(settings.extramounts).toEqual(name === "caller" ? ["input.txt:/self-test/input.txt:ro"] : []);
});

test("the folder is private, has a cache of its own, and is removed with everything in it", async () => {
  const tree = await makeTestFolder("alpine:3");
  expect(statSync(dirname(tree.directory)).mode & 0o777).toBe(0o700);
  expect(statSync(join(tree.directory, "cache")).mode & 0o777).toBe(0o700);
  expect(statSync(join(tree.directory, "caller")).mode & 0o777).toBe(0o755);
  tree.remove();
  expect(existsSync(dirname(tree.directory))).toBe(false);
});

/** Runs the scripts of the actions with this machine's shell, where an engine would run them in a container. */
function shellContext(folder: string): TestContext {
  const directory = join(folder, "caller");
  const workspace = loadWorkspace({ named: directory });
  const env = { ODD_VALUE: oddValue, FLAG_VALUE: oddValue };
  const start: TestContext["start"] = ([, block, action, ...rest], { input } = {}) => {
    const { action: found } = findTarget(workspace, block, action);
    const script = found?.settings.script?.join("\n") ?? "exit 99";
    const words = ["sh", "-ec", script, "sh", ...rest.slice(rest.indexOf("--") + 1)];
    const ended = call(words, { directory, env, ...(input === undefined ? {} : { input }) });
    return { ended, prints: async () => true, signal: () => {}, closeInput: () => {} };
  };
  return { ...fakeContext(directory, []).context, folder, start };
}

const local: readonly (readonly [string, readonly Check[]])[] = [
  ["start", [startCheck]],
  ["values", fileChecks],
  ["input", outputChecks],
  ["streams", outputChecks],
  ["output", outputChecks],
  ["exit-code", endChecks],
];

test.each(local)(
  "the action of the check %s does what the check expects, in any shell",
  async (name, checks) => {
    const tree = await makeTestFolder("alpine:3");
    const cause = await runNamed(checks, name, shellContext(tree.directory));
    tree.remove();
    expect(cause).toBeUndefined();
  },
);

test("the action of the check `mounts` reads the host's line and writes it back", async () => {
  const tree = await makeTestFolder("alpine:3");
  const context = shellContext(tree.directory);
  const { stdout } = await context.start(["run", "self-test", "files"]).ended;
  const written = await Bun.file(join(tree.directory, "caller/output.txt")).text();
  tree.remove();
  expect({ stdout, written }).toEqual({
    // Only a container has the mount, so nothing can be written there.
    stdout: "read-only\n",
    written: "written by the host, and by the container\n",
  });
});
