import { expect, test } from "bun:test";
import { makeFolder } from "../support/harness.ts";

const files = {
  "workspace.poly": `name: w
blocks:
  - {name: good, actions: [{name: a, script: [echo]}]}
  - {name: bad, actions: [{name: say hello, script: [echo]}]}
  - {actions: []}
  - {name: heir, from: bad}
workflows:
  - {name: fine, steps: [{name: s, block: good, action: a}]}
  - {name: half, steps: [{name: s, action: a}]}
  - {name: my way, steps: []}
`,
};

const warnings = `warning: block \`bad\` is broken; \`polycrate validate\` shows details
warning: \`blocks[2]\` in workspace.poly is broken; \`polycrate validate\` shows details
warning: workflow \`half\` is broken; \`polycrate validate\` shows details
warning: workflow \`my way\` is broken; \`polycrate validate\` shows details
`;

test("a broken block, name or step of `workspace.poly` is named in one line, and everything else goes on", async () => {
  using folder = makeFolder(files);
  expect(await folder.run(["list"])).toEqual({
    stdout: `bad           broken
└─ say hello
good
└─ a
heir          from bad
└─ say hello
fine          workflow
└─ s          good a
half          workflow, broken
my way        workflow, broken
`,
    stderr: warnings,
    exitCode: 0,
  });
  for (const words of [["good", "a"], ["fine"]]) {
    const dry = await folder.run(["run", ...words, "--dry-run"]);
    expect({ stderr: dry.stderr, exitCode: dry.exitCode }).toEqual({ stderr: warnings, exitCode: 0 });
  }
});

test.each([
  [["bad", "say hello"], "workspace.poly:4:34: `blocks[1].actions[0].name`: expected a name"],
  [["heir", "say hello"], "workspace.poly:4:34: `blocks[1].actions[0].name`: expected a name"],
  [["half"], "workspace.poly:9:26: `workflows[1].steps[0].block` is missing"],
  [["half", "--step", "s"], "workspace.poly:9:26: `workflows[1].steps[0].block` is missing"],
  [["my way"], "workspace.poly:10:12: `workflows[2].name`: expected a name"],
  [["through"], "workspace.poly:4:34: `blocks[1].actions[0].name`: expected a name"],
])("what needs the broken part is refused with the reason, once: `run %p`", async (words, message) => {
  using folder = makeFolder(files);
  folder.write("workspace.poly", `${files["workspace.poly"]}${through}`);
  const { stderr, exitCode } = await folder.run(["run", ...words, "--dry-run"]);
  expect(exitCode).toBe(65);
  expect(stderr).toContain(`error: ${message}`);
  const broken = words[0] === "heir" || words[0] === "through" ? "bad" : words[0];
  const others = warnings.split("\n").filter((line) => !line.includes(`\`${broken}\``));
  expect(stderr).toStartWith(others.join("\n"));
});

const through = "  - {name: through, steps: [{name: s, block: heir, action: a}]}\n";

test("an action that does nothing stops no other, nor a child that fills it; `validate` and a run of it say so", async () => {
  using folder = makeFolder({
    "workspace.poly": "name: w\n",
    "blocks/base/block.poly": "name: base\nactions: [{name: a, script: [pwd]}, {name: b, script: []}]\n",
    "blocks/app/block.poly": "name: app\nfrom: base\nactions: [{name: b, script: [pwd]}]\n",
  });
  for (const words of [
    ["base", "a"],
    ["app", "b"],
  ]) {
    const { stderr, exitCode } = await folder.run(["run", ...words, "--dry-run"]);
    expect({ words, stderr, exitCode }).toEqual({ words, stderr: "", exitCode: 0 });
  }
  const hint = "hint: add `script:` with a list of shell commands, or `playbook:` with a path";
  const empty = "the `script` of action `b` of block `base` is empty";
  expect(await folder.run(["run", "base", "b"])).toEqual({
    stdout: "",
    stderr: `error: ${empty}\n${hint}\n`,
    exitCode: 65,
  });
  const { stdout, exitCode } = await folder.run(["validate"]);
  expect(exitCode).toBe(65);
  expect(stdout).toStartWith(`error: blocks/base/block.poly:2:44: ${empty} [nothing-to-run]\n`);
  expect(stdout).toEndWith("\n1 error, 0 warnings\n");
});

test("what is wrong with the settings of `workspace.poly` stops every command", async () => {
  using folder = makeFolder({ "workspace.poly": "name: w\nconfig: {container: {imgae: x}}\n" });
  expect(await folder.run(["list"])).toMatchObject({ stdout: "", exitCode: 65 });
});

test("known keys of `workspace.poly` in another case are read, with one warning, and are canonical in the snapshot", async () => {
  using folder = makeFolder({
    "workspace.poly": `Name: w
extraEnv: [A=1]
Config: {blocksRoot: parts, Globals: {Kept: 1}, Container: {Image: img, Env: {Port: 0644}}}
Blocks: [{Name: b, From: base, Config: {Kept: 1}, Actions: [{Name: a, Script: [true]}]}]
Workflows: [{Name: r, Steps: [{Name: s, Block: b, Action: a}]}]
`,
    "parts/base/block.poly": "name: base\n",
  });
  const { stdout, stderr, exitCode } = await folder.run(["snapshot", "b", "a"]);
  expect({ stderr, exitCode }).toEqual({
    stderr:
      "warning: workspace.poly:1:1: keys are read in lower case: `Name`, `extraEnv`, `Config`, `Config.blocksRoot`, `Config.Globals`, 16 more\nhint: write polycrate's keys in lower case\n",
    exitCode: 0,
  });
  expect(stdout).toContain(`workspace:
  name: w
  extraenv:
    - A=1
  config:
    blocksroot: parts
    globals:
      Kept: 1
    container:
      image: img
      env:
        Port: "0644"
`);
  expect(stdout).toContain(`  config:
    Kept: 1
  actions:
    - name: a
      script:
        - "true"
`);
  expect(stdout).toMatch(/\n {2}A: "1"\n/);
});

test("an error below a key in another case still has its place", async () => {
  using folder = makeFolder({ "workspace.poly": "name: w\nConfig:\n  Container:\n    Stop_Timeout: soon\n" });
  const { stderr } = await folder.run(["list"]);
  expect(stderr).toStartWith("error: workspace.poly:4:19: `config.container.stop_timeout`: ");
});

test("`extraenv` may be one text", async () => {
  using folder = makeFolder({ "workspace.poly": 'name: w\nextraenv: "A=1, B=a=b,C="\n' });
  const { stdout, stderr } = await folder.run(["snapshot"]);
  expect(stderr).toBe("");
  expect(stdout).toContain('\n  A: "1"\n  B: a=b\n  C: ""\n');
});

test("metadata and `x-…` keys bring no warning, wherever keys are checked", async () => {
  using folder = makeFolder({
    "workspace.poly": `name: w
x-top: 1
config: {x-mine: 1, x-image: 1, container: {x-note: 1, image: "a:1"}}
workflows: [{name: r, x-a: 1, steps: [{name: s, block: b, action: a, description: d, x-b: 1, prompt: {x-c: 1}}]}]
`,
    "blocks/b/block.poly": `name: b
git_repository_url: u
license_url: u
website_url: u
documentation_url: u
supports_ha: true
x-block: 1
inventory: {x-i: 1}
actions: [{name: a, x-action: 1, script: [echo]}]
`,
  });
  expect(await folder.run(["validate"])).toMatchObject({
    stdout: "w is valid: 1 block, no problems\n",
    exitCode: 0,
  });
});

test.each(["0", "false", "False", ""])("`CI=%s` is not CI", async (ci) => {
  using folder = makeFolder({
    "workspace.poly": "name: w\nblocks: [{name: b, actions: [{name: a, script: [cat]}]}]\n",
  });
  const dry = (value: string) =>
    folder.run(["run", "b", "a", "--dry-run"], { env: { CI: value }, input: "data" });
  expect((await dry(ci)).stdout).toContain("--interactive");
  expect((await dry("true")).stdout).not.toContain("--interactive");
});

test.each(["x y", "a\u202eb", "../x"])("`block new` refuses the name `%s`", async (name) => {
  using folder = makeFolder({ "workspace.poly": "name: w\n" });
  const { stderr, exitCode } = await folder.run(["block", "new", name]);
  expect(exitCode).toBe(64);
  expect(stderr).toContain("hint: use a name like `my-app` or `infra/database`, without spaces");
  expect(folder.glob("blocks/**")).toEqual([]);
});
