import { expect, test } from "bun:test";
import { homedir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { busybox, makeFolder } from "../support/harness.ts";

const files = {
  "workspace.poly": `name: größe
organization: acme
config: {container: {image: "${busybox}"}, globals: , Own: {Key: kept}}
blocks:
  - name: app
    from: base
    labels: {team: a, polycrate.io/managed-by: hand}
`,
  "blocks/base/block.poly": `name: base
kind: k8sapp
labels:
actions:
  - name: greet
    script:
      - set -u
      - echo "$IN_CI $IN_CONTAINER $TERM $POLYCRATE_FORCE $POLYCRATE_IMAGE_REFERENCE $POLYCRATE_IMAGE_VERSION"
      - test "$POLYCRATE_CLI_VERSION" = "$POLYCRATE_VERSION"
      - echo "$ANSIBLE_DISPLAY_OK_HOSTS $ANSIBLE_DISPLAY_SKIPPED_HOSTS $ANSIBLE_VARS_ENABLED $ANSIBLE_RUN_VARS_PLUGINS"
      - echo "\${KUBECONFIG-unset} \${ANSIBLE_INVENTORY-unset}"
`,
};

test("the snapshot has what the Go program's had: defaults, mappings in the place of nothing, labels, blocks of actions", async () => {
  using folder = makeFolder(files);
  const { stdout, stderr, exitCode } = await folder.run(["snapshot", "app", "greet"]);
  expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
  const { workspace, block, action, env } = parse(stdout);
  const kubeconfig = join(homedir(), ".kube/config");
  expect(workspace.config).toEqual({
    container: { image: busybox },
    globals: {},
    Own: { Key: "kept" },
    image: { reference: "polycrate-test", version: "busybox" },
    blocksroot: "blocks",
    logsroot: ".logs",
    blocksconfig: "block.poly",
    workspaceconfig: "workspace.poly",
    workflowsroot: "workflows",
    artifactsroot: "artifacts",
    containerroot: "/workspace",
    sshprivatekey: "id_rsa",
    sshpublickey: "id_rsa.pub",
    remoteroot: "/polycrate",
    dockerfile: "Dockerfile.poly",
  });
  expect(workspace).toMatchObject({
    events: {},
    inventory: { path: "/workspace/inventory.yml", localpath: `${folder.path}/inventory.yml` },
    kubeconfig: { path: kubeconfig, localpath: kubeconfig, containerpath: kubeconfig },
  });
  expect(block).toMatchObject({
    inventory: { path: "/etc/ansible/hosts", containerpath: "/etc/ansible/hosts" },
    kubeconfig: { path: kubeconfig },
    events: {},
    actions: [{ name: "greet", block: "app" }],
  });
  expect(Object.entries(block.labels)).toEqual([
    ["team", "a"],
    ["polycrate.io/managed-by", "hand"],
    ["workspaces.polycrate.io/name", "größe"],
    ["blocks.polycrate.io/name", "app"],
    ["blocks.polycrate.io/kind", "k8sapp"],
    ["organizations.polycrate.io/name", "acme"],
  ]);
  expect(action.block).toBe("app");
  expect(env).toMatchObject({ IN_CI: "true", IN_CONTAINER: "1", POLYCRATE_FORCE: "0" });
  expect(env).not.toContainKey("TERM");
  expect(await folder.run(["inspect", "app", "--explain"])).toMatchObject({ stderr: "", exitCode: 0 });
});

test("`block.checksum` is the Go program's: MD5s of paths and contents, folded anew at each file and folder", async () => {
  using folder = makeFolder({ ...files, "blocks/base/z": "last", "blocks/base/d/a": "first" });
  const md5 = (text: string) => new Bun.CryptoHasher("md5").update(text).digest("hex");
  const base = `${folder.path}/blocks/base`;
  const fold = (hash: string, path: string, content: string) => md5(hash) + md5(path) + md5(content);
  const afterBlock = fold(md5(""), `${base}/block.poly`, files["blocks/base/block.poly"]);
  const afterA = fold(md5(afterBlock), `${base}/d/a`, "first");
  const expected = md5(fold(afterA, `${base}/z`, "last"));
  expect(parse((await folder.run(["snapshot", "base"])).stdout).block.checksum).toBe(expected);
});

test("a script under `set -u` finds the variables of the Go program", async () => {
  using folder = makeFolder(files);
  const { stdout, stderr, exitCode } = await folder.run(["run", "app", "greet", "--force"]);
  expect({ stdout, stderr, exitCode }).toMatchObject({
    stdout: `true 1 xterm-256color 1 polycrate-test busybox
True False host_group_vars,polycrate_vars start
unset unset
`,
    exitCode: 0,
  });
});

test("names have letters of any script: docker gets them in its own, labels as they are", async () => {
  using folder = makeFolder({
    "workspace.poly": `name: ä
config: {container: {image: "${busybox}"}}
blocks: [{name: größe, actions: [{name: ø, script: ['echo "$POLYCRATE_ACTION" >"$POLYCRATE_BLOCK_ARTIFACTS/out"']}]}]
workflows: [{name: w, steps: [{name: š, block: größe, action: ø}]}]
`,
  });
  const { stdout } = await folder.run(["run", "größe", "ø", "--dry-run"]);
  expect(stdout).toMatch(/--name=polycrate-a-grosse-o-[0-9a-f]{12} /);
  expect(stdout).toContain("polycrate.action=ø");
  expect(await folder.run(["run", "w"])).toMatchObject({ exitCode: 0 });
  expect(folder.read("artifacts/blocks/größe/out")).toBe("ø\n");
});

test("a dry run of an interactive action needs no terminal, and asks docker for one", async () => {
  using folder = makeFolder({
    "workspace.poly": `name: w\nblocks: [{name: b, actions: [{name: a, interactive: true, script: [top]}]}]\n`,
  });
  const { stdout, stderr, exitCode } = await folder.run(["run", "b", "a", "--dry-run"]);
  expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
  expect(stdout).toContain("\n  --interactive \\\n  --tty \\\n");
  expect(await folder.run(["run", "b", "a"])).toMatchObject({ exitCode: 64 });
});

test("`script: [true, 42, True]` are the words as they are written", async () => {
  using folder = makeFolder({
    "workspace.poly": `name: w\nblocks: [{name: b, actions: [{name: a, script: [true, 0644, True, 1.10]}]}]\n`,
  });
  const { stdout } = await folder.run(["inspect", "b", "a", "--output=json"]);
  expect(JSON.parse(stdout).script).toEqual(["true", "0644", "True", "1.10"]);
});
