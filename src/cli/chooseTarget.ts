import { didYouMean, exitCodes, PolycrateError } from "../errors.ts";
import type { ActionTarget } from "../plan/target.ts";
import { findAction } from "../run/findTarget.ts";
import { blocksOf } from "../workspace/blocks/overlayBlocks.ts";
import { resolveBlock } from "../workspace/blocks/resolveBlock.ts";
import { chooseSteps, findWorkflow, type WorkflowStep } from "../workspace/blocks/resolveWorkflow.ts";
import type { Workspace } from "../workspace/load.ts";
import type { WorkflowSettings } from "../workspace/poly/schema.ts";
import { formatActions } from "./commands/list.ts";
import { type Selection, selectAction } from "./selectAction.ts";

/** What `polycrate run` is asked for. */
export type TargetArgs = {
  readonly block?: string | undefined;
  readonly action?: string | undefined;
  readonly step?: string | undefined;
  readonly "from-step"?: string | undefined;
};

/** An action, or a workflow with the steps of it that are to run. */
export type Chosen =
  | { readonly kind: "action"; readonly target: ActionTarget }
  | {
      readonly kind: "workflow";
      readonly workflow: WorkflowSettings;
      readonly steps: readonly ChosenStep[];
    };

export type ChosenStep = { readonly step: WorkflowStep; readonly target: ActionTarget };

/**
 * Returns what the command line names, or what a person chooses where it names nothing. Throws (64) for names that do not
 * exist and where nobody can be asked, (65) for what is broken.
 */
export async function chooseTarget(workspace: Workspace, args: TargetArgs): Promise<Chosen> {
  const { step: only, "from-step": from } = args;
  const isStep = only !== undefined || from !== undefined;
  const { name, action } =
    args.block === undefined && !isStep
      ? await askTarget(workspace)
      : { name: args.block, action: args.action };
  const workflow = action === undefined && name !== undefined ? findWorkflow(workspace, name) : undefined;
  if (workflow !== undefined) {
    const steps = chooseSteps(workflow, { only, from });
    return {
      kind: "workflow",
      workflow,
      steps: steps.map((step) => ({ step, target: findStep(workspace, workflow, step) })),
    };
  }
  if (name === undefined || isStep) throw notAWorkflow(workspace, name);
  if (action === undefined) throw noAction(workspace, name);
  return { kind: "action", target: findAction(workspace, name, action) };
}

/** Returns the action of a workflow's step, with the files that it finds by now. Throws as `findAction` does. */
export function findStep(
  workspace: Workspace,
  workflow: WorkflowSettings,
  { name, block, action }: WorkflowStep,
): ActionTarget {
  return findAction(workspace, block, action, { workflow: workflow.name, name });
}

/** Lets a person choose. Throws (64) where there is no terminal for it. */
async function askTarget(workspace: Workspace): Promise<Selection> {
  if (process.stdin.isTTY && process.stderr.isTTY) return selectAction(workspace);
  throw new PolycrateError("`polycrate run` requires a block and an action, or a workflow", {
    hint: "`polycrate list` shows them",
    exitCode: exitCodes.wrongCommandLine,
  });
}

/** The error for a block without an action, which lists the block's actions. */
function noAction(workspace: Workspace, block: string): PolycrateError {
  const names = blocksOf(workspace).map(({ name }) => name);
  const workflows = workspace.settings.workflows.map(({ name }) => name);
  const near = names.includes(block) ? undefined : didYouMean(block, [...workflows, ...names]);
  if (near !== undefined) {
    return new PolycrateError(`there is no block and no workflow \`${block}\``, {
      hint: near,
      exitCode: exitCodes.wrongCommandLine,
    });
  }
  const actions = formatActions(resolveBlock(workspace, block)).trimEnd();
  return new PolycrateError(`which action of \`${block}\`?\n${actions}`, {
    hint: `write \`polycrate run ${block} ACTION\``,
    exitCode: exitCodes.wrongCommandLine,
  });
}

function notAWorkflow(workspace: Workspace, word: string | undefined): PolycrateError {
  const workflows = workspace.settings.workflows.map(({ name }) => name);
  return new PolycrateError(`\`--step\` and \`--from-step\` want a workflow, and \`${word ?? ""}\` is none`, {
    hint: didYouMean(word ?? "", workflows) ?? "`polycrate list` shows the workflows",
    exitCode: exitCodes.wrongCommandLine,
  });
}
