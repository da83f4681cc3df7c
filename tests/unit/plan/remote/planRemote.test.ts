import { expect, test } from "bun:test";
import { argValue } from "../../../../src/host/arg.ts";
import type { Step } from "../../../../src/plan/plan.ts";
import { refuseFilesOfThisMachine } from "../../../../src/plan/remote/refusals.ts";
import type { CreateStep, SendStep } from "../../../../src/plan/remote/steps.ts";
import { farDocker } from "../../../support/engines.ts";
import { messageOf } from "../../../support/fakes.ts";
import { type Facts, planOf, workspaceOf, workspacePath } from "../../../support/planning.ts";

function planned(container: string, changes: Facts = {}, more = "") {
  const block = "blocks: [{name: b, actions: [{name: act, env: {T: {from_env: TOKEN}}, script: [x]}]}]\n";
  const text = `name: test\n${more}config: {container: {${container}}}\n${block}`;
  const plan = planOf(workspaceOf({ "workspace.poly": text }), {
    ...{ block: "b", action: "act", engine: farDocker },
    ...changes,
  });
  return { ...plan, steps: plan.plan.steps };
}

const wordsOf = ({ argv }: Pick<CreateStep, "argv">) => argv.map(argValue);

function find<Kind extends Step["kind"]>(steps: readonly Step[], kind: Kind) {
  const found = steps.find((step): step is Extract<Step, { kind: Kind }> => step.kind === kind);
  if (found === undefined) throw new Error(`there is no step ${kind}`);
  return found;
}

test("a run is created, sent, attached to, fetched and removed, each by the engine's context", () => {
  const { plan } = planned("image: busybox");
  const all = [...plan.steps, ...plan.finally];
  expect(all.map(({ kind }) => kind)).toEqual(["create", "send", "attach", "fetch", "remove"]);
  expect(all.every(({ ...step }) => "argv" in step && argValue(step.argv[1] ?? "") === "--context=far")).toBe(
    true,
  );
  const name = "polycrate-test-b-act-00c0ffee0001";
  expect(
    all.slice(1).map((step) => ("argv" in step ? step.argv.slice(2).map(argValue).join(" ") : "")),
  ).toEqual([
    `cp - ${name}:/`,
    `start --attach --interactive ${name}`,
    `cp ${name}:/run/polycrate-status -`,
    `rm --force ${name}`,
  ]);
});

test("no secret and no path of this machine is among the words of a command", () => {
  const { steps } = planned("image: busybox");
  const words = wordsOf(find(steps, "create"));
  expect(words.filter((word) => /mount|tmpfs|POLYCRATE_ENV/.test(word))).toEqual([]);
  expect(words.filter((word) => word.includes(workspacePath))).toEqual([
    `--label=polycrate.workspace=${workspacePath}`,
  ]);
  expect(words).toContain("--label=polycrate.delivery=copy");
  expect(words.slice(-2)).toEqual(["busybox", "/run/polycrate/entrypoint"]);
  const { handed } = find(steps, "attach");
  expect(handed.variables).toMatchObject([{ name: "POLYCRATE_ENV_T", value: "s3cr3t value" }]);
});

test("what a run would mount is sent to the same places, and belongs to the user there", () => {
  const key = { path: "/keys/id", uid: 0, mode: 0o644 };
  const files = { privateKey: key, publicKey: undefined, knownHosts: undefined, agent: undefined };
  const { steps } = planned('user: "1500:1600"', { facts: { files } });
  const { parcel }: SendStep = find(steps, "send");
  const run = `${workspacePath}/.polycrate/run/01a20e8a-0000-7000-8000-00c0ffee0001`;
  expect(parcel).toEqual({
    workspace: "workspace",
    stays: [".polycrate", ".logs", ".snapshot.yml", "secrets.poly"],
    folders: [
      { to: "home/user", mode: 0o700 },
      { to: "home/user/.ssh", mode: 0o700 },
      { to: "workspace/.polycrate", mode: 0o755 },
      { to: "workspace/.logs", mode: 0o755 },
    ],
    files: [
      { from: `${run}/files`, to: "run/polycrate", mode: undefined },
      { from: `${run}/status`, to: "run/polycrate-status", mode: undefined },
      { from: `${run}/snapshot.yml`, to: "workspace/.snapshot.yml", mode: undefined },
      { from: `${run}/files/passwd`, to: "etc/passwd", mode: undefined },
      { from: `${run}/files/group`, to: "etc/group", mode: undefined },
      { from: "/keys/id", to: "home/user/.ssh/id_rsa", mode: 0o600 },
    ],
    owner: { uid: 1500, gid: 1600 },
  });
});

test("a key that others can read here is not refused, because it is sent with another mode", () => {
  const key = { path: "/keys/id", uid: 0, mode: 0o644 };
  const files = { privateKey: key, publicKey: undefined, knownHosts: undefined, agent: undefined };
  expect(planned("", { facts: { files } }).plan.warnings).toEqual([]);
});

test("a warm container is not for an engine that is sent copies, and who asks for one is told", () => {
  const { plan } = planned("warm: 60s", {
    command: { canBeWarm: true },
    options: { warm: { seconds: 60, isFlag: true } },
    facts: { warm: { inodes: [], resolver: "" } },
  });
  expect(plan.steps.map(({ kind }) => kind)).toEqual(["create", "send", "attach"]);
  expect(plan.warnings).toMatchObject([
    { message: "the action runs in a new container: its files are copied to the engine" },
  ]);
});

const there = "the engine `far` is sent copies of the workspace's files";

test.each<[string, string, Facts, string]>([
  ["docker_socket: true", "", {}, "65: workspace.poly:2:37: the docker socket cannot be mounted"],
  ["docker_flags: [--memory=1g, -v /a:/b]", "", {}, "65: workspace.poly:2:50: `/a` cannot be mounted"],
  [
    "",
    'extramounts: ["/:/x", "/:/y"]\n',
    { facts: { extraMounts: [{ source: "/", target: "/x", readonly: false }] } },
    "65: workspace.poly:2:15: `/` cannot be mounted",
  ],
  [
    "",
    "",
    { facts: { mountFlags: [{ source: "/m", target: "/m", readonly: true }] } },
    "64: `--mount`: `/m` cannot be mounted",
  ],
])("with `%s` and `%s` a run is refused", (container, more, facts, message) => {
  expect(messageOf(() => planned(container, facts, more))).toBe(`${message}: ${there}`);
});

test("a file that would be decrypted for the action is refused: it would be on a disk of the other machine", () => {
  const workspace = workspaceOf({ "workspace.poly": "name: test\n" });
  const secretFiles = [{ path: "artifacts/secrets/key", reveal: () => new Uint8Array() }];
  const facts = { flags: [], extraMounts: [], mountFlags: [] };
  expect(
    messageOf(() => refuseFilesOfThisMachine({ ...workspace, secretFiles }, farDocker, facts)),
  ).toStartWith("65: `artifacts/secrets/key.age` is not decrypted for an engine on another machine");
});

test("a named volume is of the engine, so it is no reason to refuse", () => {
  expect(messageOf(() => planned("docker_flags: [-v cache:/c, --tmpfs /t]"))).toBe("");
});
