import { expect, test } from "bun:test";
import { parse } from "yaml";
import { executable, makeFolder } from "../support/harness.ts";
import { openScreen } from "../support/screen.ts";

const files = {
  "workspace.poly": `name: shop
blocks:
  - name: my-app
    from: base
    description: The shop itself
    alias: [app]
    actions:
      - {name: deploy, description: "Put it into production\\nwith care", script: echo hi, alias: go}
workflows:
  - name: release
    description: Build, then deploy
    steps:
      - {name: test, block: base, action: check}
      - {name: ship, block: my-app, action: deploy}
`,
  "blocks/base/block.poly": `name: base
version: "1.2"
template: true
actions:
  - {name: check, description: See that it works, script: echo hi}
`,
};

test("the list is a tree of blocks, actions and workflows", async () => {
  using folder = makeFolder(files);
  expect(await folder.run(["list"])).toEqual({
    stderr: "",
    exitCode: 0,
    stdout: `base:1.2       template
└─ check       See that it works
my-app         from base  The shop itself
├─ check       See that it works
└─ deploy, go  Put it into production
release        workflow  Build, then deploy
├─ test        base check
└─ ship        my-app deploy
`,
  });
});

test("its JSON and YAML have the same keys, documented in the README", async () => {
  using folder = makeFolder(files);
  const check = { name: "check", alias: [], description: "See that it works", inputs: [] };
  const expected = {
    workspace: "shop",
    blocks: [
      {
        name: "base",
        version: "1.2",
        alias: [],
        from: null,
        template: true,
        description: null,
        directory: "blocks/base",
        origin: null,
        broken: null,
        actions: [check],
      },
      {
        name: "my-app",
        version: null,
        alias: ["app"],
        from: "base",
        template: false,
        description: "The shop itself",
        directory: null,
        origin: null,
        broken: null,
        actions: [
          check,
          { name: "deploy", alias: ["go"], description: "Put it into production\nwith care", inputs: [] },
        ],
      },
    ],
    workflows: [
      {
        name: "release",
        alias: [],
        description: "Build, then deploy",
        broken: null,
        steps: [
          { name: "test", block: "base", action: "check" },
          { name: "ship", block: "my-app", action: "deploy" },
        ],
      },
    ],
  };
  const json = await folder.run(["list", "--output=json"]);
  expect(JSON.parse(json.stdout)).toEqual(expected);
  const yaml = await folder.run(["list", "--output=yaml"]);
  expect(parse(yaml.stdout)).toEqual(expected);
});

test("a broken block is listed as it is written, and marked", async () => {
  using folder = makeFolder({
    "workspace.poly":
      "name: shop\nblocks:\n  - {name: orphan, from: nobody, actions: [{name: act, script: echo}]}\n",
  });
  const { stdout, exitCode } = await folder.run(["list"]);
  expect({ stdout, exitCode }).toEqual({ stdout: "orphan  broken, from nobody\n└─ act\n", exitCode: 0 });
  const json = JSON.parse((await folder.run(["list", "--output=json"])).stdout);
  expect(json.blocks[0].broken).toContain("`nobody`, which does not exist");
});

test("an empty workspace says how to go on", async () => {
  using folder = makeFolder({ "workspace.poly": "name: shop" });
  const { stdout } = await folder.run(["list"]);
  expect(stdout).toBe("shop has no blocks yet; `polycrate block new NAME` creates one in blocks/\n");
});

test("nothing in a file can paint the terminal", async () => {
  using folder = makeFolder({
    "workspace.poly": 'name: shop\nblocks:\n  - {name: evil, description: "\\e[31mred\\e]0;title\\a"}\n',
  });
  const { stdout } = await folder.run(["list"]);
  expect(stdout).toBe("evil  \\u001b[31mred\\u001b]0;title\\u0007\n");
});

test("on a terminal lines are cut to its width, and names are bold", async () => {
  using folder = makeFolder(files);
  await using screen = openScreen([executable, "list"], {
    directory: folder.path,
    columns: 30,
    env: { NO_COLOR: undefined },
  });
  const shown = await screen.until("my-app deploy", { raw: true });
  expect(shown).toContain("Put it into pr…\n");
  expect(shown).toContain("\u001b[1mmy-app\u001b[22m");
});

test("`run` without a word lets a person choose; typing narrows the list", async () => {
  using folder = makeFolder(files);
  await using screen = openScreen([executable, "run", "--dry-run"], { directory: folder.path });
  expect(await screen.until("Put it into production")).not.toContain("base");
  screen.type("production");
  await screen.until("1 match");
  screen.type("\r");
  expect(await screen.until("polycrate run my-app deploy")).toContain("my-app deploy");
});

test("`run` without a word offers workflows too", async () => {
  using folder = makeFolder({
    "workspace.poly": files["workspace.poly"].replace(
      "block: base, action: check",
      "block: my-app, action: deploy",
    ),
    "blocks/base/block.poly": files["blocks/base/block.poly"],
  });
  await using screen = openScreen([executable, "run", "--dry-run"], { directory: folder.path });
  await screen.until("Build, then deploy");
  screen.type("release");
  await screen.until("1 match");
  screen.type("\r");
  await screen.until("# polycrate run release");
});

test("leaving the choice runs nothing: 130", async () => {
  using folder = makeFolder(files);
  await using screen = openScreen([executable, "run"], { directory: folder.path });
  await screen.until("Which action or workflow do you want to run?");
  screen.type("\u0003");
  expect(await screen.exited).toBe(130);
  expect(folder.records()).toEqual([]);
});

test("of a graph, the steps are listed with what they need and their matrix", async () => {
  using folder = makeFolder({
    "workspace.poly": `name: shop
blocks: [{name: web, actions: [{name: act, script: x}]}]
workflows:
  - name: release
    steps:
      - {name: build, block: web, action: act}
      - {name: deploy, block: web, action: act, needs: build, matrix: {region: [eu, us], size: [1]}}
`,
  });
  expect((await folder.run(["list"])).stdout).toContain(
    "├─ build   web act\n└─ deploy  web act  after build; region: eu, us; size: 1\n",
  );
  const { workflows } = JSON.parse((await folder.run(["list", "--output=json"])).stdout);
  expect(workflows[0].steps).toEqual([
    { name: "build", block: "web", action: "act", needs: [], matrix: {} },
    {
      name: "deploy",
      block: "web",
      action: "act",
      needs: ["build"],
      matrix: { region: ["eu", "us"], size: ["1"] },
    },
  ]);
});
