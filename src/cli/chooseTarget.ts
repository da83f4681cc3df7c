import { didYouMean, exitCodes, PolycrateError } from "../errors.ts";
import { stderr } from "../host/output.ts";
import { isStdinTerminal } from "../host/stdio.ts";
import type { ActionTarget } from "../plan/target.ts";
import { chooseNodes } from "../plan/workflow/chooseNodes.ts";
import { planWorkflow, type WorkflowNode, type WorkflowPlan } from "../plan/workflow/planWorkflow.ts";
import { findAction } from "../run/findTarget.ts";
import { blocksOf } from "../workspace/blocks/overlayBlocks.ts";
import { resolveBlock } from "../workspace/blocks/resolveBlock.ts";
import { findWorkflow } from "../workspace/blocks/resolveWorkflow.ts";
import type { Workspace } from "../workspace/load.ts";
import type { WorkflowSettings } from "../workspace/poly/schema/workflow.ts";
import { formatActions } from "./commands/list.ts";
import { type Selection, selectAction } from "./selectAction.ts";

/** The arguments of `polycrate run` that choose a target. */
export type TargetArgs = {
  readonly block?: string | undefined;
  readonly action?: string | undefined;
  readonly step?: string | undefined;
  readonly "from-step"?: string | undefined;
  /** All values of `--matrix`. */
  readonly matrix?: readonly string[] | undefined;
};

/** An action, or a workflow and those of its steps to run. */
export type Chosen =
  | { readonly kind: "action"; readonly target: ActionTarget }
  | {
      readonly kind: "workflow";
      readonly workflow: WorkflowSettings;
      readonly plan: WorkflowPlan;
      /** By the nodes of the plan. */
      readonly steps: readonly ChosenStep[];
    };

export type ChosenStep = { readonly node: WorkflowNode; readonly target: ActionTarget };

/**
 * Returns the target that the command line names, or prompts for one if it names none. Throws (64) for unknown names and
 * when there is no terminal to prompt on, (65) for broken entries.
 */
export async function chooseTarget(workspace: Workspace, args: TargetArgs): Promise<Chosen> {
  const { step: only, "from-step": from, matrix = [] } = args;
  const isStep = only !== undefined || from !== undefined || matrix.length > 0;
  const { name, action } =
    args.block === undefined && !isStep
      ? await askTarget(workspace)
      : { name: args.block, action: args.action };
  const workflow = action === undefined && name !== undefined ? findWorkflow(workspace, name) : undefined;
  if (workflow !== undefined) {
    const plan = chooseNodes(planWorkflow(workflow), { only, from, matrix });
    return {
      kind: "workflow",
      workflow,
      plan,
      steps: plan.nodes.map((node) => ({ node, target: findStep(workspace, workflow, node) })),
    };
  }
  if (name === undefined || isStep) throw notAWorkflow(workspace, name);
  if (action === undefined) throw noAction(workspace, name);
  return { kind: "action", target: findAction(workspace, name, action) };
}

/** Returns the action of a workflow's step, with the files that exist by now. Throws as `findAction` does. */
export function findStep(
  workspace: Workspace,
  workflow: WorkflowSettings,
  { step: { name, block, action }, matrix }: WorkflowNode,
): ActionTarget {
  return findAction(workspace, block, action, { workflow: workflow.name, name, matrix });
}

/** Prompts for a target. Throws (64) without a terminal. */
async function askTarget(workspace: Workspace): Promise<Selection> {
  if (isStdinTerminal() && stderr.isTTY) return selectAction(workspace);
  throw new PolycrateError("`polycrate run` requires a block and an action, or a workflow", {
    hint: "`polycrate list` shows blocks, actions and workflows",
    exitCode: exitCodes.wrongCommandLine,
  });
}

/** The error for a block without an action, which lists the block's actions. */
function noAction(workspace: Workspace, block: string): PolycrateError {
  const names = blocksOf(workspace).map(({ name }) => name);
  const workflows = workspace.settings.workflows.map(({ name }) => name);
  const near = names.includes(block) ? undefined : didYouMean(block, [...workflows, ...names]);
  if (near !== undefined) {
    return new PolycrateError(`there is no block or workflow \`${block}\``, {
      hint: near,
      exitCode: exitCodes.wrongCommandLine,
    });
  }
  const actions = formatActions(resolveBlock(workspace, block)).trimEnd();
  return new PolycrateError(`missing argument ACTION; block \`${block}\` has these actions:\n${actions}`, {
    hint: `use \`polycrate run ${block} ACTION\``,
    exitCode: exitCodes.wrongCommandLine,
  });
}

function notAWorkflow(workspace: Workspace, word: string | undefined): PolycrateError {
  const workflows = workspace.settings.workflows.map(({ name }) => name);
  const given = word === undefined ? "" : `; \`${word}\` is not a workflow`;
  return new PolycrateError(`\`--step\`, \`--from-step\` and \`--matrix\` require a workflow${given}`, {
    hint: didYouMean(word ?? "", workflows) ?? "`polycrate list` shows the workflows",
    exitCode: exitCodes.wrongCommandLine,
  });
}
