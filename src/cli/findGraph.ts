import { didYouMean, exitCodes, PolycrateError } from "../errors.ts";
import { planWorkflow, type WorkflowPlan } from "../plan/workflow/planWorkflow.ts";
import { findWorkflow } from "../workspace/blocks/resolveWorkflow.ts";
import type { Workspace } from "../workspace/load.ts";
import type { WorkflowSettings } from "../workspace/poly/schema/workflow.ts";

/** Returns the workflow of that name or alias as a graph. Throws (64) when there is none, (65) when it has errors or no steps. */
export function findGraph(
  workspace: Workspace,
  name: string,
): { readonly workflow: WorkflowSettings; readonly plan: WorkflowPlan } {
  const workflow = findWorkflow(workspace, name);
  if (workflow === undefined) {
    const names = workspace.settings.workflows.map((one) => one.name);
    throw new PolycrateError(`there is no workflow \`${name}\``, {
      hint: didYouMean(name, names) ?? "`polycrate list` shows the workflows",
      exitCode: exitCodes.wrongCommandLine,
    });
  }
  const plan = planWorkflow(workflow);
  if (plan.nodes.length > 0) return { workflow, plan };
  throw new PolycrateError(`workflow \`${workflow.name}\` has no steps`, {
    hint: "write them: `steps: [{name: build, block: my-app, action: build}]`",
    exitCode: exitCodes.invalidWorkspace,
  });
}
