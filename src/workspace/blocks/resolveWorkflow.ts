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
