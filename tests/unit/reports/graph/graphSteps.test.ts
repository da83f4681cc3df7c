import { expect, test } from "bun:test";
import { planWorkflow } from "../../../../src/plan/workflow/planWorkflow.ts";
import { graphSteps } from "../../../../src/reports/graph/graphSteps.ts";
import { workflowOf } from "../../../support/workflows.ts";

test("the combinations of a step are one step, and what it needs are steps", () => {
  const steps = graphSteps(
    planWorkflow(
      workflowOf(`
  {name: build, block: b, action: act}
  {name: test, block: b, action: act, needs: build, matrix: {os: [linux, "a b"], n: [1]}, retries: 2}
  {name: deploy, block: b, action: act, needs: [test, build], timeout: 5m, allow_failure: true}
  {name: tell, block: b, action: act, needs: [deploy, test], when: failure, retries: 1, timeout: 3661}
`),
    ),
  );
  expect(steps.map(({ name, needs, notes, nodes }) => [name, needs, notes, nodes])).toEqual([
    ["build", [], [], [{ index: 0, combination: "" }]],
    [
      "test",
      [0],
      ["2 retries"],
      [
        { index: 1, combination: "os=linux, n=1" },
        { index: 2, combination: 'os="a b", n=1' },
      ],
    ],
    ["deploy", [0, 1], ["timeout 5 min", "may fail"], [{ index: 3, combination: "" }]],
    [
      "tell",
      [1, 2],
      ["when one failed", "1 retry", "timeout 1 h 1 min 1 s"],
      [{ index: 4, combination: "" }],
    ],
  ]);
});

test("in a sequence a step follows the one before it, also if both have one name", () => {
  const steps = graphSteps(
    planWorkflow(
      workflowOf(`
  {name: a, block: b, action: act}
  {name: b, block: b, action: act}
  {name: a, block: b, action: act}
`),
    ),
  );
  expect(steps.map(({ name, needs }) => [name, needs])).toEqual([
    ["a", []],
    ["b", [0]],
    ["a", [1]],
  ]);
});
