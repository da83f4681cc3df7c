import { describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { type Folder, makeFolder } from "../support/harness.ts";
import { hello, image, olderWorkspaces } from "../support/olderWorkspaces.ts";

describe("runs as it is:", () => {
  test.each(olderWorkspaces.map(([name, files, block]) => [name, files, block ?? "app"] as const))(
    "%s",
    async (_, files, block) => {
      using folder = makeFolder(files);
      const { stdout, stderr, exitCode } = await folder.run(["run", block, "greet"]);
      expect({ stdout, exitCode, stderr }).toMatchObject({ stdout: "hello\n", exitCode: 0 });
      expect(stderr).not.toContain("warning");
    },
  );
});

/** What the lines of a script print in a workspace with this head. */
async function printed(folder: Folder, head: string, script: readonly string[]): Promise<string> {
  const lines = script.map((line) => `      - ${JSON.stringify(line)}\n`).join("");
  folder.write(
    "workspace.poly",
    `name: old\n${head}blocks:\n- name: app\n  actions:\n  - name: greet\n    script:\n${lines}`,
  );
  const { stdout, stderr, exitCode } = await folder.run(["run", "app", "greet"]);
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  return stdout;
}

test("the value of an `extraenv` may have `=` in it, and keeps its spaces, quotes and braces", async () => {
  using folder = makeFolder({});
  const head = `${image}extraenv:
  - "YOUR_NAME=Max Mustermann"
  - A=b=c==
  - EMPTY=
  - 'QUOTED="q" {{ x }} \${HOME}'
`;
  const script = ['printf "[%s]\\n" "$YOUR_NAME" "$A" "$EMPTY" "$QUOTED"'];
  expect(await printed(folder, head, script)).toBe('[Max Mustermann]\n[b=c==]\n[]\n["q" {{ x }} ${HOME}]\n');
});

test("`extramounts` mounts with and without `:ro`, absolute and relative to the workspace", async () => {
  using folder = makeFolder({});
  for (const name of ["open", "closed"]) {
    mkdirSync(`${folder.path}/${name}`);
    writeFileSync(`${folder.path}/${name}/file`, `${name}\n`);
  }
  const head = `${image}extramounts:
  - "${folder.path}/open:/open"
  - ./closed:/closed:ro
`;
  const script = [
    "cat /open/file /closed/file",
    "touch /open/new",
    "touch /closed/new 2>/dev/null || echo kept",
  ];
  expect(await printed(folder, head, script)).toBe("open\nclosed\nkept\n");
  expect(folder.glob("*/new")).toEqual(["open/new"]);
});

test("Go templates in a script reach the shell as they stand", async () => {
  using folder = makeFolder({});
  expect(await printed(folder, image, ["echo 'This is {{ .Action.Name }}' {{x}} ${HOME:+set}"])).toBe(
    "This is {{ .Action.Name }} {{x}} set\n",
  );
});

test("artifacts of a block with slashes are below its whole name, and its older variables are there", async () => {
  using folder = makeFolder({
    "workspace.poly": `name: old\n${image}blocks: [{name: cargo.ayedo.cloud/ayedo/k8s/app, from: base/block}]\n`,
    "blocks/base/block/block.poly": `name: base/block
actions:
  - name: greet
    script:
      - pwd; echo "$POLYCRATE_WORKSPACE $POLYCRATE_BLOCK $POLYCRATE_ACTION $IN_CONTAINER"
      - echo made >"$POLYCRATE_BLOCK_ARTIFACTS/out"
      - test "$POLYCRATE_WORKSPACE_SNAPSHOT_YAML" = "$POLYCRATE_SNAPSHOT_FILE"
`,
  });
  const { stdout } = await folder.run(["run", "cargo.ayedo.cloud/ayedo/k8s/app", "greet"]);
  expect(stdout).toBe("/workspace/blocks/base/block\n/workspace cargo.ayedo.cloud/ayedo/k8s/app greet 1\n");
  expect(folder.read("artifacts/blocks/cargo.ayedo.cloud/ayedo/k8s/app/out")).toBe("made\n");
});

test("the step of a workflow is in the snapshot as it is written, with its workflow", async () => {
  using folder = makeFolder({
    "workspace.poly": `name: old
${image}blocks: [{name: app, actions: [{name: show, script: ["sed -n '/^workflow:/,/^transaction:/p' $POLYCRATE_SNAPSHOT_FILE"]}]}]
workflows: [{name: release, labels: {a: b}, steps: [{name: first, block: app, action: show, description: d}]}]
`,
  });
  const { stdout } = await folder.run(["run", "release"]);
  expect(stdout).toBe(`workflow:
  name: release
  labels:
    a: b
  steps:
    - name: first
      block: app
      action: show
      description: d
step:
  name: first
  block: app
  action: show
  description: d
  workflow: release
transaction:
`);
});

test("broken blocks are named in one line each, and the others run", async () => {
  using folder = makeFolder({
    "workspace.poly": `name: old\n${image}blocks: [{name: app, ${hello}}, {name: orphan, from: gone}]\n`,
    "blocks/tab/block.poly": "name: tab\nactions:\n\t- name: go\n",
    "blocks/typed/block.poly": "name: typed\nactions: {go: {script: echo}}\n",
  });
  const { stdout, stderr, exitCode } = await folder.run(["run", "app", "greet"]);
  expect({ stdout, exitCode }).toEqual({ stdout: "hello\n", exitCode: 0 });
  expect(stderr).toStartWith(`warning: blocks/tab/block.poly is broken; \`polycrate validate\` shows details
warning: blocks/typed/block.poly is broken; \`polycrate validate\` shows details
warning: block \`orphan\` is broken; \`polycrate validate\` shows details
app greet succeeded`);
  expect(await folder.run(["run", "tab", "go"])).toMatchObject({
    stderr: expect.stringContaining(
      "error: blocks/tab/block.poly:3:1: the line is indented with a tab\nhint: indent it with spaces\n",
    ),
    exitCode: 65,
  });
});
