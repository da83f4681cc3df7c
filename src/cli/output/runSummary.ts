import { printable } from "../../errors.ts";
import { explainRun } from "../../reports/failure.ts";
import { formatDuration, formatSize } from "../../reports/humanize.ts";
import type { Execution } from "../../run/execution.ts";
import type { Messages } from "./messages.ts";
import type { Finished, Summarize, ViewedRun } from "./runView.ts";

/** Prints how the run of an action ended and its artifacts. An error is reported where it is caught. */
export const summarizeRun: Summarize = (run, finished, messages) => {
  const { record } = run.plan;
  const { execution, status, time } = finished;
  if (record === undefined || execution === undefined) return;
  const name = printable(`${record.block} ${record.action}`);
  const took = formatDuration(time.getTime() - run.started.getTime());
  const log = `log: ${run.log}`;
  if (status === "succeeded") printSuccess(`${name} succeeded in ${took}`, run, messages);
  else if (status === "interrupted") messages.error(`error: ${name} was interrupted after ${took}\n${log}`);
  else if (status === "timed_out") messages.error(`error: ${name} timed out after ${took}\n${log}`);
  else messages.error(`error: ${name}${failureLines(run, finished, execution)}\n${log}`);
};

function printSuccess(line: string, { artifacts }: ViewedRun, { notice }: Messages): void {
  notice(line);
  for (const { path, size, change } of artifacts)
    notice(`  ${change}: ${printable(path)} (${formatSize(size)})`);
}

function failureLines({ buildOutput }: ViewedRun, { exitCode }: Finished, execution: Execution): string {
  const failure = explainRun(execution, exitCode, buildOutput);
  if (failure === undefined) return "";
  const { by, message, hint, place } = failure;
  const where = place === undefined ? "" : ` (item ${place.item}, line ${place.line})`;
  return `${by === "action" ? " " : ": "}${message}${where}${hint === undefined ? "" : `\nhint: ${hint}`}`;
}

/** Prints why a container without a record did not start, or which program was missing; other codes need no explanation. */
export const summarizeOneOff: Summarize = ({ buildOutput }, { exitCode, execution }, { error }) => {
  if (exitCode === 0 || execution === undefined || execution.stopped !== undefined) return;
  const failure = explainRun(
    execution,
    execution.started && !execution.endUnknown ? execution.exitCode : exitCode,
    buildOutput,
  );
  if (failure?.hint === undefined) return;
  const subject = failure.by === "action" ? "the command " : "";
  error(`error: ${subject}${failure.message}\nhint: ${failure.hint}`);
};
