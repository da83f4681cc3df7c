import type { ReportedRun } from "./runReport.ts";

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
  const ran = new Set(runs.map(({ transaction }) => transaction.step));
  return steps.filter((step) => !ran.has(step));
}
