import { exitCodes } from "../errors.ts";
import { thisHost } from "../host/stdio.ts";
import type { ActionPlan } from "../plan/plan.ts";
import { newTransactionId } from "../transactions/transaction.ts";
import type { Cancellation } from "./cancellation.ts";
import { emitTo, type Reader } from "./events.ts";
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
  { name, continueOnFailure, steps }: Workflow,
  cancellation: Cancellation,
  readers: readonly Reader[],
): Promise<number> {
  const emit = emitTo(readers, thisHost().now);
  const workflowRun = newTransactionId();
  emit({ type: "workflow", name, steps: steps.map((step) => step.name) });
  let exitCode = 0;
  for (const [index, { runs, confirm, plan }] of steps.entries()) {
    emit({ type: "step", index, runs });
    if (!(await confirm())) {
      emit({ type: "stepDeclined" });
      exitCode = exitCodes.declined;
      break;
    }
    const outcome = await runAction(await plan(workflowRun), cancellation, readers);
    const code = stopCodeOf(outcome, continueOnFailure);
    if (code === undefined) continue;
    exitCode = code;
    break;
  }
  emit({ type: "workflowFinished", exitCode });
  return exitCode;
}

/** The exit code with which the workflow stops after the run; undefined when it continues. */
function stopCodeOf({ transaction, stopped }: Outcome, continueOnFailure: boolean): number | undefined {
  const { status, exitCode } = transaction;
  if (stopped !== undefined && stopped !== "timeout") return exitCode || stopCodes[stopped];
  if (status === "succeeded" || continueOnFailure) return undefined;
  return exitCode || exitCodes.bug;
}
