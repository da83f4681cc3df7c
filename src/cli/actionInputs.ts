import { exitCodes, PolycrateError } from "../errors.ts";
import type { ActionTarget } from "../plan/target.ts";
import type { WorkflowNode } from "../plan/workflow/planWorkflow.ts";
import { findWorkflow } from "../workspace/blocks/resolveWorkflow.ts";
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
  const given = parseGiven(declarations, readInputFlags(declarations, data));
  return completedInputs(target, declarations, given, dryRun);
}

/**
 * Returns the inputs of a run that is repeated. Secrets are not recorded: they come from where the workflow's step takes them, or
 * are found as for a new run. Throws as `readActionInputs`.
 */
export async function readRecordedInputs(
  workspace: Workspace,
  target: ActionTarget,
  recorded: GivenInputs,
  { dryRun }: { readonly dryRun: boolean },
): Promise<readonly Input[]> {
  const declarations = declaredInputs(target);
  const given = [
    ...parseGiven(declarations, recorded),
    ...secretsOfStep(workspace, target.step, declarations),
  ];
  return completedInputs(target, declarations, given, dryRun);
}

function secretsOfStep(
  workspace: Workspace,
  step: ActionTarget["step"],
  declarations: readonly InputDeclaration[],
): readonly Input[] {
  if (step === undefined) return [];
  const index = findWorkflow(workspace, step.workflow)?.steps.findIndex(({ name }) => name === step.name);
  const secrets = declarations.filter(({ secret }) => secret);
  const written = writtenInputs(workspace, step.workflow, index ?? -1);
  return givenByStep(workspace, secrets, written, [], process.env);
}

async function completedInputs(
  target: ActionTarget,
  declarations: readonly InputDeclaration[],
  given: readonly Input[],
  dryRun: boolean,
): Promise<readonly Input[]> {
  const title = `${target.block.resolved.name} ${target.action.name}`;
  const requests = [{ title, declarations, given }];
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
