import { docker } from "../engine/docker.ts";
import { exitCodes } from "../errors.ts";
import type { ActionPlan } from "../plan/plan.ts";
import { planAction } from "../plan/planAction.ts";
import type { RunOptions } from "../plan/runOptions.ts";
import type { ActionTarget } from "../plan/target.ts";
import type { Cancellation } from "../run/cancellation.ts";
import type { Reader } from "../run/events.ts";
import { observe } from "../run/observe.ts";
import { runWorkflow } from "../run/runWorkflow.ts";
import type { Workspace } from "../workspace/load.ts";
import { readStepInputs } from "./actionInputs.ts";
import { type Chosen, type ChosenStep, findStep } from "./chooseTarget.ts";
import { assertCanConfirm, confirm } from "./confirm.ts";
import { printDryRuns } from "./dryRun.ts";
import type { Messages } from "./output/messages.ts";
import { workflowView } from "./output/workflowView.ts";

/** What a workflow runs with. */
export type WorkflowContext = {
  readonly messages: Messages;
  readonly cancellation: Cancellation;
  readonly readers: readonly Reader[];
};

/**
 * Runs the steps of a workflow, or prints them as one script; returns the exit code. Throws (64) before anything runs when
 * there are questions but no terminal.
 */
export async function runChosenWorkflow(
  workspace: Workspace,
  { workflow, steps }: Extract<Chosen, { kind: "workflow" }>,
  options: RunOptions,
  { messages, cancellation, readers }: WorkflowContext,
): Promise<number> {
  const { name, prompt, allow_failure: continueOnFailure } = workflow;
  const inputs = await readStepInputs(workspace, workflow.name, steps, options);
  const plan = async (target: ActionTarget, workflowRun?: string): Promise<ActionPlan> => {
    const stepOptions = { ...options, workflowRun, inputs: inputs.get(target.step?.name ?? "") ?? [] };
    const facts = await observe(workspace, docker, target, stepOptions);
    return planAction(workspace, docker, target, facts, stepOptions);
  };
  if (options.dryRun) {
    const plans: ActionPlan[] = [];
    for (const { target } of steps) plans.push(await plan(target));
    return printDryRuns(`polycrate run ${name}`, plans, messages, continueOnFailure);
  }
  const first = [prompt?.message ?? []].flat();
  assertCanConfirm([...first, ...steps.flatMap(questionsOf)], options);
  if (!(await confirm(first, options))) return exitCodes.declined;
  const runs = steps.map((one) => ({
    name: one.step.name,
    runs: `${one.step.block} ${one.step.action}`,
    confirm: () => confirm(questionsOf(one), options),
    plan: (workflowRun: string) => plan(findStep(workspace, workflow, one.step), workflowRun),
  }));
  return runWorkflow({ name, continueOnFailure, steps: runs }, cancellation, [
    workflowView(messages),
    ...readers,
  ]);
}

/** The same question of a step and its action is asked once. */
function questionsOf({ step, target }: ChosenStep): readonly string[] {
  const messages = [step.prompt?.message, target.action.settings.prompt?.message];
  return [...new Set(messages.filter((message) => typeof message === "string"))];
}
