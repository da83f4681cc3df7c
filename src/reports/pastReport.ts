import type { Recorded } from "../transactions/history.ts";
import { transactionOf } from "../transactions/recordedTransaction.ts";
import type { Transaction } from "../transactions/transaction.ts";
import type { RunFailure } from "./failure.ts";
import type { ReportedRun, RunReport } from "./runReport.ts";

/**
 * Returns the report on runs that have been, as far as their records tell: all of one workflow run, or a single one.
 * `lastWritten` is when a log was written to last, which is the last that is known of a run that died.
 */
export function pastReport(
  records: readonly Recorded[],
  isWorkflow: boolean,
  lastWritten: (log: string) => Date | undefined,
): RunReport {
  const runs = records.map((recorded) => pastRun(recorded, lastWritten));
  const [first] = runs;
  return {
    workflow: isWorkflow ? first?.transaction.workflow : undefined,
    // What the workflow had beside the steps that ran, no record says.
    steps: [],
    runs,
  };
}

function pastRun(recorded: Recorded, lastWritten: (log: string) => Date | undefined): ReportedRun {
  const transaction = transactionOf(recorded);
  const { started: start, finished } = transaction;
  const end = finished ?? lastWritten(recorded.log) ?? start;
  return {
    transaction,
    log: recorded.log,
    spans: end > start ? [{ name: "run", start, end }] : [],
    failure: pastFailure(transaction),
  };
}

/** A record says where a script failed, and not why an engine refused it. */
function pastFailure({ exitCode, failedAt }: Transaction): RunFailure | undefined {
  if (failedAt === undefined) return undefined;
  const message = `failed with exit code ${exitCode}`;
  return { by: "action", message, hint: undefined, place: failedAt };
}
