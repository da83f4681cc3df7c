import { exitCodes, PolycrateError } from "../errors.ts";
import { thisHost } from "../host/stdio.ts";
import type { ActionPlan } from "../plan/plan.ts";
import { newTransactionId } from "../transactions/transaction.ts";
import type { Cancellation } from "./cancellation.ts";
import { type Emit, emitTo, type Reader } from "./events.ts";
import { type Outcome, runAction } from "./runAction.ts";
import { stopCodes } from "./verdict.ts";

/** A workflow whose steps were found before anything runs. */
export type Workflow = {
  readonly name: string;
  /** Steps run even if an earlier one failed. */
  readonly continueOnFailure: boolean;
  readonly steps: readonly WorkflowStepRun[];
};

export type WorkflowStepRun = {
  readonly name: string;
  /** What it runs, in words. */
  readonly runs: string;
  /** Returns true when the step's questions were answered with yes. */
  readonly confirm: () => Promise<boolean>;
  /** Plans the step right before it runs: earlier steps may write files that it reads. `workflowRun` is for its record. */
  readonly plan: (workflowRun: string) => Promise<ActionPlan>;
};

/**
 * Runs the steps in order, each with a record of its own under one workflow-run id; the first failure stops, unless the
 * workflow continues on failure, an interrupt always. Returns the code of the step that stopped it, 0 when none did.
 */
export async function runWorkflow(
  workflow: Workflow,
  cancellation: Cancellation,
  readers: readonly Reader[],
): Promise<number> {
  const emit = emitTo(readers, thisHost().now);
  const { name, steps } = workflow;
  const id = newTransactionId();
  emit({ type: "workflow", name, id, steps: steps.map((step) => step.name) });
  try {
    const exitCode = await runWorkflowSteps(workflow, id, emit, (plan) =>
      runAction(plan, cancellation, readers),
    );
    emit({ type: "workflowFinished", exitCode });
    return exitCode;
  } catch (error) {
    const exitCode = error instanceof PolycrateError ? error.exitCode : exitCodes.bug;
    emit({ type: "workflowFinished", exitCode });
    throw error;
  }
}

async function runWorkflowSteps(
  { steps, continueOnFailure }: Workflow,
  id: string,
  emit: Emit,
  run: (plan: ActionPlan) => Promise<Outcome>,
): Promise<number> {
  for (const [index, { runs, confirm, plan }] of steps.entries()) {
    emit({ type: "step", index, runs });
    if (!(await confirm())) {
      emit({ type: "stepDeclined" });
      return exitCodes.declined;
    }
    const code = stopCodeOf(await run(await plan(id)), continueOnFailure);
    if (code !== undefined) return code;
  }
  return 0;
}

/** The exit code with which the workflow stops after the run; undefined when it continues. */
function stopCodeOf({ transaction, stopped }: Outcome, continueOnFailure: boolean): number | undefined {
  const { status, exitCode } = transaction;
  if (stopped !== undefined && stopped !== "timeout") return exitCode || stopCodes[stopped];
  if (status === "succeeded" || continueOnFailure) return undefined;
  return exitCode || exitCodes.bug;
}
