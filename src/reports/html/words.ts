import type { Status } from "../../transactions/transaction.ts";
import { formatDuration } from "../humanize.ts";
import { attemptNameOf } from "../outcome.ts";
import type { ReportedRun } from "../runReport.ts";

/** How a status is shown: in words, and by a sign and a colour of its own. */
export type StatusWords = {
  readonly label: string;
  readonly symbol: string;
  readonly tone: "good" | "bad" | "open";
};

/** The words for each status. */
export const statusWords: Readonly<Record<Status, StatusWords>> = {
  succeeded: { label: "succeeded", symbol: "✓", tone: "good" },
  failed: { label: "failed", symbol: "✗", tone: "bad" },
  timed_out: { label: "timed out", symbol: "✗", tone: "bad" },
  interrupted: { label: "interrupted", symbol: "■", tone: "open" },
  lost: { label: "lost", symbol: "?", tone: "open" },
  running: { label: "running", symbol: "▶", tone: "open" },
};

/** Returns `BLOCK ACTION`, and in a workflow the step's name before it. */
export function nameOfRun(run: ReportedRun): string {
  const { block, action } = run.transaction;
  const step = attemptNameOf(run);
  return step === undefined ? `${block} ${action}` : `${step}: ${block} ${action}`;
}

/** Returns how long a run took, for people. */
export function timeOfRun({ transaction: { started, finished } }: ReportedRun): string {
  if (finished === undefined) return "end not known";
  return formatDuration(Math.max(0, finished.getTime() - started.getTime()));
}
