import { expect, test } from "bun:test";
import { formatWorkflow } from "../../../../src/plan/workflow/formatWorkflow.ts";
import { planWorkflow } from "../../../../src/plan/workflow/planWorkflow.ts";
import { workflowOf } from "../../../support/workflows.ts";

const linesOf = (steps: string, head = "") => formatWorkflow(planWorkflow(workflowOf(steps, head)));

test("without needs and matrix the steps run in order, whatever else they have", () => {
  const steps = `{name: build, block: web, action: build, retries: 1}
    {name: deploy, block: web, action: deploy, timeout: 5m, env: {A: 1}, arguments: [--force, yes, 1.10]}
    {name: undo, block: web, action: undo, when: failure, retries: 3}
    {name: notify, block: chat, action: post, when: always, allow_failure: true}`;
  expect(planWorkflow(workflowOf(steps)).isSequence).toBe(true);
  expect(linesOf(steps)).toBe(`build: web build; 1 retry
deploy: web deploy; after build; timeout 300 s; env A; arguments ["--force","yes","1.10"]
undo: web undo; after deploy; when one failed; 3 retries
notify: chat post; after undo; always; may fail
`);
});

test("a step with a matrix is a node for each combination, and those that need it depend on all of them", () => {
  const steps = `{name: deploy, block: web, action: deploy, matrix: {region: [eu, us], size: [1, 2]}}
    {name: test, block: web, action: test, needs: deploy}
    {name: lint, block: web, action: lint}`;
  expect(planWorkflow(workflowOf(steps)).isSequence).toBe(false);
  expect(linesOf(steps)).toBe(`deploy (region=eu, size=1): web deploy; env MATRIX_REGION, MATRIX_SIZE
deploy (region=eu, size=2): web deploy; env MATRIX_REGION, MATRIX_SIZE
deploy (region=us, size=1): web deploy; env MATRIX_REGION, MATRIX_SIZE
deploy (region=us, size=2): web deploy; env MATRIX_REGION, MATRIX_SIZE
test: web test; after deploy (region=eu, size=1), deploy (region=eu, size=2), deploy (region=us, size=1), deploy (region=us, size=2)
lint: web lint
`);
});

test("an empty `needs` makes a graph, in which everything may run at once", () => {
  expect(linesOf("{name: a, block: b, action: c, needs: []}\n{name: d, block: b, action: c}")).toBe(
    "a: b c\nd: b c\n",
  );
});

test("a value that is more than a word is quoted in the name, as text", () => {
  const steps = `{name: a, block: b, action: c, matrix: {x-y: ["1, z=2", "", "ü\\n", 1.10, 0644, true]}}`;
  const nodes = planWorkflow(workflowOf(steps)).nodes;
  expect(nodes.map(({ name }) => name)).toEqual([
    'a (x-y="1, z=2")',
    'a (x-y="")',
    'a (x-y="ü\\n")',
    "a (x-y=1.10)",
    "a (x-y=0644)",
    "a (x-y=true)",
  ]);
  expect(nodes.map(({ env }) => env.MATRIX_X_Y)).toEqual(["1, z=2", "", "ü\n", "1.10", "0644", "true"]);
});

test("a step runs in its own context, or in one of its matrix", () => {
  const steps = `{name: a, block: b, action: c, context: bastion}
    {name: d, block: b, action: c, matrix: {host: [one, two]}, context: {from_matrix: host}}`;
  expect(linesOf(steps)).toBe(`a: b c; context bastion
d (host=one): b c; context one; env MATRIX_HOST
d (host=two): b c; context two; env MATRIX_HOST
`);
});

test("where the workflow allows failures, every node does", () => {
  expect(linesOf("{name: a, block: b, action: c}", "allow_failure: true")).toBe("a: b c; may fail\n");
});
