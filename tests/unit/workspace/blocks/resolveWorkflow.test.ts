import { expect, test } from "bun:test";
import { brokenWorkflows, findWorkflow } from "../../../../src/workspace/blocks/resolveWorkflow.ts";
import { loadWorkspace } from "../../../../src/workspace/load.ts";
import { messageOf } from "../../../support/fakes.ts";
import { makeFolder } from "../../../support/harness.ts";

/** The workspace of these workflows. */
function workspaceWith(workflows: string) {
  using folder = makeFolder({ "workspace.poly": `name: test-workspace\nworkflows:\n${workflows}` });
  return loadWorkspace({ named: folder.path });
}

test("a workflow that is not a graph is not run, and the others are", () => {
  const workspace = workspaceWith(`  - {name: good, steps: [{name: a, block: b, action: c}]}
  - {name: circle, steps: [{name: a, block: b, action: c, needs: b}, {name: b, block: b, action: c, needs: a}]}
`);
  expect(findWorkflow(workspace, "good")?.steps.map(({ name }) => name)).toEqual(["a"]);
  expect(messageOf(() => findWorkflow(workspace, "circle"))).toBe(
    "65: workspace.poly:4:66: steps need each other in a cycle: a → b → a",
  );
  expect(brokenWorkflows(workspace).map(({ name }) => name)).toEqual(["circle"]);
});

test("two steps of one name in a list run as ever", () => {
  const workspace = workspaceWith(
    "  - {name: w, steps: [{name: a, block: b, action: c}, {name: a, block: b, action: c}]}\n",
  );
  expect(findWorkflow(workspace, "w")?.steps).toHaveLength(2);
  expect(brokenWorkflows(workspace)).toEqual([]);
});
