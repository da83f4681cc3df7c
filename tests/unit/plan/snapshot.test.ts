import { expect, test } from "bun:test";
import { homedir } from "node:os";
import { workspaceInSnapshot } from "../../../src/plan/snapshot.ts";
import { locateFiles } from "../../../src/workspace/locateFiles.ts";
import { jsonOf, type YamlMap, type YamlValue } from "../../../src/yaml/value.ts";
import { type Facts, planOf, workspaceOf } from "../../support/planning.ts";

const text = `
name: test
organization: acme
alias: kept
config:
  container: {env: {TOKEN: {from_env: TOKEN}, PLAIN: seen}}
  image: {reference: example/image}
inventory: {filename: hosts.yml}
blocks:
  - {name: base, kind: db, labels: {own: yes, polycrate.io/managed-by: me}, actions: [{name: act, script: [x]}]}
  - {name: heir, from: base, config: {a: 1}}
  - {name: orphan, from: nowhere}
workflows:
  - name: w
    steps: [{name: s, block: base, action: act}]
`;

function snapshot(facts: Facts = {}, workspace = text): YamlMap {
  return planOf(workspaceOf({ "workspace.poly": workspace }), { block: "base", action: "act", ...facts })
    .snapshot;
}

/** The workspace of these files as a snapshot has it. */
function snapshotOf(files: Readonly<Record<string, string>>) {
  const workspace = workspaceOf(files);
  return workspaceInSnapshot(workspace, locateFiles(workspace));
}

/** What is at a path of keys and indexes, as JSON has it. */
function at(value: YamlValue | undefined, ...path: readonly (string | number)[]): unknown {
  let found: unknown = value === undefined ? undefined : jsonOf(value);
  for (const key of path)
    found = typeof found === "object" && found !== null ? Reflect.get(found, key) : undefined;
  return found;
}

test("it has eight roots", () => {
  expect([...snapshot().keys()]).toEqual([
    ...["workspace", "block", "action", "workflow", "step", "transaction", "env", "mounts"],
  ]);
});

test("a secret's value is not in it, and neither is what depends on the terminal", () => {
  const made = snapshot();
  expect(at(made, "env", "TOKEN")).toBe("***");
  expect(at(made, "env", "PLAIN")).toBe("seen");
  expect(at(made, "env", "TERM")).toBe(undefined);
  expect(JSON.stringify(jsonOf(made))).not.toContain("s3cr3t");
});

test("mounts are named by what they show", () => {
  expect(at(snapshot(), "mounts", "/work/example")).toBe("/workspace");
});

test("a run outside of workflows has none, one of a step has both as they are written", () => {
  const alone = snapshot();
  expect([at(alone, "workflow"), at(alone, "step")]).toEqual([null, null]);
  const step = snapshot({ step: { workflow: "w", name: "s" } });
  expect(at(step, "workflow", "name")).toBe("w");
  expect(at(step, "step")).toEqual({ name: "s", block: "base", action: "act", workflow: "w" });
  const unknown = snapshot({ step: { workflow: "none", name: "s" } });
  expect(at(unknown, "workflow")).toBe(null);
  expect(at(unknown, "step")).toEqual({ name: "s", workflow: "none" });
});

test("a run without a block has neither block nor action", () => {
  const made = snapshot({ block: undefined, action: undefined });
  expect([at(made, "block"), at(made, "action")]).toEqual([null, null]);
  expect(at(snapshot(), "action", "block")).toBe("base");
});

test("the block has its checksum, its paths, and labels that older playbooks read", () => {
  const made = snapshot();
  expect(at(made, "block", "checksum")).toBe("checksum-of-the-block");
  expect(at(made, "block", "workdir")).toEqual({
    ...{ path: "/workspace", localpath: "/work/example", containerpath: "/workspace" },
  });
  expect(at(made, "block", "artifacts", "localpath")).toBe("/work/example/artifacts/blocks/base");
  expect(at(made, "block", "labels")).toEqual({
    own: "yes",
    "polycrate.io/managed-by": "me",
    "workspaces.polycrate.io/name": "test",
    "blocks.polycrate.io/name": "base",
    "blocks.polycrate.io/kind": "db",
    "organizations.polycrate.io/name": "acme",
  });
  expect(at(made, "block", "actions", 0)).toEqual({ name: "act", script: ["x"], block: "base" });
  expect(at(made, "block", "inventory", "path")).toBe("/etc/ansible/hosts");
  expect(at(made, "block", "kubeconfig", "path")).toBe(`${homedir()}/.kube/config`);
  expect(at(made, "block", "events")).toEqual({});
});

test("every block of the workspace is resolved; one that cannot be stays as it is written", () => {
  const workspace: YamlMap = snapshotOf({ "workspace.poly": text });
  expect(at(workspace, "blocks", 1, "kind")).toBe("db");
  expect(at(workspace, "blocks", 1, "actions", 0, "block")).toBe("heir");
  expect(at(workspace, "blocks", 2)).toEqual({ name: "orphan", from: "nowhere" });
  expect(at(workspace, "alias")).toBe("kept");
});

test("the settings that no file has to name are there, written ones as they are", () => {
  const workspace = snapshotOf({ "workspace.poly": text });
  const { container, ...config } = Object(at(workspace, "config"));
  expect(container).toBeDefined();
  expect(config).toEqual({
    image: { reference: "example/image", version: "latest" },
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
    globals: {},
  });
  expect(at(workspace, "inventory")).toEqual({
    filename: "hosts.yml",
    path: "/workspace/hosts.yml",
    localpath: "/work/example/hosts.yml",
    containerpath: "/workspace/hosts.yml",
  });
  const short = snapshotOf({
    "workspace.poly": "name: t\nconfig: {image: a:1, dockerfile: null, container: {dockerfile: D}}\n",
  });
  expect(at(short, "config", "image")).toBe("a:1");
  expect(at(short, "config", "dockerfile")).toBe("D");
});

test("a block with a folder has it as its working directory", () => {
  const files = {
    "workspace.poly": "name: t\n",
    "blocks/b/block.poly": "name: b\nactions: [{name: act, script: [x]}]\n",
  };
  const { snapshot: made } = planOf(workspaceOf(files), { block: "b", action: "act" });
  expect(at(made, "block", "workdir", "path")).toBe("/workspace/blocks/b");
  expect(at(made, "block", "labels", "organizations.polycrate.io/name")).toBe("");
});

test("an action has the values of its inputs, and its block the declarations", () => {
  const workspace = `name: test
blocks:
  - name: base
    actions: [{name: act, script: x, inputs: {size: {type: integer, default: 3}, token: {secret: true}}}]
`;
  const size = { digits: "99999999999999999999", source: "99999999999999999999" };
  const inputs = [
    { name: "size", value: size, variable: { name: "INPUT_SIZE", value: size.source } },
    {
      name: "token",
      value: "***",
      variable: { name: "INPUT_TOKEN", value: "s3cr3t value", secret: { variable: "INPUT_TOKEN" } },
    },
  ];
  const made = snapshot({ facts: { inputs } }, workspace);
  expect(made.get("action")).toEqual(
    new Map<string, YamlValue>([
      ["name", "act"],
      ["script", "x"],
      [
        "inputs",
        new Map<string, YamlValue>([
          ["size", size],
          ["token", "***"],
        ]),
      ],
      ["block", "base"],
    ]),
  );
  expect(at(made, "block", "actions", 0, "inputs")).toEqual({
    size: { type: "integer", default: 3 },
    token: { secret: true },
  });
  expect(at(made, "env", "INPUT_SIZE")).toBe("99999999999999999999");
  expect(at(made, "env", "INPUT_TOKEN")).toBe("***");
  expect(JSON.stringify(jsonOf(made))).not.toContain("s3cr3t");
});

const graph = `
name: test
blocks: [{name: b, actions: [{name: act, script: [x], env: {A: action, B: action}}]}]
workflows:
  - name: w
    steps:
      - name: s
        block: b
        action: act
        matrix: {region: [eu, us], count: [0x10, 1.10], on-call: [true, no]}
        env: {B: step, C: 1.10, MATRIX_REGION: mine}
`;

test("a step has the combination that it runs with, in its own types, and as variables that nothing overrides", () => {
  const matrix = [
    { name: "region", value: "us" },
    { name: "count", value: "0x10" },
    { name: "on-call", value: "true" },
  ];
  const made = snapshot({ block: "b", step: { workflow: "w", name: "s", matrix } }, graph);
  expect(at(made, "step", "matrix")).toEqual({ region: "us", count: 16, "on-call": true });
  expect(at(made, "workflow", "steps", 0, "matrix", "region")).toEqual(["eu", "us"]);
  const env = at(made, "env");
  expect(env).toMatchObject({ A: "action", B: "step", C: "1.10" });
  expect(env).toMatchObject({ MATRIX_REGION: "us", MATRIX_COUNT: "0x10", MATRIX_ON_CALL: "true" });
});

test("a step without a matrix is as it is written", () => {
  const made = snapshot({ step: { workflow: "w", name: "s" } });
  expect(at(made, "step")).toEqual({ name: "s", block: "base", action: "act", workflow: "w" });
});

test("of two steps of one name in a workflow that runs in order, each has its own variables", () => {
  const text = `name: test
blocks: [{name: b, actions: [{name: act, script: x}]}]
workflows:
  - name: w
    steps:
      - {name: s, block: b, action: act, env: {A: one}}
      - {name: s, block: b, action: act, env: {A: two}}
`;
  const made = [0, 1].map((index) =>
    snapshot({ block: "b", step: { workflow: "w", name: "s", index } }, text),
  );
  expect(made.map((one) => [at(one, "env", "A"), at(one, "step", "env", "A")])).toEqual([
    ["one", "one"],
    ["two", "two"],
  ]);
});
