import { expect, test } from "bun:test";
import { chmodSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { workspaceProblems } from "../../src/cli/commands/validate.ts";
import { quote } from "../../src/host/arg.ts";
import { loadWorkspaceLenient } from "../../src/workspace/load.ts";
import { describeProblem } from "../../src/workspace/poly/problems.ts";
import { executable, type Folder, makeFolder, type Result } from "../support/harness.ts";

/** What a terminal obeys: C0 but line feed and tab, DEL, C1. */
const obeyed = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/;

/** Marks that turn the direction of text. */
const turning = /[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

function expectHarmless({ stdout, stderr }: Result) {
  for (const characters of [obeyed, turning]) {
    expect(characters.exec(stdout)?.[0]).toBe(undefined);
    expect(characters.exec(stderr)?.[0]).toBe(undefined);
  }
}

/** Clears the screen, sets the title, is a C1 CSI, turns the direction, and writes over the line. */
const escapes = "\\e[2J\\e]0;owned\\a\\x9b31m\\u202e\\rfine";

const hostile = {
  "workspace.poly": `name: test-workspace
organization: "${escapes}"
"key${escapes}": 1
config:
  globals: {text: "${escapes}", "${escapes}": 1}
  container:
    image: polycrate-test:busybox
    env: {TEXT: "${escapes}"}
    docker_flags: ["--hostname=$HOME\\u202e", "--label=x=\\u202e"]
blocks:
  - name: inline
    description: "${escapes}"
    version: "${escapes}"
    labels: {"${escapes}": "${escapes}"}
    actions:
      - {name: greet, description: "${escapes}", script: "echo '${escapes}'", alias: ["${escapes}"]}
workflows:
  - name: release
    description: "${escapes}"
    labels: {"\\u2066": "one\\n\\u202etwo\\n"}
    steps: [{name: one, block: inline, action: greet, prompt: {message: "${escapes}"}}]
`,
  "blocks/app/block.poly": `name: app\nfrom: "gone${escapes}"\nalias: "${escapes}"\n`,
  "blocks/bad/block.poly": `name: "bad${escapes}"\nactions: "${escapes}"\n`,
  "blocks/odd/block.poly": "name: odd\n\u001b[31mkey: 1\n",
};

test.each([
  [["list"]],
  [["list", "--output=json"]],
  [["inspect", "inline", "--output=json"]],
  [["inspect", "app"]],
  [["validate"]],
  [["validate", "--output=json"]],
  [["history"]],
  [["history", "--output=json"]],
  [["run", "app", "greet"]],
  [["run", "inline", "gone"]],
  [["run", "release"]],
  [["run", "inline"]],
  [["complete", "--", "polycrate", "run", ""]],
])("%p passes no escape of a file on", async (words) => {
  using folder = makeFolder(hostile);
  expectHarmless(await folder.run(words));
});

// YAML and scripts keep what is text to their readers, and people see what is there.
test.each([
  [["list", "--output=yaml"]],
  [["inspect"]],
  [["inspect", "inline"]],
  [["inspect", "inline", "greet"]],
  [["inspect", "inline", "--explain"]],
  [["snapshot"]],
  [["snapshot", "inline", "greet"]],
  [["run", "inline", "greet", "--dry-run", "--", "\u202e"]],
  [["run", "release", "--dry-run", "--yes"]],
  [["shell", "inline", "--dry-run"]],
  [["exec", "--dry-run", "--", "\u202e"]],
])("%p prints nothing that a terminal obeys or a reader does not see", async (words) => {
  using folder = makeFolder(hostile);
  const result = await folder.run(words);
  expect(result.exitCode).toBe(0);
  expectHarmless(result);
});

test("what a record, an artifact or a lock says of itself is printed as it is", async () => {
  const id = "01a20e8a-0000-7000-8000-000000000000";
  const hostileText = JSON.stringify(`\u001b[31m\u202e`);
  const fields = ["block", "action", "workspace", "host", "user", "image", "workflow"];
  using folder = makeFolder({
    "workspace.poly":
      "name: test-workspace\nconfig: {container: {image: x}}\nblocks: [{name: inline, actions: [{name: greet, script: pwd}]}]\n",
    "Dockerfile.poly": "FROM scratch\n",
    [`.logs/2026/01/01/${id}.yml`]: `${fields.map((field) => `${field}: ${hostileText}`).join("\n")}\nid: ${id}\nstatus: failed\nexit_code: 1\nartifacts: [{path: ${hostileText}, size: 1, change: new}]\n`,
    "bin/docker": "#!/bin/sh\nexit 1\n",
  });
  for (const words of [["history"], ["history", "--output=json"], ["inspect", `--transaction=${id}`]]) {
    const result = await folder.run(words);
    expect({ words, exitCode: result.exitCode }).toEqual({ words, exitCode: 0 });
    expectHarmless(result);
  }
  const [, hash = ""] =
    /polycrate-workspace:([0-9a-f]+)/.exec((await folder.run(["build", "--dry-run"])).stdout) ?? [];
  folder.write(`.polycrate/locks/build-${hash}`, "\u001b]0;owned\u0007\u202ehost/1/x");
  chmodSync(join(folder.path, "bin/docker"), 0o755);
  const child = Bun.spawn([executable, "build"], {
    cwd: folder.path,
    env: { ...process.env, PATH: `${folder.path}/bin:${process.env.PATH}` },
    stdout: "ignore",
    stderr: "pipe",
  });
  let stderr = "";
  for await (const chunk of child.stderr) {
    stderr += Buffer.from(chunk).toString();
    if (stderr.includes("waiting for another process")) break;
  }
  child.kill("SIGKILL");
  expectHarmless({ stdout: "", stderr, exitCode: 0 });
  expect(stderr).toContain("(pid 1 on \\u001b]0;owned\\u0007\\u202ehost");
});

test.each([
  [["\u001b[31m"]],
  [["run", "\u001b[31m", "\u009b31m"]],
  [["run", "--\u001b[31m"]],
  [["run", "inline", "greet", "--workspace", "\u001b[31m"]],
  [["run", "inline", "greet", "--env", "\u001b[31m"]],
  [["run", "inline", "greet", "--mount", "\u001b[31m"]],
  [["run", "inline", "greet", "--dockerfile", "\u001b[31m"]],
  [["validate", "--output=\u001b[31m"]],
  [["schema", "\u001b[31m"]],
  [["help", "\u001b[31m"]],
  [["logs", "\u001b[31m"]],
  [["completion", "\u001b[31m"]],
])("%p passes no escape of the command line on", async (words) => {
  using folder = makeFolder(hostile);
  expectHarmless(await folder.run(words));
});

test("a folder whose name is an escape is named without it", async () => {
  using folder = makeFolder({
    "workspace.poly": "name: test-workspace\n",
    "blocks/\u001b[2Ja\nb/block.poly": "name: x\nfrom: gone\n",
  });
  expectHarmless(await folder.run(["list"]));
  const { stdout } = await folder.run(["validate"]);
  expect(stdout).toStartWith("error: blocks/\\u001b[2Ja\\u000ab/block.poly:2:7: ");
});

test.each([
  "\u001b[2J",
  "a\n\u009b31m\n",
  "'\r'\u0007\n",
  "\u007f",
  "$HOME `id` \u0008",
  "a\u202eb\u2066'\n",
  "\u061c\ufeff",
])("a shell reads %j back from what a dry run prints of it", (word) => {
  const written = quote(word);
  expectHarmless({ stdout: written, stderr: "", exitCode: 0 });
  const { stdout } = Bun.spawnSync(["sh", "-c", `printf '%s' ${written}`]);
  expect(stdout.toString()).toBe(word);
});

async function messagesOf(folder: Folder): Promise<readonly string[]> {
  const problems = await workspaceProblems(loadWorkspaceLenient({ named: folder.path }));
  return problems.map((problem) => describeProblem(problem).split("\n")[0] ?? "");
}

test.each([
  "../escape",
  "a/../../b",
  "/etc",
  "a//b",
  "a/./b",
  "a/",
  ".",
  "..",
  "a\\\\b",
  "a\\0b",
  "a\\nb",
  "a\\eb",
  "",
])("the block name `%s` is refused", async (name) => {
  using folder = makeFolder({
    "workspace.poly": "name: test-workspace\n",
    "blocks/a/block.poly": `name: "${name}"\nactions: [{name: greet, script: pwd}]\n`,
  });
  const [message, ...others] = await messagesOf(folder);
  expect(message).toStartWith("blocks/a/block.poly:1:7: `name`: expected a block name without");
  expect(others).toEqual([]);
  const run = await folder.run(["run", name.replaceAll("\\\\", "\\"), "greet", "--dry-run"]);
  expect({ stdout: run.stdout, failed: run.exitCode !== 0 }).toEqual({ stdout: "", failed: true });
});

test.each([
  ["blocksroot", ".."],
  ["blocksroot", "/etc"],
  ["blocksroot", "a/../.."],
  ["artifactsroot", "../../tmp"],
  ["logsroot", "/var/log"],
])("`%s: %s` leads out of the workspace and is refused", async (key, path) => {
  using folder = makeFolder({ "workspace.poly": `name: test-workspace\nconfig:\n  ${key}: ${path}\n` });
  const message = `workspace.poly:3:${key.length + 5}: \`config.${key}\` is not a folder in the workspace: \`${path}\``;
  expect(await messagesOf(folder)).toEqual([message]);
  expect(await folder.run(["list"])).toMatchObject({ stdout: "", exitCode: 65 });
});

test.each(["../secret", "/etc/passwd", "..", "a:../b"])(
  "`from: %s` names a block, never a file",
  async (from) => {
    using folder = makeFolder({
      "workspace.poly": "name: test-workspace\n",
      "blocks/a/block.poly": `name: app\nfrom: "${from}"\n`,
      "secret/block.poly": "name: secret\n",
    });
    expect(await messagesOf(folder)).toEqual([
      `blocks/a/block.poly:2:7: block \`app\` inherits from \`${from}\`, which does not exist`,
    ]);
  },
);

test("an inventory cannot be taken from outside of the workspace", async () => {
  using outside = makeFolder({ "hosts.yml": "all: {}\n" });
  using folder = makeFolder({
    "workspace.poly": "name: test-workspace\n",
    "blocks/a/block.poly": `name: app\ninventory: {filename: "../../..${outside.path}/hosts.yml"}\n`,
    "blocks/b/block.poly": "name: other\ninventory: {from: ../../x}\n",
  });
  const [first, second] = await messagesOf(folder);
  expect(first).toStartWith("blocks/a/block.poly:2:23: the inventory of block `app` does not exist");
  expect(second).toStartWith("blocks/b/block.poly:2:19: `inventory.from`: expected a block name");
});

test("links out of the workspace are refused, links inside of it are followed", async () => {
  using outside = makeFolder({ "block.poly": "name: outside\nactions: [{name: greet, script: pwd}]\n" });
  using folder = makeFolder({
    "workspace.poly": "name: test-workspace\n",
    "shared/block.poly": "name: inside\n",
    "blocks/file/notes": "",
  });
  symlinkSync(outside.path, join(folder.path, "blocks/folder"));
  symlinkSync(join(outside.path, "block.poly"), join(folder.path, "blocks/file/block.poly"));
  symlinkSync("../shared", join(folder.path, "blocks/shared"));
  expect(await messagesOf(folder)).toEqual([
    "blocks/file/block.poly: is a link to a path outside of the workspace",
    "blocks/folder: is a link to a path outside of the workspace",
  ]);
  const { stdout } = await folder.run(["list"]);
  expect(stdout).toContain("inside");
  expect(stdout).not.toContain("outside");
  expect((await folder.run(["run", "outside", "greet", "--dry-run"])).exitCode).toBe(64);
});

test("links in a circle end", async () => {
  using folder = makeFolder({
    "workspace.poly": "name: test-workspace\n",
    "blocks/a/block.poly": "name: app\n",
  });
  mkdirSync(join(folder.path, "blocks/a/b"));
  symlinkSync("..", join(folder.path, "blocks/a/up"));
  symlinkSync("../..", join(folder.path, "blocks/a/b/up"));
  symlinkSync("self", join(folder.path, "blocks/a/self"));
  expect(await messagesOf(folder)).toEqual([]);
});

test("a blocks folder that is a link to a path outside of the workspace is refused", async () => {
  using outside = makeFolder({ "app/block.poly": "name: outside\n" });
  using folder = makeFolder({ "workspace.poly": "name: test-workspace\n" });
  symlinkSync(outside.path, join(folder.path, "blocks"));
  expect(await messagesOf(folder)).toEqual(["blocks: is a link to a path outside of the workspace"]);
});

test("`__proto__` and its like are keys like any other", async () => {
  using folder = makeFolder({
    "workspace.poly":
      "name: test-workspace\n__proto__: {name: other}\nconfig:\n  __proto__: {container: {image: x}}\n  constructor: 1\nblocks:\n  - name: app\n    config: {__proto__: {polluted: true}, toString: 1}\n    from: __proto__\n",
  });
  const messages = await messagesOf(folder);
  expect(messages).toContain(
    "workspace.poly:9:11: block `app` inherits from `__proto__`, which does not exist",
  );
  expect("polluted" in {}).toBe(false);
  expectHarmless(await folder.run(["run", "constructor", "toString"]));
});
