import { exitCodes, locatedMessage, PolycrateError } from "../errors.ts";
import { thisHost } from "../host/stdio.ts";
import type { ActionPlan } from "../plan/plan.ts";
import type { WorkflowNode, WorkflowPlan } from "../plan/workflow/planWorkflow.ts";
import { newTransactionId } from "../transactions/transaction.ts";
import { type Cancellation, type StoppableRun, stoppableTogether } from "./cancellation.ts";
import { stopOptions } from "./context.ts";
import { type Emit, emitTo, type Reader, readersOf, type StepRun } from "./events.ts";
import { type Outcome, runAction } from "./runAction.ts";
import { stopCodes } from "./verdict.ts";
import { type AttemptEnd, type Graph, type Walked, walkGraph } from "./walkGraph.ts";

/** A workflow whose steps were found before anything runs. */
export type Workflow = {
  readonly name: string;
  /** Steps run even if an earlier one failed. */
  readonly continueOnFailure: boolean;
  readonly steps: readonly WorkflowStepRun[];
  /** How a graph runs; without, the steps run in order. */
  readonly graph?: GraphOptions;
};

/** How a graph runs. */
export type GraphOptions = {
  readonly jobs: number;
  readonly failFast: boolean;
  /** Seconds between a signal and the kill, for those who read of it. */
  readonly stopTimeout: number;
};

export type WorkflowStepRun = {
  readonly name: string;
  /** What it runs, in words. */
  readonly runs: string;
  /** Returns true when the step's questions were answered with yes. */
  readonly confirm: () => Promise<boolean>;
  /**
   * Plans an attempt of the step right before it runs: earlier steps may write files that it reads. `workflowRun` is for its
   * record.
   */
  readonly plan: (workflowRun: string, attempt?: number) => Promise<ActionPlan>;
  /** Its place in the workflow; without, it runs once, when those before it have succeeded. */
  readonly node?: WorkflowNode;
};

/**
 * Runs the steps of a workflow, each with a record of its own under one workflow-run id: in order, or as a graph, several at
 * once. A failure stops what depends on it, which in order is all that comes after; an interrupt stops everything. Returns the
 * code of what stopped it, else that of the first failure in time, 0 without. In a graph an error of a step is a failure of that
 * step, told as an event; in order it is thrown.
 */
export async function runWorkflow(
  workflow: Workflow,
  cancellation: Cancellation,
  readers: readonly Reader[],
): Promise<number> {
  const host = thisHost();
  const emit = emitTo(readers, host.now);
  const { name, steps, graph } = workflow;
  const id = newTransactionId();
  emit({ type: "workflow", name, id, steps: steps.map((step) => step.name), graph: planOf(workflow) });
  using watch = graph && cancellation(stopOptions(graph.stopTimeout, host, emit));
  watch?.attach(nothingToStop);
  try {
    const { exitCode: walked } = await walk(workflow, id, cancellation, readers, watch);
    const reason = watch?.reason();
    const exitCode = reason === undefined ? walked : stopCodes[reason];
    await emit({ type: "workflowFinished", exitCode });
    return exitCode;
  } catch (error) {
    const exitCode = error instanceof PolycrateError ? error.exitCode : exitCodes.bug;
    await emit({ type: "workflowFinished", exitCode });
    throw error;
  }
}

/** What readers know of a graph; of steps that run in order the names are enough. */
function planOf({ name, steps, graph }: Workflow): WorkflowPlan | undefined {
  const nodes = steps.flatMap(({ node }) => node ?? []);
  return graph === undefined ? undefined : { name, isSequence: false, nodes };
}

/** The runs are stopped by themselves; that they are is told once for all of them. */
const nothingToStop = { isAction: true, signal: async () => {}, kill: () => {} };

function walk(
  workflow: Workflow,
  id: string,
  cancellation: Cancellation,
  readers: readonly Reader[],
  watch: StoppableRun | undefined,
): Promise<Walked> {
  const { steps, graph } = workflow;
  const together = stoppableTogether(cancellation);
  const placeOf = (index: number, attempt: number): StepRun => {
    const { name = "", node } = steps[index] ?? {};
    return { index, name, step: node?.step.name ?? name, matrix: node?.matrix ?? [], attempt };
  };
  const options = {
    jobs: graph?.jobs ?? 1,
    failFast: graph?.failFast === true,
    onFirstFailure: () => together.stopAll("another step failed"),
    isCancelled: () => watch?.reason() !== undefined,
  };
  return walkGraph(graphOf(workflow), options, {
    run: async (index, attempt) => {
      const own = readersOf(placeOf(index, attempt), readers);
      const emit = emitTo(own, thisHost().now);
      const step = steps[index];
      if (step === undefined) throw new Error(`the workflow has no step ${index}`);
      const run = () => attemptStep(step, { index, attempt, id }, emit, together.cancellation, own);
      return graph === undefined ? run() : errorAsFailure(run, emit);
    },
    skip: (index, reason) => {
      emitTo(readersOf(placeOf(index, 1), readers), thisHost().now)({ type: "stepSkipped", index, reason });
    },
  });
}

function graphOf({ steps, continueOnFailure, graph }: Workflow): Graph {
  return {
    isSequence: graph === undefined,
    nodes: steps.map(({ node }, index) => ({
      dependsOn: node?.dependsOn ?? [...steps.keys()].slice(0, index),
      when: node?.when ?? "success",
      retries: node?.retries ?? 0,
      allowFailure: node?.allowFailure ?? continueOnFailure,
    })),
  };
}

async function attemptStep(
  { runs, confirm, plan }: WorkflowStepRun,
  { index, attempt, id }: { readonly index: number; readonly attempt: number; readonly id: string },
  emit: Emit,
  cancellation: Cancellation,
  readers: readonly Reader[],
): Promise<AttemptEnd> {
  emit({ type: "step", index, runs });
  if (attempt === 1 && !(await confirm())) {
    emit({ type: "stepDeclined" });
    return { end: "stopped", exitCode: exitCodes.declined };
  }
  return attemptEnd(await runAction(await plan(id, attempt), cancellation, readers));
}

function attemptEnd({ transaction, stopped }: Outcome): AttemptEnd {
  const { status, exitCode } = transaction;
  if (stopped !== undefined && stopped !== "timeout") {
    return { end: "stopped", exitCode: exitCode || stopCodes[stopped] };
  }
  return status === "succeeded"
    ? { end: "succeeded", exitCode: 0 }
    : { end: "failed", exitCode: exitCode || exitCodes.bug };
}

/** Other steps run on, so the error is told where it happened. A bug ends the workflow. */
async function errorAsFailure(run: () => Promise<AttemptEnd>, emit: Emit): Promise<AttemptEnd> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof PolycrateError)) throw error;
    emit({ type: "stepError", message: locatedMessage(error), hint: error.hint });
    return { end: "failed", exitCode: error.exitCode };
  }
}
