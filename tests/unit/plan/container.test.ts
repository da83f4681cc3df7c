import { expect, test } from "bun:test";
import { containerPath } from "../../../src/plan/runPaths.ts";
import { messageOf } from "../../support/fakes.ts";
import { type Facts, planOf, workspaceOf } from "../../support/planning.ts";

/** The container of an action in a workspace with this text. */
function container(text: string, facts: Facts = {}) {
  return planOf(workspaceOf({ "workspace.poly": text }), { block: "b", action: "act", ...facts }).container;
}

const blocks = "blocks: [{name: b, actions: [{name: act, script: [x]}]}]\n";
const plain = `name: test\n${blocks}`;

/** The value of a variable; undefined when there is none. */
function variable(name: string, text: string, facts: Facts = {}): string | undefined {
  return container(text, facts).environment.find((one) => one.name === name)?.value;
}

test.each([
  ["/workspace", undefined, "/workspace"],
  ["/workspace", "", "/workspace"],
  ["/w", "a/b", "/w/a/b"],
])("in the container with the root %s, %p is %s", (root, path, expected) => {
  expect(containerPath(root, path)).toBe(expected);
});

test.each([
  ["test", "polycrate-test-b-act-00c0ffee0001"],
  ["Größe/Maß", "polycrate-Grosse-Mass-b-act-00c0ffee0001"],
  ["ŁódźÆ", "polycrate-LodzAe-b-act-00c0ffee0001"],
  ["aßæøœłđðþıÆØŒŁĐÐÞz", "polycrate-assaeooelddthiAeOOeLDDThz-b-act-00c0ffee0001"],
  ["工場", "polycrate---b-act-00c0ffee0001"],
  ["x".repeat(100), `polycrate-${"x".repeat(80)}-00c0ffee0001`],
])("in the workspace %j the container is called %s", (name, expected) => {
  expect(container(`name: ${JSON.stringify(name)}\n${blocks}`).name).toBe(expected);
});

test("a container without a block has neither its name nor its labels", () => {
  const { name, labels, workdir } = container(plain, { block: undefined, action: undefined });
  expect(name).toBe("polycrate-test-00c0ffee0001");
  expect(labels).toEqual([
    "polycrate.transaction=01a20e8a-0000-7000-8000-00c0ffee0001",
    "polycrate.workspace=/work/example",
  ]);
  expect(workdir).toBe("/workspace");
});

test("a container of a block alone has its label, and starts where the block's actions do", () => {
  const files = {
    "workspace.poly": "name: test\n",
    "blocks/b/block.poly": "name: b\nactions: [{name: act, script: [x]}]\n",
  };
  const { labels, workdir } = planOf(workspaceOf(files), { block: "b", action: undefined }).container;
  expect(labels.slice(2)).toEqual(["polycrate.block=b"]);
  expect(workdir).toBe("/workspace/blocks/b");
});

test("polycrate's own folders are hidden", () => {
  expect(container(plain).hiddenFolders).toEqual(["/workspace/.polycrate", "/workspace/.logs"]);
});

test.each([
  ["config: {logsroot: x, blocksroot: x/blocks}", ["/workspace/.polycrate"]],
  ["config: {logsroot: x, artifactsroot: x/artifacts}", ["/workspace/.polycrate"]],
  ["config: {logsroot: x, artifactsroot: x}", ["/workspace/.polycrate"]],
  ["config: {logsroot: x/logs, artifactsroot: x}", ["/workspace/.polycrate", "/workspace/x/logs"]],
  ["config: {containerroot: /w}", ["/w/.polycrate", "/w/.logs"]],
])("with %s these are hidden: %j", (config, hidden) => {
  expect(container(`name: test\n${config}\n${blocks}`).hiddenFolders).toEqual(hidden);
});

test("a folder over which the workspace mounts something is not hidden", () => {
  const mount = { source: "/x", target: "/workspace/.logs", readonly: false };
  expect(container(plain, { facts: { mountFlags: [mount] } }).hiddenFolders).toEqual([
    "/workspace/.polycrate",
  ]);
  const flags = `name: test\nconfig: {container: {docker_flags: ["--tmpfs=/workspace/.logs"]}}\n${blocks}`;
  expect(container(flags).hiddenFolders).toEqual(["/workspace/.polycrate"]);
});

test("a home over which the workspace mounts something is not made", () => {
  const user = (flag: string) =>
    container(`name: test\nconfig: {container: {user: host, docker_flags: ["${flag}"]}}\n${blocks}`);
  expect(user("--init").tmpfs).toEqual(["/home/anna", "/home/anna/.ssh"]);
  expect(user("-v /x:/home/anna/.ssh").tmpfs).toEqual(["/home/anna"]);
  expect(user("-v /x:/home/anna").tmpfs).toEqual([]);
  expect(user("-v /x:/home/anna").hostTargets).toContain("/home/anna");
});

test.each(["/workspace", "/run/polycrate", "/workspace/.snapshot.yml"])(
  "%s cannot be mounted over: 65",
  (target) => {
    const mountFlags = [{ source: "/x", target, readonly: false }];
    expect(messageOf(() => container(plain, { facts: { mountFlags } }))).toBe(
      `65: \`--mount\`: the mount target \`${target}\` is reserved by polycrate`,
    );
  },
);

test("the docker socket is mounted only when it is asked for", () => {
  const socket = { source: "/var/run/docker.sock", target: "/var/run/docker.sock", readonly: false };
  const text = `name: test\nconfig: {container: {docker_socket: true}}\n${blocks}`;
  expect(container(text).mounts).toContainEqual({ ...socket, origin: "polycrate" });
  expect(container(plain).mounts.map(({ target }) => target)).not.toContain(socket.target);
});

test("variables of the workspace win over the defaults, and nothing over polycrate's own", () => {
  const text = `name: test\nconfig: {container: {env: {TERM: dumb, ANSIBLE_STDOUT_CALLBACK: minimal}}}\n${blocks}`;
  expect(variable("TERM", text)).toBe("dumb");
  expect(variable("TERM", plain)).toBe("xterm-256color");
  expect(variable("ANSIBLE_STDOUT_CALLBACK", text)).toBe("minimal");
  const names = container(text).environment.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  const variables = [{ name: "POLYCRATE_BLOCK", value: "another" }];
  expect(variable("POLYCRATE_BLOCK", plain, { facts: { variables } })).toBe("b");
});

test.each([
  ["POLYCRATE_FORCE", "1", { options: { yes: true } }],
  ["POLYCRATE_FORCE", "0", {}],
  ["POLYCRATE_WORKFLOW", "w", { step: { workflow: "w", name: "s" } }],
  ["POLYCRATE_STEP", "s", { step: { workflow: "w", name: "s" } }],
  ["POLYCRATE_STEP", undefined, {}],
  ["POLYCRATE_BLOCK", undefined, { block: undefined, action: undefined }],
  ["POLYCRATE_BLOCK_ARTIFACTS", undefined, { block: undefined, action: undefined }],
  ["POLYCRATE_BLOCK_WORKDIR", "/workspace", {}],
  ["ANSIBLE_INVENTORY", undefined, {}],
  ["KUBECONFIG", undefined, {}],
  ["SSH_AUTH_SOCK", undefined, {}],
  ["ANSIBLE_PRIVATE_KEY_FILE", undefined, {}],
])("%s is %p", (name, value, facts) => {
  expect(variable(name, plain, facts)).toBe(value);
});

test("the image that the settings name is told in two parts", () => {
  const text = `name: test\nconfig: {container: {image: "host.example:5000/a/b:1.2"}}\n${blocks}`;
  expect(variable("POLYCRATE_IMAGE_REFERENCE", text)).toBe("host.example:5000/a/b");
  expect(variable("POLYCRATE_IMAGE_VERSION", text)).toBe("1.2");
});

test("inventory and kubeconfig that a block lends are named where they are in the container", () => {
  const borrowing = "inventory: {from: k8s}, kubeconfig: {from: k8s}, actions: [{name: act, script: [x]}]";
  const text = `name: test\nblocks: [{name: k8s}, {name: b, ${borrowing}}]\n`;
  expect(variable("ANSIBLE_INVENTORY", text)).toBe("/workspace/artifacts/blocks/k8s/inventory.yml");
  expect(variable("KUBECONFIG", text)).toBe("/workspace/artifacts/blocks/k8s/kubeconfig.yml");
});
