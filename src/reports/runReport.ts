import type { Plan } from "../plan/plan.ts";
import type { WorkflowPlan } from "../plan/workflow/planWorkflow.ts";
import { perRun, type Reader, type RunEvent, type Timed } from "../run/events.ts";
import type { Execution } from "../run/execution.ts";
import { afterEvent } from "../run/record.ts";
import type { Transaction } from "../transactions/transaction.ts";
import { explainRun, type RunFailure } from "./failure.ts";

/** What reports are made from: one run, or the runs of a workflow in the order in which they started. */
export type RunReport = {
  /** The name of the workflow; undefined for a single action. */
  readonly workflow: string | undefined;
  /** The names of the workflow's steps, of a matrix one for each combination. */
  readonly steps: readonly string[];
  /** The steps that had no reason to run, by their `when`. */
  readonly skipped?: readonly string[];
  /** What the steps wait for, if they run at the same time. A record does not say. */
  readonly graph?: WorkflowPlan | undefined;
  readonly runs: readonly ReportedRun[];
};

/** A run as a report shows it. */
export type ReportedRun = {
  /** The record as it is: finished, or as far as it is known of a run that died. */
  readonly transaction: Transaction;
  /** The path of the log, relative to the workspace. */
  readonly log: string;
  /** What took the time, in order; without overlaps. Of a past run only `run` is known. */
  readonly spans: readonly Span[];
  /** Why it failed; undefined when it did not, or nothing more than the status is known. */
  readonly failure: RunFailure | undefined;
};

/** A part of a run: `build` and `run` are commands of the engine, `prepare` is what comes before them. */
export type Span = { readonly name: "prepare" | "build" | "run"; readonly start: Date; readonly end: Date };

/** Returns a reader that collects what reports are made from; `report` is what the events have told so far. */
export function collectReport(): { readonly read: Reader; readonly report: () => RunReport } {
  let workflow: string | undefined;
  let steps: readonly string[] = [];
  let skipped: readonly string[] = [];
  let graph: WorkflowPlan | undefined;
  let runs: readonly ReportedRun[] = [];
  const openRunOf = perRun((): { current: OpenRun | undefined } => ({ current: undefined }));
  const read: Reader = (event) => {
    const open = openRunOf(event);
    if (event.type === "workflow") ({ name: workflow, steps, graph } = event);
    if (event.type === "stepSkipped" && event.reason === "condition")
      skipped = [...skipped, steps[event.index] ?? ""];
    if (event.type === "planned" && event.record !== undefined) {
      const { transaction, files } = event.record;
      open.current = { plan: event.plan, transaction, log: files.log, spans: [], since: event.time };
    }
    const run = open.current && afterRunEvent(open.current, event);
    open.current = run;
    if (event.type === "finished" && run !== undefined) {
      const finished = reportedRun(endSpan(run, "run", event.time), event.execution, event.exitCode);
      // Runs that go on at once end in another order.
      runs = [...runs, finished].sort(
        (a, b) => a.transaction.started.getTime() - b.transaction.started.getTime(),
      );
    }
    return undefined;
  };
  return { read, report: () => ({ workflow, steps, skipped, graph, runs }) };
}

type OpenRun = Omit<ReportedRun, "failure"> & { readonly plan: Plan; readonly since: Date };

function afterRunEvent(run: OpenRun, event: Timed<RunEvent>): OpenRun {
  const next = { ...run, transaction: afterEvent(run.transaction, event) ?? run.transaction };
  if (event.type === "building" || event.type === "starting") return endSpan(next, "prepare", event.time);
  return event.type === "built" ? endSpan(next, "build", event.time) : next;
}

/** Ends what has gone on since the last span ended. */
function endSpan(run: OpenRun, name: Span["name"], end: Date): OpenRun {
  return { ...run, spans: [...run.spans, { name, start: run.since, end }], since: end };
}

function reportedRun(
  { transaction, log, spans }: OpenRun,
  execution: Execution | undefined,
  exitCode: number,
): ReportedRun {
  const hasFailed = transaction.status === "failed" && execution !== undefined;
  const failure = hasFailed ? explainRun(execution, exitCode, "whole") : undefined;
  return { transaction, log, spans, failure };
}
