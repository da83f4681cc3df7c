import { findWorkflow } from "../../src/workspace/blocks/resolveWorkflow.ts";
import type { WorkflowSettings } from "../../src/workspace/poly/schema/workflow.ts";
import { workspaceOf } from "./planning.ts";

/** The workflow `release` with these steps, one a line; `head` has further keys. */
export function workflowOf(steps: string, head = ""): WorkflowSettings {
  const lines = steps
    .trim()
    .split("\n")
    .map((line) => `      - ${line.trim()}`);
  const text = ["name: test-workspace", "workflows:", "  - name: release"];
  const workspace = workspaceOf({
    "workspace.poly": [...text, ...(head === "" ? [] : [`    ${head}`]), "    steps:", ...lines, ""].join(
      "\n",
    ),
  });
  const workflow = findWorkflow(workspace, "release");
  if (workflow === undefined) throw new Error("there is no workflow");
  return workflow;
}
