import { didYouMean, exitCodes, PolycrateError } from "../../errors.ts";
import { isYamlList, isYamlMap, textOf } from "../../yaml/value.ts";
import type { Workspace } from "../load.ts";
import { assertNoErrors, errorsOf, type Problem } from "../poly/problems.ts";
import type { WorkflowSettings } from "../poly/schema/workflow.ts";

/** A step of a workflow, as the schema returns it. */
export type WorkflowStep = WorkflowSettings["steps"][number];

/** Returns the workflow of that name or alias; undefined when there is none. Throws (65) when it has errors. */
export function findWorkflow(workspace: Workspace, reference: string): WorkflowSettings | undefined {
  const workflows = workspace.settings.workflows;
  const named = workflows.find(({ name }) => name === reference);
  const broken = brokenWorkflows(workspace).find(({ name }) => name === reference);
  if (named === undefined && broken !== undefined) assertNoErrors(broken.problems);
  return named ?? workflows.find(({ alias }) => [alias ?? []].flat().includes(reference));
}

/** A workflow with errors, and its likely name. */
export type BrokenWorkflow = { readonly name: string; readonly problems: readonly Problem[] };

/** Returns the workflows that are left out of the settings because of their errors. */
export function brokenWorkflows({ file, problems }: Workspace): readonly BrokenWorkflow[] {
  const workflows = file.value.get("workflows");
  return (isYamlList(workflows) ? workflows : []).flatMap((workflow, index): readonly BrokenWorkflow[] => {
    const errors = errorsOf(problems, { list: "workflows", index });
    const name = isYamlMap(workflow) ? textOf(workflow.get("name")) : undefined;
    return errors.length === 0 ? [] : [{ name: name ?? `workflows[${index}]`, problems: errors }];
  });
}

/** Which steps of a workflow to run: one, one and those after it, or all. */
export type StepChoice = { readonly only?: string | undefined; readonly from?: string | undefined };

/** Returns the chosen steps in order. Throws (64) when both choices are given or the step does not exist, (65) when there are no steps. */
export function chooseSteps(workflow: WorkflowSettings, { only, from }: StepChoice): readonly WorkflowStep[] {
  const { steps } = workflow;
  if (only !== undefined && from !== undefined) {
    throw new PolycrateError("`--step` and `--from-step` cannot be used together", {
      hint: "use one of them",
      exitCode: exitCodes.wrongCommandLine,
    });
  }
  if (steps.length === 0) {
    throw new PolycrateError(`workflow \`${workflow.name}\` has no steps`, {
      hint: "write them: `steps: [{name: build, block: my-app, action: build}]`",
      exitCode: exitCodes.invalidWorkspace,
    });
  }
  const wanted = only ?? from;
  if (wanted === undefined) return steps;
  const at = steps.findIndex(({ name }) => name === wanted);
  if (at >= 0) return steps.slice(at, only === undefined ? undefined : at + 1);
  const names = steps.map(({ name }) => name);
  throw new PolycrateError(`workflow \`${workflow.name}\` has no step \`${wanted}\``, {
    hint: didYouMean(wanted, names) ?? `its steps: ${names.join(", ")}`,
    exitCode: exitCodes.wrongCommandLine,
  });
}
