import { expect, test } from "bun:test";
import { parse } from "yaml";
import { containersOf } from "../support/docker.ts";
import { executable, type Folder, makeFolder, workspaceWith } from "../support/harness.ts";
import { openScreen } from "../support/screen.ts";

/** The workspace of an action with this script, whose shell is bash unless another is named. */
function actionOf(script: readonly string[], shell = "/bin/bash", more = ""): Folder {
  const text = workspaceWith(`- {name: act, script: ${JSON.stringify(script)}${more}}`);
  return makeFolder({ "workspace.poly": text.replace("container:", `container:\n    shell: ${shell}`) });
}

/** Starts the action with a shell on failure, and waits for the line that says what failed. */
async function open(folder: Folder, flags: readonly string[] = []) {
  const words = [executable, "run", "b", "act", "--shell-on-failure", ...flags];
  const screen = openScreen(words, { directory: folder.path, columns: 200 });
  const before = await screen.until("`exit` ends it");
  return { ...screen, before };
}

/** The record of the only run. */
const recordOf = (folder: Folder) => parse(folder.read(folder.glob(".logs/**/*.yml")[0] ?? ""));

test("the shell has the directory, variables and functions of the script, and the action's code stays", async () => {
  const script = [
    "true",
    "greet() { echo \"hello $1\"; }; list=(a 'b c')",
    "cd /tmp; X=5\nfalse",
    "echo never",
  ];
  using folder = actionOf(script);
  await using screen = await open(folder);
  expect(screen.before).toContain(
    "failed: item 3, line 2 with exit code 1; this shell is in the same container",
  );
  screen.type('echo "<$X $PWD ${#list[@]}>"; greet you; false\n');
  expect(await screen.until("hello you")).toContain("<5 /tmp 2>");
  screen.type("exit 0\n");
  const after = await screen.until("log: ");
  expect(after).toContain("error: b act failed with exit code 1 (item 3, line 2)");
  expect(after).not.toContain("never");
  expect(await screen.exited).toBe(1);
  expect(recordOf(folder)).toMatchObject({ status: "failed", exit_code: 1, inspected: expect.any(Number) });
  expect(await containersOf(folder)).toEqual([]);
});

test.each([
  ["an unset variable", ["echo $NOT_SET"], 1, "/bin/bash"],
  ["exit 3", ["f() { exit 3; }; f"], 3, "/bin/bash"],
  ["a syntax error", ["if then"], 2, "/bin/bash"],
  ["a program that is missing", ["no-such-program"], 127, "/bin/bash"],
  ["a pipe that fails", ["false | cat"], 1, "/bin/bash"],
  ["an unset variable", ["echo $NOT_SET"], 2, "/bin/sh"],
  ["exit 3", ["f() { exit 3; }; f"], 3, "/bin/sh"],
  ["a syntax error", ["if then"], 2, "/bin/sh"],
  ["a failure", ["false"], 1, "/bin/sh"],
])("a shell opens after %s: %j, %i, in %s", async (_, script, code, shell) => {
  using folder = actionOf(["cd /tmp; X='it''s 5'", ...script], shell);
  await using screen = await open(folder);
  expect(screen.before).toContain(`with exit code ${code}; `);
  screen.type('echo "<$X $PWD>"\n');
  await screen.until("<its 5 /tmp>");
  screen.type("exit\n");
  await screen.until("log: ");
  expect(await screen.exited).toBe(code);
});

test("nothing opens after a success, or for a failure in a subshell that the script goes on after", async () => {
  using folder = actionOf(["(exit 3) || true", "x=$(false) || true", "if ! (false); then echo went on; fi"]);
  const words = [executable, "run", "b", "act", "--shell-on-failure"];
  await using screen = openScreen(words, { directory: folder.path });
  expect(await screen.until("b act succeeded")).toStartWith("went on\n");
  expect(await screen.exited).toBe(0);
  expect(recordOf(folder).inspected).toBe(null);
});

test("until then the script's standard input is empty, and the timeout does not apply afterwards", async () => {
  using folder = actionOf(["cat; echo read nothing", "exit 4"]);
  await using screen = await open(folder, ["--timeout=2s"]);
  expect(screen.before).toContain("read nothing");
  await Bun.sleep(2500);
  screen.type("echo still $((40 + 2))\n");
  await screen.until("still 42");
  screen.type("\u0004");
  await screen.until("log: ");
  expect(await screen.exited).toBe(4);
});

test("a secret that is printed in the shell is masked, and stands in no file", async () => {
  using folder = makeFolder({
    "workspace.poly": workspaceWith("- {name: act, script: ['false']}").replace(
      "container:",
      "container:\n    env: {TOKEN: {from_env: TOKEN}}",
    ),
  });
  const words = [executable, "run", "b", "act", "--shell-on-failure"];
  const env = { TOKEN: "canary-6b1f" };
  await using screen = openScreen(words, { directory: folder.path, env });
  await screen.until("`exit` ends it");
  screen.type('echo "<$TOKEN>"\n');
  await screen.until("<***>");
  const found = Bun.spawnSync(["grep", "-rl", "canary-6b1f", folder.path]);
  expect(found.stdout.toString()).toBe("");
  screen.type("exit\n");
  expect(await screen.exited).toBe(1);
});

test("in a playbook's action the shell is in the playbook's folder", async () => {
  using folder = makeFolder({
    "workspace.poly": workspaceWith("- {name: act, playbook: site.yml}"),
    "site.yml": "[]",
  });
  await using screen = await open(folder);
  expect(screen.before).toContain("failed with exit code 127; ");
  screen.type("ls\n");
  await screen.until("site.yml");
  screen.type("exit\n");
  expect(await screen.exited).toBe(127);
});

test("without a terminal, or in CI, it is refused: 64", async () => {
  using folder = actionOf(["false"]);
  const { stderr, exitCode } = await folder.run(["run", "b", "act", "--shell-on-failure"]);
  expect([exitCode, stderr]).toEqual([
    64,
    expect.stringContaining("`--shell-on-failure` requires a terminal"),
  ]);
  const words = [executable, "run", "b", "act", "--shell-on-failure"];
  await using screen = openScreen(words, { directory: folder.path, env: { CI: "true" } });
  await screen.until("requires a terminal");
  expect(await screen.exited).toBe(64);
});
