import { expect, test } from "bun:test";
import { printScript } from "../../../src/plan/dryRun/script.ts";
import { needsMemory, secretValues, writtenContent } from "../../../src/plan/plan.ts";
import { planAction } from "../../../src/plan/planAction.ts";
import { findAction } from "../../../src/run/findTarget.ts";
import { docker } from "../../support/engines.ts";
import { factsOf, optionsOf, workspaceOf } from "../../support/planning.ts";

const files = {
  "workspace.poly": `name: test
config: {container: {env: {PLAIN: plain}}}
blocks: [{name: b, actions: [{name: act, script: [x]}]}]`,
  "secrets.poly": `config: {container: {env: {TOKEN: canary-token}}}
blocks: [{name: b, config: {password: canary-password, pin: 123, on: true, "a b": "canary \\"x\\""}}]`,
};

/** The plan of the action, and its snapshot file. */
function planOf(changes: Readonly<Record<string, string>> = {}) {
  const workspace = workspaceOf({ ...files, ...changes });
  const target = findAction(workspace, "b", "act");
  const place = { root: "/dev/shm/polycrate-1000", folder: "0" };
  const placeInWorkspace = { root: workspace.path, folder: ".polycrate/run" };
  const facts = { ...factsOf(workspace, target), place, placeInWorkspace };
  const plan = planAction(workspace, docker, target, facts, optionsOf());
  const snapshot = plan.files.find(({ path }) => path === "snapshot.yml");
  if (snapshot === undefined) throw new Error("no snapshot");
  return { plan, snapshot };
}

test("only what is written to the snapshot's file has the secrets: not the plan, its record, or the printed script", () => {
  const { plan, snapshot } = planOf();
  const { steps, ...rest } = plan;
  const printed = printScript({ title: "x", plans: [plan], continueOnFailure: false });
  for (const text of [Bun.inspect(rest, { depth: 20 }), JSON.stringify(rest), printed]) {
    expect(text).not.toContain("canary");
  }
  expect(snapshot.content).toContain('password: "***"\n');
  expect(printed).toContain("# secrets are in no script");
  expect(printed).toContain("POLYCRATE_ENV_TOKEN=${TOKEN?}");
  expect(plan.record.snapshot.content).toContain('pin: "***"\n');
  const written = writtenContent(snapshot);
  expect(written).toContain('    password: canary-password\n    pin: 123\n    "on": true\n');
  expect(written).toContain('TOKEN: "***"\n  POLYCRATE');
  expect(needsMemory(plan)).toBe(true);
});

test("the argument list has no secret, and the step masks all of them", () => {
  const { plan } = planOf();
  const argv = plan.steps.flatMap((step) => (step.kind === "run" ? step.argv : []));
  expect(JSON.stringify(argv)).not.toContain("canary");
  expect(secretValues(plan)).toEqual([
    "canary-token",
    "canary-token",
    "canary-password",
    "123",
    'canary "x"',
  ]);
});

test("a value under 4 characters is not masked, which is a warning; a boolean is none", () => {
  expect(planOf().plan.warnings.map(({ message }) => message)).toEqual([
    "the secret `blocks[0].config.pin` is too short to be masked in the output",
  ]);
});

test("the same plan with its files in the workspace is there for an engine that does not see memory files", () => {
  const { plan } = planOf();
  const other = plan.inWorkspace?.();
  expect(other?.runDirectory?.root).toBe(plan.workspace);
  expect(JSON.stringify(other?.steps)).not.toContain("/dev/shm");
  expect(other?.inWorkspace).toBeUndefined();
});

test("without secrets nothing needs memory", () => {
  const { plan, snapshot } = planOf({ "secrets.poly": "" });
  expect(needsMemory(plan)).toBe(false);
  expect(writtenContent(snapshot)).toBe(snapshot.content);
});

test("an ssh key that is kept encrypted is the workspace's key, decrypted for the run", () => {
  const workspace = {
    ...workspaceOf({
      "workspace.poly": `name: test
config: {sshprivatekey: artifacts/secrets/key}
blocks: [{name: b, actions: [{name: act, script: [x]}]}]`,
    }),
    secretFiles: [{ path: "artifacts/secrets/key", reveal: () => Buffer.from("canary-key-text") }],
  };
  const target = findAction(workspace, "b", "act");
  const plan = planAction(workspace, docker, target, factsOf(workspace, target), optionsOf());
  const file = plan.files.find(({ path }) => path === "secrets/artifacts/secrets/key");
  expect(file).toMatchObject({ mode: 0o400, content: "***\n" });
  expect(file === undefined ? "" : Buffer.from(writtenContent(file)).toString()).toBe("canary-key-text");
  const argv = JSON.stringify(plan.steps.flatMap((step) => ("argv" in step ? step.argv : [])));
  expect(argv).toContain("/secrets/artifacts/secrets/key,target=/root/.ssh/id_rsa,readonly");
  expect(argv).toContain("target=/workspace/artifacts/secrets/key,readonly");
  expect(plan.warnings).toEqual([]);
});
