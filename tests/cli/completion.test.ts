import { expect, test } from "bun:test";
import { topicNames } from "../../src/cli/topics/topics.ts";
import { makeFolder } from "../support/harness.ts";

const workspace = `name: example
workflows:
  - name: release
    description: Build and deploy
    steps: [{name: build, block: hello, action: greet}, {name: deploy, block: hello, action: grow}]
blocks:
  - name: hello
    description: |
      A local block
      that says more below
    actions: [{name: greet, description: Say hello, script: echo hi}, {name: grow, script: echo hi}]
  - {name: base, version: "1.2", actions: [{name: act, script: echo hi}]}
  - {name: heir, from: "base:1.2"}
  - name: web
    actions:
      - name: install
        script: x
        inputs:
          region: {choices: [eu, us], description: Where to}
          drain: {type: boolean}
          timeout: {}
          token: {secret: true}
`;

const id = "0192e4a0-0000-7000-8000-000000000001";
const record = `id: ${id}\nblock: hello\naction: greet\nstatus: succeeded\n`;

/** What fish gets to hear of the words typed so far, of which the last is at the cursor. */
async function candidates(words: readonly string[]): Promise<readonly string[]> {
  using folder = makeFolder({ "workspace.poly": workspace, [`.logs/2024/10/31/${id}.yml`]: record });
  const { stdout, stderr, exitCode } = await folder.run(["complete", "fish", "--", ...words]);
  expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
  return stdout.trimEnd().split("\n");
}

test.each([
  [
    ["run", ""],
    ["words", "base:1.2", "heir\tfrom base:1.2", "hello\tA local block", "web", "release\tBuild and deploy"],
  ],
  [
    ["run", "hello", ""],
    ["words", "greet\tSay hello", "grow"],
  ],
  [
    ["run", "heir", ""],
    ["words", "act"],
  ],
  [
    ["run", "--env", "A=b", "-w", ".", "hello", ""],
    ["words", "greet\tSay hello", "grow"],
  ],
  [
    ["run", "release", "--from-step=d"],
    ["words", "--from-step=build\thello greet", "--from-step=deploy\thello grow"],
  ],
  [
    ["run", "web", "install", "--"],
    [
      "words",
      "--region\tWhere to",
      "--drain",
      "--workspace\tThe workspace's folder. Default: POLYCRATE_WORKSPACE, or the nearest one in this folder or above.",
    ],
  ],
  [
    ["run", "web", "install", "--region="],
    ["words", "--region=eu", "--region=us"],
  ],
  [
    ["snapshot", "web", "install", "--region", ""],
    ["words", "eu", "us"],
  ],
  [
    ["run", "web", "install", "--input", ""],
    ["words", "region=eu\tWhere to", "region=us\tWhere to", "drain=true", "drain=false", "timeout="],
  ],
  [
    ["run", "web", "install", "--input=r"],
    ["words", "--input=region=eu\tWhere to", "--input=region=us\tWhere to", "--input=drain=true"],
  ],
  [
    ["logs", ""],
    ["words", `${id}\thello greet succeeded, 2024-10-31 22:09 UTC`],
  ],
  [
    ["block", ""],
    ["words", "pull\tInstall blocks from a registry", "push\tSend a block to its registry"],
  ],
  [
    ["blocks", "run", "hello", ""],
    ["words", "greet\tSay hello", "grow"],
  ],
  [
    ["help", "block", ""],
    ["words", "pull\tInstall blocks from a registry", "push\tSend a block to its registry"],
  ],
  [
    ["help", "--se"],
    ["words", "--search\tPrint the lines of all topics that contain the word."],
  ],
  [
    ["completion", ""],
    ["words", "bash\tThe script for bash", "zsh\tThe script for zsh", "fish\tThe script for fish"],
  ],
  [["run", "--workspace", ""], ["folders"]],
  [["run", "--dockerfile", ""], ["files"]],
  [["exec", "--", "ls", ""], ["files"]],
  [["run", "nothing", ""], ["words"]],
  [["nothing", ""], ["words"]],
  [["run", "--workspace", "/nowhere", ""], ["words"]],
] as const)("behind %p come %p", async (words, expected) => {
  const found = await candidates(words);
  expect(found.slice(0, expected.length)).toEqual([...expected]);
});

test("behind `--matrix` come the values of the step that is named", async () => {
  const graph = workspace.replace("{name: deploy,", "{name: deploy, matrix: {region: [eu, us], size: [1]},");
  using folder = makeFolder({ "workspace.poly": graph });
  const { stdout } = await folder.run([
    "complete",
    "fish",
    "--",
    "run",
    "release",
    "--step=deploy",
    "--matrix=",
  ]);
  expect(stdout).toBe("words\n--matrix=region=eu\n--matrix=region=us\n--matrix=size=1\n");
});

test("every visible command is a candidate, and the hidden one is not", async () => {
  const found = await candidates([""]);
  expect(found).toContain("run\tRun an action or a workflow");
  expect(found.filter((line) => line.startsWith("block\t"))).toEqual([
    "block\tInstall blocks from a registry",
  ]);
  expect(found.some((line) => line.startsWith("complete\t"))).toBe(false);
});

test("behind `help` come commands and topics, each once", async () => {
  const found = await candidates(["help", ""]);
  expect(found).toContain("run\tRun an action or a workflow");
  expect(found).toContain(
    "records\tEach run of an action leaves a record and a log, which history, logs and inspect show.",
  );
  const names = found.map((line) => line.split("\t")[0] ?? "");
  for (const name of topicNames) expect(names).toContain(name);
  expect(new Set(names).size).toBe(names.length);
});

test("flags come with what they mean, also the negative ones", async () => {
  const found = await candidates(["run", "hello", "-"]);
  expect(found).toContain("--no-build\tDo not build; fail if the image does not exist.");
  expect(found).toContain("--help\tShow the usage");
});

test("an unknown shell has no completion: 64", async () => {
  using folder = makeFolder({});
  expect(await folder.run(["completion", "tcsh"])).toEqual({
    stdout: "",
    stderr: "error: unsupported shell `tcsh`\nhint: use one of bash, zsh, fish\n",
    exitCode: 64,
  });
});
