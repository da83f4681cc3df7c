import { expect, test } from "bun:test";
import { argValue } from "../../../src/host/arg.ts";
import { printScript } from "../../../src/plan/dryRun/script.ts";
import type { WarmFacts } from "../../../src/plan/hostFacts.ts";
import type { WarmStep } from "../../../src/plan/plan.ts";
import { docker } from "../../support/engines.ts";
import { anna, type Facts, planOf, workspaceOf, workspacePath } from "../../support/planning.ts";

const observed: WarmFacts = { inodes: [`${workspacePath} 1:2`], resolver: "nameserver 10.0.0.1\n" };

/** The plan of an action that may be warm, in a workspace with this container. */
function planned(container: string, { facts, command, options, ...more }: Facts = {}) {
  const block = "blocks: [{name: b, actions: [{name: act, script: [x]}, {name: other, script: [y]}]}]\n";
  const workspace = workspaceOf({
    "workspace.poly": `name: test\nconfig: {container: {${container}}}\n${block}`,
  });
  const { plan } = planOf(workspace, {
    block: "b",
    action: "act",
    ...more,
    facts: { warm: observed, ...facts },
    command: { canBeWarm: true, ...command },
    options: options ?? {},
  });
  return { plan, warm: plan.steps.find((step) => step.kind === "warm") };
}

function firstOf(warm: WarmStep | undefined) {
  const slot = warm?.slots[0];
  if (slot === undefined) throw new Error("the run is cold");
  return { ...slot, keepWords: slot.keep.argv.map(argValue), execWords: slot.exec.argv.map(argValue) };
}

const nameOf = (container: string, facts?: Facts) => firstOf(planned(container, facts).warm).keep.container;

test("the container gets no variable of a run, and the command gets all of them", () => {
  const { keepWords, execWords, keep } = firstOf(
    planned("warm: 15m, env: {TOKEN: {from_env: TOKEN}, PLAIN: seen}").warm,
  );
  expect(keepWords.slice(0, 8)).toEqual([
    "docker",
    "run",
    "--detach",
    "--rm",
    "--init",
    "--log-driver=none",
    "--no-healthcheck",
    `--name=${keep.container}`,
  ]);
  expect(keepWords.filter((word) => /--env|TOKEN|seen|transaction|owner/.test(word))).toEqual([]);
  expect(keepWords.slice(-2)).toEqual(["900", "10"]);
  expect(execWords.slice(0, 3)).toEqual(["docker", "exec", "--interactive"]);
  expect(execWords).toContain("--env=PLAIN=seen");
  expect(execWords).toContain("--env=POLYCRATE_ENV_TOKEN");
  expect(execWords.join("\n")).not.toContain("s3cr3t");
});

test("what a run writes is mounted from the folder of its slot, which the next run uses again", () => {
  const { keepWords, folder, exec } = firstOf(planned("warm: 60s").warm);
  const slot = `${folder.root}/${folder.path}`;
  expect(folder.path).toMatch(/^\.polycrate\/run-warm\/polycrate-warm-[0-9a-f]{24}-1$/);
  expect(keepWords.filter((word) => word.startsWith("--mount=type=bind"))).toEqual([
    `--mount=type=bind,source=${workspacePath},target=/workspace`,
    `--mount=type=bind,source=${slot}/files,target=/run/polycrate,readonly`,
    `--mount=type=bind,source=${slot}/status,target=/run/polycrate-status`,
    `--mount=type=bind,source=${slot}/snapshot.yml,target=/workspace/.snapshot.yml,readonly`,
  ]);
  expect(exec.status).toBe(`${slot}/status/status`);
});

test("two actions share a container, and one more run has another slot", () => {
  const warm = planned("warm: 60s").warm;
  expect(new Set(warm?.slots.map(({ keep }) => keep.container)).size).toBe(4);
  expect(nameOf("warm: 60s", { action: "other" })).toBe(nameOf("warm: 60s"));
  expect(nameOf("warm: 60s, env: {A: 1}")).toBe(nameOf("warm: 60s"));
});

test("anything that a container is made of makes another", () => {
  const facts = (change: NonNullable<Facts["facts"]>): Facts => ({ facts: change });
  const names = [
    nameOf("warm: 60s"),
    nameOf("warm: 61s"),
    nameOf("warm: 60s, shell: /bin/sh"),
    nameOf("warm: 60s, user: host"),
    nameOf("warm: 60s, caches: {pip: ~/.cache/pip}"),
    nameOf("warm: 60s, docker_flags: [--memory=2g]"),
    nameOf("warm: 60s", facts({ image: { reference: "busybox:2", build: undefined } })),
    nameOf("warm: 60s", facts({ caller: { ...anna, uid: 1001 } })),
    nameOf("warm: 60s", { engine: { ...docker, endpoint: { ...docker.endpoint, name: "other" } } }),
    nameOf("warm: 60s", facts({ version: "9.9.9" })),
    nameOf("warm: 60s", facts({ selinux: true })),
    nameOf("warm: 60s", facts({ warm: { ...observed, inodes: [`${workspacePath} 1:3`] } })),
    nameOf("warm: 60s", facts({ warm: { ...observed, resolver: "" } })),
    nameOf("warm: 60s", facts({ extraMounts: [{ source: "/x", target: "/x", readonly: true }] })),
  ];
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

const flag = { seconds: undefined, isFlag: true };

test.each<[string, Facts, number | undefined]>([
  ["", {}, undefined],
  ["", { options: { warm: flag } }, 900],
  ["warm: 60s", { options: { warm: flag } }, 60],
  ["warm: 60s", { options: { warm: { seconds: 0, isFlag: true } } }, undefined],
  ["warm: 60s", { options: { warm: { seconds: 5, isFlag: false } } }, 5],
  ["warm: 0", {}, undefined],
  ["warm: 60s", { command: { canBeWarm: false } }, undefined],
])("with `%s` and %j a container is kept for %p seconds", (container, facts, seconds) => {
  const { warm } = planned(container, facts);
  expect(warm === undefined ? undefined : Number(firstOf(warm).keepWords.at(-2))).toBe(seconds);
});

test.each<[string, Facts, string]>([
  ["docker_flags: [--privileged]", {}, "`docker_flags` have `--privileged`"],
  ["docker_flags: [--pid=host]", {}, "`docker_flags` have `--pid`"],
  ["docker_flags: ['-p 80:80']", {}, "`docker_flags` have `--publish`"],
  ["docker_flags: [-P]", {}, "`docker_flags` have `--publish-all`"],
  ["docker_flags: ['--health-cmd=x']", {}, "`docker_flags` have `--health-cmd`"],
  ["env: {BASH_ENV: /x}", {}, "`BASH_ENV` is set"],
  ["", { command: { terminal: { interactive: true, size: undefined } } }, "the action reads standard input"],
  [
    "",
    { command: { terminal: { interactive: false, size: { rows: 1, columns: 1 } } } },
    "the action has a terminal",
  ],
  [
    "",
    { command: { failureShell: { shell: "/bin/sh", items: [], scriptReads: false } } },
    "`--shell-on-failure` is set",
  ],
  ["", { options: { pull: "always" } }, "`--pull always` is set"],
  ["", { options: { build: true } }, "`--build` is set"],
])("%s %j is cold, and says why if a flag asked for it", (container, facts, reason) => {
  const told = planned(container, { ...facts, options: { ...facts.options, warm: flag } });
  expect(told.warm).toBeUndefined();
  expect(told.plan.warnings.map(({ message }) => message)).toEqual([
    `the action runs in a new container: ${reason}`,
  ]);
  const quiet = planned(`warm: 60s${container === "" ? "" : ", "}${container}`, facts);
  expect([quiet.warm, quiet.plan.warnings]).toEqual([undefined, []]);
});

test("the printed script starts a container of its own unless it runs, and runs in it", () => {
  const { plan, warm } = planned("warm: 60s, user: host");
  const script = printScript({ title: "", plans: [plan], continueOnFailure: false });
  const name = warm?.slotOfScript.keep.container ?? "";
  expect(name).toEndWith("-00c0ffee0001");
  expect(script).toContain(
    `if [ "$(docker ps --no-trunc --filter=name='^${name}$' --format='{{.Image}}')" != busybox ]; then\n`,
  );
  expect(script).toContain(`  docker rm --force ${name} >/dev/null 2>&1 || :\n`);
  expect(script).toContain('  cp .polycrate/run/01a20e8a-0000-7000-8000-00c0ffee0001/files/passwd "$slot"\n');
  expect(script).toContain("  docker run \\\n    --detach \\\n");
  expect(script).toContain("\ndocker exec \\\n  --interactive \\\n");
  expect(script).toContain(" <&3 || code=$?\n");
});
