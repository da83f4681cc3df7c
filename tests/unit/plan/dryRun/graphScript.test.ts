import { expect, test } from "bun:test";
import fc from "fast-check";
import { isPlainSequence, legalOrder, printGraphScript } from "../../../../src/plan/dryRun/graphScript.ts";
import type { ContainerStep } from "../../../../src/plan/plan.ts";
import { planWorkflow, type WorkflowPlan } from "../../../../src/plan/workflow/planWorkflow.ts";
import { container, planIn } from "../../../support/execution.ts";
import { call, type Folder, makeFolder } from "../../../support/harness.ts";
import { workflowOf } from "../../../support/workflows.ts";

/** Runs the printed script of a workflow whose steps each write their name and then do what `ends` says. */
async function printed(folder: Folder, workflow: WorkflowPlan, ends: Readonly<Record<string, string>>) {
  const plans = workflow.nodes.map(({ name }) => {
    const argv: ContainerStep["argv"] = ["sh", "-c", `echo '${name}'; ${ends[name] ?? ":"}`];
    return planIn(folder, [container(folder, "", { argv })]);
  });
  const script = printGraphScript({ title: "polycrate run release", workflow, plans });
  const { stdout, exitCode } = await call(["sh"], { input: script });
  return { ran: stdout.split("\n").slice(0, -1), exitCode, script };
}

const graph = planWorkflow(
  workflowOf(`{name: last, block: b, action: a, needs: [undo, lint], when: always}
    {name: undo, block: b, action: a, needs: deploy, when: failure}
    {name: deploy, block: b, action: a, needs: [build], matrix: {r: [eu, us]}}
    {name: build, block: b, action: a, retries: 2}
    {name: lint, block: b, action: a, allow_failure: true}
    {name: after, block: b, action: a, needs: lint}`),
);

test("the steps run one after the other, each after what it needs, and the head says so", async () => {
  using folder = makeFolder({});
  const { ran, exitCode, script } = await printed(folder, graph, {});
  expect(ran).toEqual(["build", "deploy (r=eu)", "deploy (r=us)", "lint", "last", "after"]);
  expect(exitCode).toBe(0);
  expect(script).toContain(
    "# It runs the steps one after the other, where polycrate runs several at once.\n",
  );
});

test("a failure skips what needs it, runs what is for it, and is the exit code", async () => {
  using folder = makeFolder({});
  const { ran, exitCode } = await printed(folder, graph, { "deploy (r=us)": "exit 7", lint: "exit 9" });
  expect(ran).toEqual(["build", "deploy (r=eu)", "deploy (r=us)", "undo", "lint", "last", "after"]);
  expect(exitCode).toBe(7);
});

test("a step is run again as often as it may be", async () => {
  using folder = makeFolder({});
  const twice = await printed(folder, graph, { build: "[ -e again ] || { touch again; exit 3; }" });
  expect(twice.ran.slice(0, 3)).toEqual(["build", "build", "deploy (r=eu)"]);
  expect(twice.exitCode).toBe(0);
  const { ran, exitCode } = await printed(folder, graph, { build: "exit 3" });
  expect(ran).toEqual(["build", "build", "build", "lint", "last", "after"]);
  expect(exitCode).toBe(3);
});

test.each([129, 130, 143])("the signal of code %d ends all of it", async (code) => {
  using folder = makeFolder({});
  const { ran, exitCode } = await printed(folder, graph, { build: `exit ${code}` });
  expect([ran, exitCode]).toEqual([["build"], code]);
});

test("in a list, a step for a failure that was none stops nothing", async () => {
  using folder = makeFolder({});
  const list = planWorkflow(
    workflowOf(`{name: one, block: b, action: a}
      {name: undo, block: b, action: a, when: failure}
      {name: two, block: b, action: a}
      {name: end, block: b, action: a, when: always}`),
  );
  expect((await printed(folder, list, {})).ran).toEqual(["one", "two", "end"]);
  const failed = await printed(folder, list, { one: "exit 7" });
  expect([failed.ran, failed.exitCode]).toEqual([["one", "undo", "end"], 7]);
});

test("steps in order without anything else are printed as ever", () => {
  const isPlain = (steps: string) => isPlainSequence(planWorkflow(workflowOf(steps)));
  expect(isPlain("{name: one, block: b, action: a, env: {A: 1}}\n{name: two, block: b, action: a}")).toBe(
    true,
  );
  for (const key of ["retries: 1", "when: always", "allow_failure: true"]) {
    expect(isPlain(`{name: one, block: b, action: a}\n{name: two, block: b, action: a, ${key}}`)).toBe(false);
  }
});

test("the order has each node once, after all that it depends on", () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.nat({ max: 20 }), { maxLength: 3 }), { maxLength: 15 }), (drafts) => {
      const [first] = graph.nodes;
      if (first === undefined) return;
      // Turned round, so that nodes depend on later ones.
      const count = drafts.length;
      const nodes = drafts.map((before, place) => ({
        ...first,
        dependsOn: place === count - 1 ? [] : before.map((one) => place + 1 + (one % (count - place - 1))),
      }));
      const order = legalOrder(nodes);
      expect([...order].sort((a, b) => a - b)).toEqual([...nodes.keys()]);
      for (const [index, { dependsOn }] of nodes.entries()) {
        for (const one of dependsOn) expect(order.indexOf(one)).toBeLessThan(order.indexOf(index));
      }
    }),
  );
});
