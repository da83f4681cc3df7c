import { nodeName } from "../workspace/matrix.ts";
import type { ReportedRun, RunReport } from "./runReport.ts";

/** Returns how a run ended, as the rest of a sentence that begins with its name. */
export function outcomeOf({ transaction, failure }: ReportedRun): string {
  const { status, exitCode } = transaction;
  switch (status) {
    case "running":
      return "is running";
    case "succeeded":
      return "succeeded";
    case "interrupted":
      return "was interrupted";
    case "timed_out":
      return "timed out";
    case "lost":
      return "was lost: polycrate ended before it did";
    case "failed":
      if (failure === undefined)
        return exitCode === undefined ? "failed" : `failed with exit code ${exitCode}`;
      return failure.by === "action" ? failure.message : `failed: ${failure.message}`;
  }
}

/** Returns the item and line that failed, as it is put after a failure; "" when they are not known. */
export function placeText({ failure }: ReportedRun): string {
  const place = failure?.place;
  return place === undefined ? "" : ` (item ${place.item}, line ${place.line})`;
}

/** Returns how long a run took, in milliseconds; undefined when it has not ended as far as is known. */
export function tookOf({ transaction: { started, finished } }: ReportedRun): number | undefined {
  return finished === undefined ? undefined : Math.max(0, finished.getTime() - started.getTime());
}

/** Returns the steps of the workflow that were not run. */
export function stepsNotRun(steps: readonly string[], runs: readonly ReportedRun[]): readonly string[] {
  const ran = new Set(runs.map(stepNameOf));
  return steps.filter((step) => !ran.has(step));
}

/** Returns the name of the step that ran, and the combination of its matrix; undefined outside of a workflow. */
export function stepNameOf({ transaction: { step, matrix } }: ReportedRun): string | undefined {
  return step === undefined ? undefined : nodeName(step, matrix);
}

/** Returns the step's name, and which attempt it was if not the first. */
export function attemptNameOf(run: ReportedRun): string | undefined {
  const { attempt } = run.transaction;
  const name = stepNameOf(run);
  return name === undefined || attempt === 1 ? name : `${name} (attempt ${attempt})`;
}

/** Returns the runs without those that were tried again: what became of them is in the last attempt. */
export function lastAttempts(runs: readonly ReportedRun[]): readonly ReportedRun[] {
  const isBetter = (one: ReportedRun, other: ReportedRun) =>
    stepNameOf(one) === stepNameOf(other) && one.transaction.attempt > other.transaction.attempt;
  return runs.filter((run) => !runs.some((other) => isBetter(other, run)));
}

/** Returns the run that did not succeed and ended first; undefined when all succeeded, at last. */
export function firstUnsuccessful(runs: readonly ReportedRun[]): ReportedRun | undefined {
  const endOfRun = ({ transaction: { finished } }: ReportedRun) =>
    finished?.getTime() ?? Number.POSITIVE_INFINITY;
  return lastAttempts(runs)
    .filter(({ transaction }) => transaction.status !== "succeeded")
    .toSorted((a, b) => (endOfRun(a) < endOfRun(b) ? -1 : 1))[0];
}

/** True when every step of the workflow ran, or had no reason to. */
export function isComplete({ steps, runs, skipped = [] }: RunReport): boolean {
  return lastAttempts(runs).length + skipped.length >= steps.length;
}
