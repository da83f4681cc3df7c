import { expect, test } from "bun:test";
import { parse } from "yaml";
import { containersOf } from "../support/docker.ts";
import { busybox, makeFolder, workspaceWith } from "../support/harness.ts";

test("the items of a script share one shell and run in order", async () => {
  using folder = makeFolder({
    "workspace.poly": workspaceWith(`
- name: greet
  script:
    - cd /tmp; export WHO=world
    - if [ "$PWD" = /tmp ]; then
    - echo "hello $WHO from $PWD"
    - fi
    - |
      cat <<TEXT
      a heredoc
    - |
      that spans items
      TEXT
`),
  });
  const { stdout, stderr, exitCode } = await folder.run(["run", "b", "greet"]);
  expect(stdout).toBe("hello world from /tmp\na heredoc\nthat spans items\n");
  expect(stderr).toMatch(/^b greet succeeded in \d+\.\d s\n$/);
  expect(exitCode).toBe(0);
  expect(await containersOf(folder)).toEqual([]);
  expect(folder.glob(".polycrate/run/**")).toEqual([]);
});

test("item 2 of 3 failing with 7 stops there, says so, and polycrate exits 7", async () => {
  using folder = makeFolder({
    "workspace.poly": workspaceWith(`
- name: fail
  script:
    - echo one
    - |
      echo two
      exit 7
    - echo three
`),
  });
  const { stdout, stderr, exitCode } = await folder.run(["run", "b", "fail"]);
  expect(stdout).toBe("one\ntwo\n");
  expect(stderr).toContain("error: b fail failed with exit code 7 (item 2, line 2)\nlog: .logs/");
  expect(exitCode).toBe(7);
});

test.each([
  ["a command that fails", "sh -c 'exit 3'", 3],
  ["a pipe", "false | true", 1],
  ["a function", "f() { return 9; }; f", 9],
  ["a subshell", "(exit 12)", 12],
  ["an unset variable", "echo $nope", 1],
  ["a syntax error", "fi", 2],
  ["a script with an EXIT trap of its own", "trap 'echo mine' EXIT; false", 1],
])("the failing item is named for %s", async (_, item, code) => {
  using folder = makeFolder({
    "workspace.poly": workspaceWith(`- {name: fail, script: ["true", ${JSON.stringify(item)}]}`),
  });
  const { stderr, exitCode } = await folder.run(["run", "b", "fail"]);
  expect(stderr).toContain(`failed with exit code ${code} (item 2, line 1)`);
  expect(exitCode).toBe(code);
});

test("a shell without bash's traps names the failing item too", async () => {
  using folder = makeFolder({
    "workspace.poly": workspaceWith('- {name: fail, script: ["true", "false"]}', "shell: /bin/sh"),
  });
  const { stderr } = await folder.run(["run", "b", "fail"]);
  expect(stderr).toContain("failed with exit code 1 (item 2, line 1)");
});

test("exit codes 0 to 255 come through", async () => {
  using folder = makeFolder({ "workspace.poly": workspaceWith("- {name: code, script: 'exit \"$1\"'}") });
  const codes = [0, 1, 2, 64, 65, 69, 70, 73, 124, 125, 126, 127, 128, 129, 130, 137, 141, 143, 255];
  const results = await Promise.all(
    codes.map((code) => folder.run(["run", "b", "code", "--", String(code)])),
  );
  expect(results.map(({ exitCode }) => exitCode)).toEqual(codes);
}, 60_000);

test("standard output and standard error stay apart", async () => {
  using folder = makeFolder({
    "workspace.poly": workspaceWith("- {name: both, script: [echo out, echo err >&2]}"),
  });
  const { stdout, stderr } = await folder.run(["run", "b", "both"]);
  expect(stdout).toBe("out\n");
  expect(stderr).toMatch(/^err\nb both succeeded/);
});

test.each([
  ["what is piped in reaches the action", undefined, "hi\n"],
  ["with CI set, standard input is left alone", "true", ""],
])("%s", async (_, ci, expected) => {
  using folder = makeFolder({ "workspace.poly": workspaceWith("- {name: cat, script: cat}") });
  const { stdout } = await folder.run(["run", "b", "cat"], { input: "hi\n", env: { CI: ci } });
  expect(stdout).toBe(expected);
});

test("the snapshot, the environment and the mounts are what the action sees", async () => {
  using folder = makeFolder({
    "workspace.poly": workspaceWith(
      `
- name: look
  script:
    - cat "$POLYCRATE_SNAPSHOT_FILE"
    - echo "$WORDS" | tee "$POLYCRATE_BLOCK_ARTIFACTS/words"
    - pwd`,
      'env: {WORDS: "a \\"b\\" $c"}',
    ),
  });
  const { stdout, stderr } = await folder.run(["run", "b", "look"]);
  const snapshot = parse(stdout.slice(0, stdout.indexOf('\na "b" $c\n')));
  expect(Object.keys(snapshot)).toEqual([
    "workspace",
    "block",
    "action",
    "workflow",
    "step",
    "transaction",
    "env",
    "mounts",
  ]);
  expect(snapshot.block.name).toBe("b");
  expect(snapshot.env.WORDS).toBe('a "b" $c');
  expect(snapshot.mounts[folder.path]).toBe("/workspace");
  expect(stdout).toEndWith("/workspace\n");
  expect(stderr).toContain("new: artifacts/blocks/b/words (9 B)");
  expect(folder.read(".snapshot.yml")).toStartWith("#");
});

test("a block runs in its own folder, one that inherits in its parent's", async () => {
  using folder = makeFolder({
    "workspace.poly": `name: test-workspace
config: {container: {image: "${busybox}"}}
blocks: [{name: child, from: parent}]`,
    "blocks/parent/block.poly": "name: parent\nactions: [{name: where, script: pwd}]",
  });
  expect((await folder.run(["run", "parent", "where"])).stdout).toBe("/workspace/blocks/parent\n");
  expect((await folder.run(["run", "child", "where"])).stdout).toBe("/workspace/blocks/parent\n");
  expect(folder.glob("artifacts/blocks/child")).toEqual([]);
});

test.each([
  ["a block with a folder that inherits its actions", "heir", "/workspace/blocks/parent"],
  ["a block with an action of its own beside inherited ones", "both", "/workspace/blocks/both"],
  ["an inline block", "inline", "/workspace/blocks/parent"],
  ["a block without actions", "idle", "/workspace/blocks/idle"],
])("`shell` and `exec` start where the actions do: %s", async (_, block, directory) => {
  using folder = makeFolder({
    "workspace.poly": `name: test-workspace
config: {container: {image: "${busybox}"}}
blocks: [{name: inline, from: parent}]`,
    "blocks/parent/block.poly": "name: parent\nactions: [{name: where, script: pwd}]",
    "blocks/heir/block.poly": "name: heir\nfrom: parent\nactions: [{name: where, timeout: 5m}]",
    "blocks/both/block.poly": "name: both\nfrom: parent\nactions: [{name: own, script: pwd}]",
    "blocks/idle/block.poly": "name: idle\n",
  });
  const exec = await folder.run([
    "exec",
    "--block",
    block,
    "--",
    "sh",
    "-c",
    "pwd; echo $POLYCRATE_BLOCK_WORKDIR",
  ]);
  expect(exec.stdout).toBe(`${directory}\n${directory}\n`);
  const shell = await folder.run(["shell", block, "--dry-run"]);
  expect(shell.stdout).toContain(`--workdir=${directory} \\\n`);
});

test("docker flags are split and expanded as a shell would", async () => {
  using folder = makeFolder({
    "workspace.poly": workspaceWith(
      "- {name: who, script: ['id -u; id -g', 'cat \"/with space/file\"']}",
      `
docker_flags:
  - --user $(id -u):$(id -g)
  - -v "$HERE/a b":'/with space':ro`,
    ),
    "a b/file": "found\n",
  });
  const { stdout, stderr } = await folder.run(["run", "b", "who"], { env: { HERE: folder.path } });
  expect({ stdout, stderr }).toMatchObject({
    stdout: `${process.getuid?.()}\n${process.getgid?.()}\nfound\n`,
  });
});

test("the record says what ran and how it ended, and the log has the output", async () => {
  using folder = makeFolder({
    "workspace.poly": workspaceWith("- {name: talk, script: [echo one, echo two >&2, exit 4]}"),
  });
  await folder.run(["run", "b", "talk"]);
  const [record, ...others] = folder.records();
  expect(others).toEqual([]);
  expect(record).toMatchObject({
    block: "b",
    action: "talk",
    status: "failed",
    exit_code: 4,
    image: busybox,
  });
  expect(record?.image_id).toMatch(/^sha256:/);
  expect(record?.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
  const [log = ""] = folder.glob(".logs/**/*.log");
  expect(folder.read(log).split("\n").sort()).toEqual(["", "one", "two"]);
});

test("ten runs at the same time each see their own snapshot", async () => {
  using folder = makeFolder({
    "workspace.poly": workspaceWith(
      "- {name: id, script: 'grep -A1 ^transaction: /workspace/.snapshot.yml | tail -n 1; echo $POLYCRATE_TRANSACTION_ID'}",
    ),
  });
  const results = await Promise.all(Array.from({ length: 10 }, () => folder.run(["run", "b", "id"])));
  const ids = results.map(({ stdout }) => {
    const [inSnapshot, inEnvironment] = stdout.split("\n");
    expect(inSnapshot).toBe(`  id: "${inEnvironment}"`);
    return inEnvironment;
  });
  expect(new Set(ids).size).toBe(10);
  expect(
    folder
      .records()
      .map(({ id }) => id)
      .sort(),
  ).toEqual(ids.sort());
}, 60_000);

test("nothing is run on the host because a workspace is hostile", async () => {
  using folder = makeFolder({
    "workspace.poly": workspaceWith("- {name: ok, script: echo ok}"),
    ".env": "DOCKER_HOST=tcp://127.0.0.1:1",
    "bunfig.toml": 'preload = ["./evil.ts"]',
    "evil.ts": 'require("node:fs").writeFileSync("evil", ""); console.log("evil")',
    "package.json": '{"name": 3}',
    "tsconfig.json": "{",
  });
  expect((await folder.run(["run", "b", "ok"])).stdout).toBe("ok\n");
  expect(folder.glob("evil")).toEqual([]);
});
