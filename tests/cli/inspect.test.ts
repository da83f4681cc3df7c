import { expect, test } from "bun:test";
import { parse } from "yaml";
import { busybox, makeFolder } from "../support/harness.ts";

const files = {
  "workspace.poly": `name: test-workspace
organization: acme
config: {container: {image: "${busybox}", env: {TOKEN: {from_env: NOT_SET_HERE}}}}
blocks:
  - name: app
    from: base
    config: {replicas: 3, fooBar: false}
  - {name: base, config: {extra: <<, 80: http}}
`,
  "blocks/base/block.poly": `name: base
version: 1.10
template: true
config:
  replicas: 1
  deep: {list: [1, 0644], big: 9007199254740993}
actions:
  - name: install
    alias: up
    script:
      - echo installing
      - echo done
  - {name: prune, playbook: prune.yml, timeout: 5m}
`,
};

const app = `name: app
from: base
config:
  replicas: 3
  fooBar: false
  extra: "<<"
  80: http
  deep:
    list:
      - 1
      - 420
    big: 9007199254740993
version: 1.10
actions:
  - name: install
    alias: up
    script:
      - echo installing
      - echo done
  - name: prune
    playbook: prune.yml
    timeout: 5m
`;

test("a block is printed as it is resolved", async () => {
  using folder = makeFolder(files);
  expect(await folder.run(["inspect", "app"])).toEqual({ stdout: app, stderr: "", exitCode: 0 });
  const json = await folder.run(["inspect", "app", "--output", "json"]);
  expect(json.exitCode).toBe(0);
  expect(JSON.parse(json.stdout)).toEqual({
    name: "app",
    from: "base",
    config: {
      replicas: 3,
      fooBar: false,
      extra: "<<",
      80: "http",
      deep: { list: [1, 420], big: "9007199254740993" },
    },
    version: 1.1,
    actions: [
      { name: "install", alias: "up", script: ["echo installing", "echo done"] },
      { name: "prune", playbook: "prune.yml", timeout: "5m" },
    ],
  });
  expect((await folder.run(["block", "inspect", "app"])).stdout).toBe(app);
});

test("an action is printed as it is resolved, by its alias too", async () => {
  using folder = makeFolder(files);
  const action = "name: install\nalias: up\nscript:\n  - echo installing\n  - echo done\n";
  expect(await folder.run(["inspect", "app", "install"])).toEqual({
    stdout: action,
    stderr: "",
    exitCode: 0,
  });
  expect((await folder.run(["inspect", "app", "up"])).stdout).toBe(action);
  expect(await folder.run(["inspect", "app", "instal"])).toEqual({
    stdout: "",
    stderr: "error: block `app` has no action `instal`\nhint: did you mean `install`?\n",
    exitCode: 64,
  });
});

test("the workspace is printed with every block resolved, and those that cannot be as they are written", async () => {
  using folder = makeFolder(files);
  folder.write("blocks/astray/block.poly", "name: astray\nfrom: gone\n");
  const { stdout, stderr, exitCode } = await folder.run(["inspect"]);
  expect({ stderr, exitCode }).toEqual({
    stderr: "warning: block `astray` is broken; `polycrate validate` shows details\n",
    exitCode: 0,
  });
  const workspace = parse(stdout);
  expect(workspace).toMatchObject({
    name: "test-workspace",
    organization: "acme",
    path: "/workspace",
    localpath: folder.path,
    containerpath: "/workspace",
    blocks: [
      {
        name: "app",
        config: { replicas: 3, 80: "http" },
        workdir: { path: "/workspace/blocks/base", localpath: `${folder.path}/blocks/base` },
        artifacts: { path: "/workspace/artifacts/blocks/app" },
        inventory: { path: "/etc/ansible/hosts" },
      },
      { name: "astray", from: "gone" },
      { name: "base", template: true },
    ],
  });
});

test("`--explain` says for every key which file, line and block it came from", async () => {
  using folder = makeFolder(files);
  expect(await folder.run(["inspect", "app", "--explain"])).toEqual({
    stdout: `KEY                     VALUE                            BLOCK  DEFINED AT
name                    app                              app    workspace.poly:5:5
from                    base                             app    workspace.poly:6:5
config.replicas         3                                app    workspace.poly:7:14
config.fooBar           false                            app    workspace.poly:7:27
config.extra            <<                               base   workspace.poly:8:27
config.80               http                             base   workspace.poly:8:38
config.deep.list        [1,420]                          base   blocks/base/block.poly:6:10
config.deep.big         9007199254740993                 base   blocks/base/block.poly:6:27
version                 1.10                             base   blocks/base/block.poly:2:1
actions.install.name    install                          base   blocks/base/block.poly:8:5
actions.install.alias   up                               base   blocks/base/block.poly:9:5
actions.install.script  ["echo installing","echo done"]  base   blocks/base/block.poly:10:5
actions.prune.name      prune                            base   blocks/base/block.poly:13:6
actions.prune.playbook  prune.yml                        base   blocks/base/block.poly:13:19
actions.prune.timeout   5m                               base   blocks/base/block.poly:13:40
`,
    stderr: "",
    exitCode: 0,
  });
  const json = await folder.run(["inspect", "app", "prune", "--explain", "--output", "json"]);
  expect(JSON.parse(json.stdout)).toEqual([
    {
      key: "actions.prune.name",
      value: "prune",
      block: "base",
      file: "blocks/base/block.poly",
      line: 13,
      column: 6,
    },
    {
      key: "actions.prune.playbook",
      value: "prune.yml",
      block: "base",
      file: "blocks/base/block.poly",
      line: 13,
      column: 19,
    },
    {
      key: "actions.prune.timeout",
      value: "5m",
      block: "base",
      file: "blocks/base/block.poly",
      line: 13,
      column: 40,
    },
  ]);
});

test("`--explain` finds keys that come by an anchor or a merge key, and skips those that stand there for nothing", async () => {
  using folder = makeFolder({
    "workspace.poly": `name: test-workspace
config: {shared: &shared {region: eu, size: 1}}
blocks:
  - name: app
    from: base
    labels:
    config:
      <<: *shared
      size: 2
      copy: *shared
    actions:
      - {name: go, script: }
  - {name: base, labels: {}, actions: [{name: go, script: "true"}]}
`,
  });
  const { stdout } = await folder.run(["inspect", "app", "--explain", "--output", "json"]);
  const rows: readonly { key: string; line: number; column: number }[] = JSON.parse(stdout);
  expect(rows.map(({ key, line, column }) => `${key} ${line}:${column}`)).toEqual([
    "name 4:5",
    "from 5:5",
    "config.size 9:7",
    "config.copy.region 2:27",
    "config.copy.size 2:39",
    "config.region 2:27",
    "actions.go.name 12:10",
    "actions.go.script 13:51",
    "labels 13:18",
  ]);
});

test("`--explain` requires a block", async () => {
  using folder = makeFolder(files);
  expect(await folder.run(["inspect", "--explain"])).toEqual({
    stdout: "",
    stderr: "error: `--explain` requires a block\nhint: use `polycrate inspect BLOCK --explain`\n",
    exitCode: 64,
  });
});

test("what stands in a file cannot paint the terminal", async () => {
  using folder = makeFolder({
    "workspace.poly": 'name: test-workspace\nblocks:\n  - {name: app, config: {"\\e[31mred": "\\e[2J\\n"}}\n',
  });
  for (const words of [["inspect", "app"], ["inspect", "app", "--explain"], ["inspect"]]) {
    const { stdout } = await folder.run(words);
    expect(stdout.includes("\x1b")).toBe(false);
    expect(stdout).toContain("red");
  }
});
