import { expect, test } from "bun:test";
import fc from "fast-check";
import { completeWord, parseCommandLine } from "../src/cli/completion/commandLine.ts";
import { call, makeFolder } from "./harness.ts";

const breaks = ` \t\n"'><=;|&(:`;

test.each([
  ["polycrate run he", ["polycrate", "run"], { text: "he", quote: "", replaceFrom: 0 }],
  ["polycrate run ", ["polycrate", "run"], { text: "", quote: "", replaceFrom: 0 }],
  ["polycrate  'a b' c\\ d", ["polycrate", "a b"], { text: "c d", quote: "", replaceFrom: 0 }],
  ['polycrate "a\\$b\\c', ["polycrate"], { text: "a$b\\c", quote: '"', replaceFrom: 0 }],
  ["polycrate host:50", ["polycrate"], { text: "host:50", quote: "", replaceFrom: 5 }],
  ["polycrate host\\:50", ["polycrate"], { text: "host:50", quote: "", replaceFrom: 0 }],
  ["polycrate x'host:50", ["polycrate"], { text: "xhost:50", quote: "'", replaceFrom: 1 }],
  ["polycrate --output=j", ["polycrate"], { text: "--output=j", quote: "", replaceFrom: 9 }],
  ["polycrate $(touch x", ["polycrate", "$(touch"], { text: "x", quote: "", replaceFrom: 0 }],
] as const)("the unfinished line %s is split as bash does it", (line, words, current) => {
  expect(parseCommandLine(line, breaks)).toEqual({ words: [...words], current });
});

test("bash reads back every word that completion writes, in any quotes", async () => {
  const name = fc.string({
    unit: fc.constantFrom(..."ab ü$(`'\"\\;*~#!&|<>{}[]?:=/"),
    minLength: 1,
    maxLength: 8,
  });
  for (const quote of ["", "'", '"'] as const) {
    const values = fc.sample(name, 200);
    const written = values.map(
      (value) => quote + completeWord(value, { text: "", quote, replaceFrom: 0 }) + quote,
    );
    const { stdout } = await call(["bash", "-c", `printf '%s\\n' ${written.join(" ")}`]);
    expect(stdout.split("\n").slice(0, -1)).toEqual(values);
  }
});

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
`;

const id = "0192e4a0-0000-7000-8000-000000000001";
const record = `id: ${id}\nblock: hello\naction: greet\nstatus: succeeded\n`;

/** What fish gets to hear of the words typed so far, of which the last is at the cursor. */
async function items(words: readonly string[]): Promise<readonly string[]> {
  using folder = makeFolder({ "workspace.poly": workspace, [`.logs/2024/10/31/${id}.yml`]: record });
  const { stdout, stderr, exitCode } = await folder.run(["complete", "fish", "--", ...words]);
  expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
  return stdout.trimEnd().split("\n");
}

test.each([
  [
    ["run", ""],
    ["words", "base:1.2", "heir\tfrom base:1.2", "hello\tA local block", "release\tBuild and deploy"],
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
    ["logs", ""],
    ["words", `${id}\thello greet succeeded, 2024-10-31 22:09 UTC`],
  ],
  [
    ["block", ""],
    ["words", "new\tWrite a new block", "list\tList blocks, actions and workflows"],
  ],
  [
    ["blocks", "run", "hello", ""],
    ["words", "greet\tSay hello", "grow"],
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
  const found = await items(words);
  expect(found.slice(0, expected.length)).toEqual([...expected]);
});

test("every visible command is a candidate, and the hidden one is not", async () => {
  const found = await items([""]);
  expect(found).toContain("run\tRun an action in a container");
  expect(found.filter((line) => line.startsWith("block\t"))).toEqual(["block\tWrite a new block"]);
  expect(found.some((line) => line.startsWith("complete\t"))).toBe(false);
});

test("flags come with what they mean, also the negative ones", async () => {
  const found = await items(["run", "hello", "-"]);
  expect(found).toContain("--no-build\tBuild nothing; fail when the image is missing.");
  expect(found).toContain("--help\tShow how it is used");
});

test("an unknown shell has no completion: 64", async () => {
  using folder = makeFolder({});
  expect(await folder.run(["completion", "tcsh"])).toEqual({
    stdout: "",
    stderr: "error: there is no completion for `tcsh`\nhint: choose one of bash, zsh, fish\n",
    exitCode: 64,
  });
});
