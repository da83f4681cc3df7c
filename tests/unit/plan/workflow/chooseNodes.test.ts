import { expect, test } from "bun:test";
import { chooseNodes, type StepChoice } from "../../../../src/plan/workflow/chooseNodes.ts";
import { formatWorkflow } from "../../../../src/plan/workflow/formatWorkflow.ts";
import { planWorkflow } from "../../../../src/plan/workflow/planWorkflow.ts";
import { messageOf } from "../../../support/fakes.ts";
import { workflowOf } from "../../../support/workflows.ts";

const graph = workflowOf(`{name: build, block: b, action: a}
  {name: deploy, block: b, action: a, needs: build, matrix: {region: [eu, us], size: [1, 2]}}
  {name: lint, block: b, action: a}
  {name: undo, block: b, action: a, needs: [deploy], when: failure}
  {name: report, block: b, action: a, needs: [undo, lint], when: always}`);

const list = workflowOf(
  "{name: one, block: b, action: a}\n{name: two, block: b, action: a}\n{name: two, block: b, action: a}",
);

const chosen = (choice: StepChoice, workflow = graph) =>
  formatWorkflow(chooseNodes(planWorkflow(workflow), choice))
    .replaceAll(/: b a|; env [^\n]*/g, "")
    .trimEnd()
    .split("\n");

test("`--step` is the step alone, in all of its combinations or those with these values", () => {
  expect(chosen({ only: "lint" })).toEqual(["lint; always"]);
  expect(chosen({ only: "undo" })).toEqual(["undo; always"]);
  expect(chosen({ only: "deploy" })).toHaveLength(4);
  expect(chosen({ only: "deploy", matrix: ["region=eu"] })).toEqual([
    "deploy (region=eu, size=1); always",
    "deploy (region=eu, size=2); always",
  ]);
  expect(chosen({ only: "deploy", matrix: ["size=2", "region=us"] })).toEqual([
    "deploy (region=us, size=2); always",
  ]);
});

test("`--from-step` is the step and what depends on it, directly or not", () => {
  expect(chosen({ from: "undo" })).toEqual(["undo; always", "report; after undo; always"]);
  expect(chosen({ from: "lint" })).toEqual(["lint; always", "report; after lint; always"]);
  expect(chosen({ from: "build" }).map((line) => line.split(/[ ;]/)[0])).toEqual([
    ...["build", "deploy", "deploy", "deploy", "deploy", "undo", "report"],
  ]);
});

test("in a list `--from-step` is the step and those after it, and names the first of two", () => {
  expect(chosen({ from: "two" }, list)).toEqual(["two; always", "two; after two"]);
  expect(chosen({ only: "two" }, list)).toEqual(["two; always"]);
  expect(chosen({}, list)).toEqual(["one", "two; after one", "two; after two"]);
});

test.each<[StepChoice, string]>([
  [{ only: "a", from: "b" }, "64: `--step` and `--from-step` cannot be used together"],
  [{ matrix: ["region=eu"] }, "64: `--matrix` requires `--step`"],
  [{ from: "deploy", matrix: ["region=eu"] }, "64: `--matrix` requires `--step`"],
  [{ only: "biuld" }, "64: workflow `release` has no step `biuld`"],
  [{ only: "lint", matrix: ["region=eu"] }, "64: step `lint` has no matrix"],
  [
    { only: "deploy", matrix: ["region=ue"] },
    "64: the matrix of step `deploy` has no combination with `region=ue`",
  ],
  [
    { only: "deploy", matrix: ["region=eu", "region=us"] },
    "64: the matrix of step `deploy` has no combination with `region=eu region=us`",
  ],
])("%j: %s", (choice, message) => {
  expect(messageOf(() => chooseNodes(planWorkflow(graph), choice))).toBe(message);
});
