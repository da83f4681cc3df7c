import { expect, test } from "bun:test";
import { parse } from "yaml";
import { busybox, call, makeFolder } from "../support/harness.ts";

const head = `name: test-workspace\nconfig: {container: {image: "${busybox}"}}\n`;
const show = `{name: act, script: ['echo "\${ANSIBLE_INVENTORY-none} \${KUBECONFIG-none}"']}`;

test("`from` means what the named block has itself, here the workspace's inventory and the cluster of `k8s`", async () => {
  using folder = makeFolder({
    "workspace.poly": `${head}blocks:
  - {name: servers, actions: [${show}]}
  - {name: web, inventory: {from: servers}, kubeconfig: {from: servers}, actions: [${show}]}
`,
    "inventory.yml": "all: {}\n",
    "artifacts/blocks/k8s/kubeconfig.yml": "{}\n",
  });
  const files = "/workspace/inventory.yml /workspace/artifacts/blocks/k8s/kubeconfig.yml\n";
  expect((await folder.run(["run", "servers", "act"])).stdout).toBe(files);
  expect(await folder.run(["run", "web", "act"])).toMatchObject({ stdout: files, exitCode: 0 });
});

const lending = `${head}blocks:
  - {name: servers, actions: [{name: make, script: ['echo "all: {}" >"$POLYCRATE_BLOCK_ARTIFACTS/inventory.yml"']}]}
  - {name: web, inventory: {from: servers}, actions: [${show}]}
workflows: [{name: both, steps: [{name: make, block: servers, action: make}, {name: use, block: web, action: act}]}]
`;
const lent = "artifacts/blocks/servers/inventory.yml";
const missing = `error: block \`web\` takes its inventory from \`servers\`, but \`${lent}\` does not exist
hint: run the action of \`servers\` that writes it
`;

test("a file that `from` names and is not there yet stops a run, not a dry run or a snapshot; the script tests for it", async () => {
  using folder = makeFolder({ "workspace.poly": lending });
  expect(await folder.run(["run", "web", "act"])).toEqual({ stdout: "", stderr: missing, exitCode: 65 });
  expect(folder.glob(".logs/**")).toEqual([]);
  const snapshot = await folder.run(["snapshot", "web", "act"]);
  expect(snapshot).toMatchObject({ stderr: "", exitCode: 0 });
  expect(parse(snapshot.stdout)).toMatchObject({
    block: { inventory: { from: "servers", path: `/workspace/${lent}` } },
    env: { ANSIBLE_INVENTORY: `/workspace/${lent}` },
  });
  const { stdout: script, ...dry } = await folder.run(["run", "web", "act", "--dry-run"]);
  expect(dry).toEqual({ stderr: "", exitCode: 0 });
  expect(await call(["sh"], { input: script })).toEqual({ stdout: "", stderr: missing, exitCode: 65 });
  expect(folder.glob(".polycrate/**")).toEqual([]);
  folder.write(lent, "all: {}\n");
  expect(await call(["sh"], { input: script })).toMatchObject({
    stdout: `/workspace/${lent} none\n`,
    exitCode: 0,
  });
});

test("the first step of a workflow may write the file that the second one takes", async () => {
  using folder = makeFolder({ "workspace.poly": lending });
  const { stdout: script } = await folder.run(["run", "both", "--dry-run"]);
  expect(await folder.run(["run", "both"])).toMatchObject({
    stdout: `/workspace/${lent} none\n`,
    exitCode: 0,
  });
  await call(["rm", `${folder.path}/${lent}`]);
  expect(await call(["sh"], { input: script })).toMatchObject({
    stdout: `/workspace/${lent} none\n`,
    exitCode: 0,
  });
});

test("a `from` that names no block is refused, dry run or not; `workspace` gets the way to the workspace's own file", async () => {
  using folder = makeFolder({
    "workspace.poly": `${head}blocks: [{name: web, inventory: {from: workspace}, actions: [${show}]}]\n`,
  });
  for (const words of [
    ["run", "web", "act"],
    ["run", "web", "act", "--dry-run"],
    ["snapshot", "web"],
  ]) {
    expect(await folder.run(words)).toEqual({
      stdout: "",
      stderr:
        "error: block `web` takes its inventory from `workspace`, which is not a block of this workspace\nhint: remove `from`: a block without its own file uses that of the workspace\n",
      exitCode: 65,
    });
  }
});
