import { exitCodes, PolycrateError } from "../errors.ts";
import { isPlainSequence } from "../plan/dryRun/graphScript.ts";
import type { ActionPlan } from "../plan/plan.ts";
import { planAction } from "../plan/planAction.ts";
import type { RunOptions } from "../plan/runOptions.ts";
import type { ActionTarget } from "../plan/target.ts";
import type { WorkflowNode } from "../plan/workflow/planWorkflow.ts";
import type { Cancellation } from "../run/cancellation.ts";
import type { Reader } from "../run/events.ts";
import { findEngine } from "../run/findEngine.ts";
import { observe } from "../run/observe.ts";
import { runWorkflow, type WorkflowStepRun } from "../run/runWorkflow.ts";
import type { Workspace } from "../workspace/load.ts";
import { readStepInputs } from "./actionInputs.ts";
import { askTrust } from "./askTrust.ts";
import { type Chosen, type ChosenStep, findStep } from "./chooseTarget.ts";
import { assertCanConfirm, confirm } from "./confirm.ts";
import { printDryRuns, printGraphDryRun } from "./dryRun.ts";
import type { GraphFlags } from "./graphFlags.ts";
import type { Messages } from "./output/messages.ts";
import { workflowView } from "./output/workflowView.ts";

/** What a workflow runs with. */
export type WorkflowContext = {
  readonly messages: Messages;
  readonly cancellation: Cancellation;
  readonly readers: readonly Reader[];
};

type ChosenWorkflow = Extract<Chosen, { kind: "workflow" }>;

/**
 * Runs the steps of a workflow, or prints them as one script; returns the exit code. Throws (64) before anything runs when
 * there are questions but no terminal, and when a step of a graph requires one.
 */
export async function runChosenWorkflow(
  workspace: Workspace,
  chosen: ChosenWorkflow,
  given: RunOptions,
  flags: GraphFlags,
  { messages, cancellation, readers }: WorkflowContext,
): Promise<number> {
  const { workflow, plan: graph, steps } = chosen;
  const { name, prompt, allow_failure: continueOnFailure } = workflow;
  if (!graph.isSequence) assertNeedsNoTerminal(steps, given);
  const trust = given.dryRun ? undefined : await askTrust(workspace);
  if (!given.dryRun && trust === undefined) return exitCodes.declined;
  const options = { ...given, trust };
  const inputs = await readStepInputs(workspace, workflow, steps, options);
  const plan = async (
    node: WorkflowNode,
    target: ActionTarget,
    run: Pick<RunOptions, "workflowRun" | "attempt"> = {},
  ): Promise<ActionPlan> => {
    const ofStep = optionsOfStep(options, node, !graph.isSequence);
    const stepOptions = { ...ofStep, inputs: inputs.get(node) ?? [], ...run };
    const step = { context: node.context, of: target.step };
    const engine = findEngine(workspace, { program: options.engine, flag: options.context, step });
    const facts = await observe(workspace, engine, target, stepOptions);
    return planAction(workspace, engine, target, facts, stepOptions);
  };
  if (options.dryRun) {
    const plans: ActionPlan[] = [];
    for (const { node, target } of steps) plans.push(await plan(node, target));
    const title = `polycrate run ${name}`;
    return isPlainSequence(graph)
      ? printDryRuns(title, plans, messages, continueOnFailure || steps[0]?.node.allowFailure === true)
      : printGraphDryRun({ title, workflow: graph, plans }, messages);
  }
  const first = [prompt?.message ?? []].flat();
  const questions = graph.isSequence ? first : [...first, ...new Set(steps.flatMap(questionsOf))];
  assertCanConfirm([...first, ...steps.flatMap(questionsOf)], options);
  if (!(await confirm(questions, options))) return exitCodes.declined;
  const runs = steps.map(
    (one): WorkflowStepRun => ({
      name: one.node.name,
      runs: `${one.node.step.block} ${one.node.step.action}`,
      confirm: async () => !graph.isSequence || confirm(questionsOf(one), options),
      plan: (workflowRun, attempt) =>
        plan(one.node, findStep(workspace, workflow, one.node), { workflowRun, attempt }),
      node: one.node,
    }),
  );
  if (graph.isSequence) {
    const all = [workflowView(messages), ...readers];
    return runWorkflow({ name, continueOnFailure, steps: runs }, cancellation, all);
  }
  const { stop_timeout: stopTimeout } = workspace.settings.config.container;
  const { jobs, failFast } = flags;
  const walk = { jobs, failFast, stopTimeout };
  return runWorkflow({ name, continueOnFailure, steps: runs, graph: walk }, cancellation, readers);
}

/** What follows `--` comes after the arguments of the step; a flag overrides its timeout. */
function optionsOfStep(options: RunOptions, node: WorkflowNode, inGraph: boolean): RunOptions {
  return {
    ...options,
    inGraph,
    arguments: [...node.arguments, ...options.arguments],
    timeout: options.timeout ?? node.timeout,
  };
}

/** Steps that run at once cannot share a terminal. */
function assertNeedsNoTerminal(steps: readonly ChosenStep[], options: RunOptions): void {
  const flag =
    options.interactive === true
      ? "--interactive"
      : options.shellOnFailure === true
        ? "--shell-on-failure"
        : undefined;
  const hint = "run the action alone: `polycrate run BLOCK ACTION`";
  if (flag !== undefined) {
    throw new PolycrateError(`\`${flag}\` cannot be used with a workflow whose steps run at the same time`, {
      hint,
      exitCode: exitCodes.wrongCommandLine,
    });
  }
  const interactive = steps.find(({ target }) => target.action.settings.interactive);
  if (interactive === undefined || options.interactive === false) return;
  const { name, step } = interactive.node;
  throw new PolycrateError(
    `step \`${name}\` runs an interactive action, and steps that run at the same time have no terminal`,
    {
      hint: `run it alone (\`polycrate run ${step.block} ${step.action}\`), or pass \`--no-interactive\``,
      exitCode: exitCodes.wrongCommandLine,
    },
  );
}

/** The same question of a step and its action is asked once. */
function questionsOf({ node, target }: ChosenStep): readonly string[] {
  const messages = [node.step.prompt?.message, target.action.settings.prompt?.message];
  return [...new Set(messages.filter((message) => typeof message === "string"))];
}
