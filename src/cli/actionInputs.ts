import { exitCodes, PolycrateError } from "../errors.ts";
import type { ActionTarget } from "../plan/target.ts";
import type { WorkflowNode } from "../plan/workflow/planWorkflow.ts";
import type { InputDeclaration } from "../workspace/inputs/declarations.ts";
import { givenByStep, stepInputProblems, writtenInputs } from "../workspace/inputs/stepInputs.ts";
import type { Input } from "../workspace/inputs/values.ts";
import type { Workspace } from "../workspace/load.ts";
import { problemsIn } from "../workspace/poly/polyFile.ts";
import { assertNoErrors } from "../workspace/poly/problems.ts";
import type { WorkflowSettings } from "../workspace/poly/schema/workflow.ts";
import type { ChosenStep } from "./chooseTarget.ts";
import type { CommandData } from "./parseArgs.ts";
import {
  completeInputs,
  declaredInputs,
  type GivenInputs,
  parseGiven,
  readInputFlags,
} from "./readInputs.ts";

type FlagData = Pick<CommandData, "all" | "withInputs">;

/** Returns the inputs of the action that the command line names. Throws (64, 65) as `readInputFlags` and `completeInputs` do. */
export async function readActionInputs(
  target: ActionTarget,
  data: FlagData,
  { dryRun }: { readonly dryRun: boolean },
): Promise<readonly Input[]> {
  const declarations = declaredInputs(target);
  return completedInputs(target, declarations, readInputFlags(declarations, data), dryRun);
}

/** Returns the inputs of a run that is repeated; what is not recorded is found as for a new run. Throws as `readActionInputs`. */
export async function readRecordedInputs(
  target: ActionTarget,
  recorded: GivenInputs,
  { dryRun }: { readonly dryRun: boolean },
): Promise<readonly Input[]> {
  return completedInputs(target, declaredInputs(target), recorded, dryRun);
}

async function completedInputs(
  target: ActionTarget,
  declarations: readonly InputDeclaration[],
  given: GivenInputs,
  dryRun: boolean,
): Promise<readonly Input[]> {
  const title = `${target.block.resolved.name} ${target.action.name}`;
  const requests = [{ title, declarations, given: parseGiven(declarations, given) }];
  const [inputs = []] = await completeInputs(requests, { environment: process.env, dryRun });
  return inputs;
}

/** Throws (64) for flags that are not polycrate's, and for inputs: a workflow's steps pass them. */
export function refuseInputs({ name }: WorkflowSettings, { all, withInputs }: FlagData): void {
  withInputs({});
  if (all("input").length === 0) return;
  throw new PolycrateError(`\`${name}\` is a workflow, which has no inputs`, {
    hint: "pass them in `workspace.poly`: the key `inputs` of a step",
    exitCode: exitCodes.wrongCommandLine,
  });
}

/**
 * Returns the inputs of each node: what its step passes, and what its action takes from the environment or by default. Throws
 * (65) when a step does not pass what its action requires, (64) for missing secrets without a terminal.
 */
export async function readStepInputs(
  workspace: Workspace,
  workflow: WorkflowSettings,
  steps: readonly ChosenStep[],
  { dryRun }: { readonly dryRun: boolean },
): Promise<ReadonlyMap<WorkflowNode, readonly Input[]>> {
  const { env: environment } = process;
  const found = steps.map(({ node, target }) => ({
    node,
    title: node.step.name,
    declarations: declaredInputs(target),
    written: writtenInputs(workspace, workflow.name, workflow.steps.indexOf(node.step)),
  }));
  const first = found.filter(
    ({ node }, index) => found.findIndex((one) => one.node.step === node.step) === index,
  );
  const problems = first.flatMap(({ declarations, written }) => stepInputProblems(declarations, written));
  assertNoErrors(problemsIn(workspace.file, problems));
  const requests = found.map(({ node, title, declarations, written }) => ({
    title,
    declarations,
    given: givenByStep(workspace, declarations, written, node.matrix, environment),
  }));
  const inputs = await completeInputs(requests, { environment, dryRun });
  return new Map(found.map(({ node }, index) => [node, inputs[index] ?? []]));
}
