import { expect, test } from "bun:test";
import { graphJson, graphText } from "../../../../src/cli/output/graphText.ts";
import { planWorkflow } from "../../../../src/plan/workflow/planWorkflow.ts";
import { workflowOf } from "../../../support/workflows.ts";

const plan = planWorkflow(
  workflowOf(`
  {name: build, block: web, action: act}
  {name: test, block: web, action: act, needs: build, matrix: {os: [linux, "a b"]}, retries: 2}
  {name: deploy-to-production, block: web, action: act, needs: [build, test], when: always, allow_failure: true}
`),
);

test("a graph is a line a node, also in 60 columns", () => {
  expect(graphText(plan, 80)).toBe(`build                 web act
test (os=linux)       web act; after build; 2 retries
test (os="a b")       web act; after build; 2 retries
deploy-to-production  web act; after build, test; always; may fail
`);
  expect(graphText(plan, 60)).toBe(`build                 web act
test (os=linux)       web act; after build; 2 retries
test (os="a b")       web act; after build; 2 retries
deploy-to-production  web act; after build, test; always;
                      may fail
`);
});

test("for programs a node names the nodes before it", () => {
  const { workflow, kind, nodes } = JSON.parse(graphJson(plan));
  expect({ workflow, kind, last: nodes[3] }).toEqual({
    ...{ workflow: "release", kind: "graph" },
    last: {
      ...{ name: "deploy-to-production", step: "deploy-to-production", block: "web", action: "act" },
      ...{ matrix: {}, needs: ["build", "test (os=linux)", 'test (os="a b")'], when: "always" },
      ...{ allow_failure: true, retries: 0, timeout: null, context: null, arguments: [] },
    },
  });
});
