import { expect, test } from "bun:test";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { argValue } from "../../../src/host/arg.ts";
import { printScript } from "../../../src/plan/dryRun/script.ts";
import { writeYaml } from "../../../src/yaml/write.ts";
import { messageOf } from "../../support/fakes.ts";
import { makeFolder } from "../../support/harness.ts";
import { type Facts, planOf, workspaceOf, workspacePath } from "../../support/planning.ts";

function withContainer(container: string, block = ""): string {
  return [
    "name: test",
    ...(container === "" ? [] : ["config:", "  container:", `    ${container}`]),
    "blocks:",
    "  - name: b",
    ...(block === "" ? [] : [`    ${block}`]),
    "    actions:",
    "      - {name: act, script: [one, two]}",
    "",
  ].join("\n");
}

/** The plan of `run b act` in a workspace with these settings, and the words that docker gets. */
function planned(container = "", facts: Facts = {}, block = "") {
  const workspace = workspaceOf({ "workspace.poly": withContainer(container, block) });
  const made = planOf(workspace, { block: "b", action: "act", ...facts });
  return { ...made, argv: made.run.argv.map(argValue) };
}

const runFolder = `${workspacePath}/.polycrate/run/01a20e8a-0000-7000-8000-00c0ffee0001`;

test("a secret's value is in no word, no file, no script and no snapshot: its carrier has it", () => {
  const { plan, argv, run: step } = planned("env: {TOKEN: {from_env: TOKEN}, PLAIN: seen}");
  expect(step.environment).toEqual([
    { name: "POLYCRATE_ENV_TOKEN", value: "s3cr3t value", from: { variable: "TOKEN" } },
    { name: "POLYCRATE_STREAMS", value: "0", from: { streams: true } },
  ]);
  expect(argv).toContain("--env=POLYCRATE_ENV_TOKEN");
  expect(argv).toContain("--env=PLAIN=seen");
  expect(argv.filter((word) => word.startsWith("--env=TOKEN"))).toEqual([]);
  const printed = printScript({ title: "", plans: [plan], continueOnFailure: false });
  const places = [...argv, ...plan.files.map(({ content }) => content), printed];
  expect(places.filter((text) => text.includes("s3cr3t"))).toEqual([]);
  expect(plan.files.find(({ path }) => path === "snapshot.yml")?.content).toContain('  TOKEN: "***"\n');
  expect(plan.files.find(({ path }) => path === "files/prepare")?.content).toContain(
    '\nexport TOKEN="$POLYCRATE_ENV_TOKEN"; unset POLYCRATE_ENV_TOKEN\n',
  );
  expect(printed).toContain("\nPOLYCRATE_ENV_TOKEN=${TOKEN?}; export POLYCRATE_ENV_TOKEN\n");
});

test("what the run reads is mounted read-only, what it writes is not", () => {
  const { argv } = planned();
  expect(argv.filter((word) => word.startsWith("--mount="))).toEqual([
    `--mount=type=bind,source=${workspacePath},target=/workspace`,
    `--mount=type=bind,source=${runFolder}/files,target=/run/polycrate,readonly`,
    `--mount=type=bind,source=${runFolder}/status,target=/run/polycrate-status`,
    `--mount=type=bind,source=${runFolder}/snapshot.yml,target=/workspace/.snapshot.yml,readonly`,
    "--mount=type=tmpfs,target=/workspace/.polycrate,readonly",
    "--mount=type=tmpfs,target=/workspace/.logs,readonly",
  ]);
});

test("every container is removed, has an init, and docker keeps no log of it", () => {
  expect(planned().argv.slice(2, 5)).toEqual(["--rm", "--init", "--log-driver=none"]);
});

test("the run's files may be read by anybody, and written only where the action reports", () => {
  const { plan } = planned();
  expect(plan.runDirectory).toEqual({
    root: workspacePath,
    path: ".polycrate/run/01a20e8a-0000-7000-8000-00c0ffee0001",
  });
  expect(plan.files.map(({ path, mode, lifetime }) => [path, mode.toString(8), lifetime])).toEqual([
    [".polycrate/.gitignore", "644", "stays"],
    [".snapshot.yml", "644", "stays"],
    ["snapshot.yml", "444", "run"],
    ["files/entrypoint", "444", "run"],
    ["files/prepare", "444", "run"],
    ["files/script", "444", "run"],
    ["files/ansible/polycrate_reserved.py", "444", "run"],
    ["status/status", "666", "run"],
  ]);
  expect(plan.files.find(({ path }) => path === "files/script")?.content).toBe("one\ntwo\n");
  expect(plan.files.find(({ path }) => path === "status/status")?.content).toBe(
    "# transaction 01a20e8a-0000-7000-8000-00c0ffee0001\n",
  );
});

test("a run elsewhere keeps its files there", () => {
  const place = { root: "/run/user/1000", folder: "polycrate/0123" };
  const { plan, argv } = planned("", { facts: { place } });
  const path = "polycrate/0123/01a20e8a-0000-7000-8000-00c0ffee0001";
  expect(plan.runDirectory).toEqual({ root: "/run/user/1000", path });
  expect(plan.files.map((file) => file.path)).toContain("files/entrypoint");
  expect(argv).toContain(
    `--mount=type=bind,source=/run/user/1000/${path}/files,target=/run/polycrate,readonly`,
  );
});

test.each([
  ["nothing more", {}, []],
  ["a terminal", { command: { terminal: { interactive: false, size: { rows: 5, columns: 6 } } } }, ["--tty"]],
  ["input", { command: { terminal: { interactive: true, size: undefined } } }, ["--interactive"]],
  ["SELinux", { facts: { selinux: true } }, ["--security-opt=label=disable"]],
  ["a pull", { options: { pull: "missing" } }, ["--pull=missing"]],
] as const)("docker is told of %s", (_, facts, expected) => {
  const known = ["--tty", "--interactive", "--security-opt=label=disable", "--pull=missing"];
  const { argv } = planned("", facts);
  expect(argv.filter((word) => known.includes(word))).toEqual([...expected]);
});

test.each([
  [true, ["POLYCRATE_STREAMS=1"]],
  [false, ["POLYCRATE_STREAMS=0"]],
  [undefined, []],
])("that both outputs are one file is %p: the action gets %j", (joined, expected) => {
  const { run: step, argv } = planned("", { command: { joined } });
  expect(step.environment.map(({ name, value }) => `${name}=${value}`)).toEqual(expected);
  expect(argv.includes("--env=POLYCRATE_STREAMS")).toBe(expected.length > 0);
});

test("the user of the workspace becomes docker's user, with groups, a home and entries of its own", () => {
  const { plan, argv } = planned("user: host");
  const told = argv.filter((word) => /^--(?:user|group-add|tmpfs)/.test(word));
  expect(told).toEqual([
    "--tmpfs=/home/anna:uid=1000,gid=1000,mode=0700,exec",
    "--tmpfs=/home/anna/.ssh:uid=1000,gid=1000,mode=0700,exec",
    "--user=1000:1000",
    "--group-add=998",
  ]);
  expect(plan.steps.map(({ kind }) => kind)).toEqual(["probe", "run"]);
  expect(plan.steps.find((step) => step.kind === "probe")?.probe).toEqual({
    shell: "/bin/bash",
    identify: ["docker", "image", "inspect", "--format={{.Id}}", "busybox"],
    folder: ".polycrate/cache/users",
    refresh: false,
    files: [
      { path: "files/passwd", label: "passwd", content: "anna:x:1000:1000::/home/anna:/bin/sh\n" },
      { path: "files/group", label: "group", content: "anna:x:1000:\ndocker:x:998:anna\n" },
    ],
  });
  expect(argv).toContain(`--mount=type=bind,source=${runFolder}/files/passwd,target=/etc/passwd,readonly`);
  expect(argv).toContain(`--mount=type=bind,source=${runFolder}/files/group,target=/etc/group,readonly`);
});

test("an image that is pulled in any case is read again", () => {
  const { steps } = planned("user: host", { options: { pull: "always" } }).plan;
  const probe = steps.find((step) => step.kind === "probe");
  expect(probe?.probe.refresh).toBe(true);
  expect(probe?.argv).toContain("--pull=always");
});

const key = { path: `${workspacePath}/id_rsa`, uid: 0, mode: 0o600 };
const files = {
  privateKey: key,
  publicKey: `${workspacePath}/id_rsa.pub`,
  knownHosts: `${workspacePath}/known_hosts`,
  agent: "/tmp/agent",
};

test("ssh finds key, host keys and agent, and a file for new host keys is made", () => {
  const { plan, argv, container } = planned("", { facts: { files } });
  expect(argv.filter((word) => /ssh|agent/.test(word) && word.startsWith("--mount"))).toEqual([
    `--mount=type=bind,source=${workspacePath}/id_rsa,target=/root/.ssh/id_rsa,readonly`,
    `--mount=type=bind,source=${workspacePath}/id_rsa.pub,target=/root/.ssh/id_rsa.pub,readonly`,
    `--mount=type=bind,source=${workspacePath}/known_hosts,target=/root/.ssh/known_hosts`,
    "--mount=type=bind,source=/tmp/agent,target=/run/polycrate-agent",
  ]);
  expect(argv).toContain("--env=SSH_AUTH_SOCK=/run/polycrate-agent");
  expect(argv).toContain("--env=ANSIBLE_PRIVATE_KEY_FILE=/root/.ssh/id_rsa");
  expect(plan.files.find(({ path }) => path === "known_hosts")).toEqual({
    ...{ path: "known_hosts", mode: 0o644, content: "", lifetime: "stays" },
  });
  expect(container).toMatchObject({ privateKey: key, knownHosts: files.knownHosts });
  expect(container.sshConfig?.knownHosts).toBe("/workspace/known_hosts");
});

test("what the workspace mounts over ssh's files takes their place", () => {
  const mounts = [{ source: "/keys", target: "/root/.ssh", readonly: true }];
  const { plan, argv, container } = planned("", { facts: { files, extraMounts: mounts } });
  expect(argv.filter((word) => word.includes("/root/.ssh/"))).toEqual([]);
  expect(argv).toContain("--mount=type=bind,source=/keys,target=/root/.ssh,readonly");
  expect(container).toMatchObject({ privateKey: undefined, knownHosts: undefined, sshConfig: undefined });
  expect(plan.files.map(({ path }) => path)).not.toContain("known_hosts");
  expect(plan.files.find(({ path }) => path === "files/entrypoint")?.content).not.toContain(".ssh/config");
});

test("flags win over `--mount`, that over `extramounts`, that over polycrate's own", () => {
  const at = (source: string, target: string) => ({ source, target, readonly: false });
  const { argv } = planned('docker_flags: ["-v /flag:/c"]', {
    facts: {
      files,
      extraMounts: [at("/extra", "/a"), at("/extra", "/b"), at("/extra", "/root/.ssh/id_rsa")],
      mountFlags: [at("/cli", "/b"), at("/cli", "/c")],
    },
  });
  const sources = argv.filter((word) => /source=\/(?:extra|cli|flag)/.test(word));
  expect(sources).toEqual([
    "--mount=type=bind,source=/extra,target=/root/.ssh/id_rsa",
    "--mount=type=bind,source=/extra,target=/a",
    "--mount=type=bind,source=/cli,target=/b",
  ]);
  expect(argv).toContain("-v");
  expect(argv[argv.indexOf("-v") + 1]).toBe("/flag:/c");
});

test("the script is run only in a shell that ends at the first failure", () => {
  const lines =
    planned()
      .plan.files.find(({ path }) => path === "files/prepare")
      ?.content.split("\n") ?? [];
  expect(lines.slice(-4)).toEqual([
    "set -eu",
    "if (set -o pipefail) 2>/dev/null; then set -o pipefail; fi",
    ". /run/polycrate/script",
    "",
  ]);
});

/** Runs an action's entrypoint with sh, its files in a folder; returns what it printed, its code, and the status file. */
function runEntrypoint(script: string, shell: string) {
  using folder = makeFolder({});
  const { plan } = planned(`env: {TOKEN: {from_env: TOKEN}}\n    shell: /bin/${shell}`);
  for (const { path, content, lifetime } of plan.files) {
    if (lifetime !== "run") continue;
    mkdirSync(join(folder.path, path, ".."), { recursive: true });
    const moved = path === "files/script" ? script : content;
    writeFileSync(
      join(folder.path, path),
      moved
        .replaceAll("/run/polycrate-status", `${folder.path}/status`)
        .replaceAll("/run/polycrate/", `${folder.path}/files/`),
    );
    chmodSync(join(folder.path, path), 0o644);
  }
  const { stdout, exitCode } = Bun.spawnSync([shell, "-c", `. ${folder.path}/files/entrypoint`], {
    env: { PATH: process.env.PATH, HOME: folder.path, POLYCRATE_ENV_TOKEN: "from carrier" },
    stderr: "ignore",
  });
  const status = folder
    .read("status/status")
    .split("\n")
    .filter((line) => line !== "");
  return { stdout: stdout.toString(), exitCode, status };
}

test.each(["bash", "sh"])(
  "under %s the script gets its secrets, and a failure is noted with its line",
  (shell) => {
    expect(runEntrypoint('echo "$TOKEN"\necho "${POLYCRATE_ENV_TOKEN-gone}"\n', shell)).toMatchObject({
      ...{ stdout: "from carrier\ngone\n", exitCode: 0 },
    });
    const failed = runEntrypoint("echo one\n(exit 7)\necho three\n", shell);
    expect(failed).toMatchObject({ stdout: "one\n", exitCode: 7 });
    expect(failed.status[0]).toBe("started");
    if (shell === "bash") expect(failed.status.at(-1)).toBe("7 2");
  },
);

test("a variable that is not set ends the script", () => {
  expect(runEntrypoint('echo "$NOT_SET"\necho on\n', "bash").stdout).toBe("");
});

test.each([
  ["", []],
  ["abc", ["the secret `SHORT` is too short to be masked in the output"]],
  ["abcd", []],
])("a secret of the value %j is warned of with %j", (value, expected) => {
  const variables = [
    { name: "SHORT", value, secret: { variable: "SHORT" } },
    { name: "PLAIN", value: "abc" },
  ];
  const { plan } = planned("", { facts: { variables } });
  expect(plan.warnings.map(({ message }) => message)).toEqual(expected);
});

test("a key that others can read is warned of, and refused where ssh would refuse it: 65", () => {
  const open = { ...files, privateKey: { ...key, mode: 0o644 } };
  expect(messageOf(() => planned("", { facts: { files: open } }))).toStartWith("65: the ssh key");
  const another = { ...files, privateKey: { ...key, uid: 7, mode: 0o644 } };
  const { warnings } = planned("", { facts: { files: another } }).plan;
  expect(warnings).toEqual([expect.objectContaining({ message: expect.stringContaining("the ssh key") })]);
});

test("a plan of a container is not recorded, and knows how long the action may take to stop", () => {
  const { plan, run } = planned("stop_timeout: 3", { command: { timeout: 7 } });
  expect([plan.record, plan.stopTimeout, run.timeout]).toEqual([undefined, 3, 7]);
});

test("an action gets its span, whatever the workspace sets; a command without an action does not", () => {
  const facts = { facts: { traceparent: "00-1-2-01" } };
  const { argv, snapshot } = planned("env: {TRACEPARENT: own}", facts);
  expect(argv.filter((word) => word.startsWith("--env=TRACEPARENT"))).toEqual([
    "--env=TRACEPARENT=00-1-2-01",
  ]);
  expect(writeYaml(snapshot)).toBe(writeYaml(planned("env: {TRACEPARENT: own}").snapshot));
  const command = planned("", { ...facts, action: undefined });
  expect(command.argv.filter((word) => word.startsWith("--env=TRACEPARENT"))).toEqual([]);
});
