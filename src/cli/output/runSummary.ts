import { explainEngineError, type RefusedCommand } from "../../engine/errors.ts";
import { printable } from "../../errors.ts";
import { itemOfLine } from "../../plan/entrypoint.ts";
import type { Step } from "../../plan/plan.ts";
import type { Execution } from "../../run/execution.ts";
import { explainFailure } from "./failures.ts";
import { formatDuration, formatSize } from "./humanize.ts";
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

function failureLines(run: ViewedRun, { exitCode }: Finished, execution: Execution): string {
  if (execution.step === undefined) return "";
  if (execution.started && execution.exitCode === exitCode) {
    const { message, hint } = explainFailure(execution, execution.step.image);
    return ` ${message}${placeOf(execution)}${hint === undefined ? "" : `\nhint: ${hint}`}`;
  }
  const { message, hint } = explainEngineError(execution, refusedCommand(execution.step), run.buildOutput);
  return `: ${message}\nhint: ${hint}`;
}

/** Prints why a container without a record did not start, or which program was missing; other codes need no explanation. */
export const summarizeOneOff: Summarize = ({ buildOutput }, { exitCode, execution }, { error }) => {
  if (exitCode === 0 || execution?.step === undefined || execution.stopped !== undefined) return;
  const { step, started } = execution;
  const { message, hint } = started
    ? explainFailure(execution, step.image)
    : explainEngineError(execution, refusedCommand(step), buildOutput);
  if (hint !== undefined) error(`error: ${started ? "the command " : ""}${message}\nhint: ${hint}`);
};

function refusedCommand(step: Step): RefusedCommand {
  const shell = step.kind === "run" ? step.shell : step.kind === "probe" ? step.probe.shell : "";
  return { isBuild: step.kind === "build", image: step.image, shell };
}

/**
 * A shell that fails on an unset variable or a syntax error runs no trap, but reports the script's name and line
 * (bash: `script: line 3:`, ash: `script: line 3:`, dash: `script: 3:`).
 */
function placeOf({ failedLine, tail, step }: Execution): string {
  const complaint = [...tail.matchAll(/^\/run\/polycrate\/script: (?:line )?(\d+):/gm)].at(-1)?.[1];
  const line = failedLine ?? (complaint === undefined ? undefined : Number(complaint));
  if (line === undefined || step?.kind !== "run") return "";
  const place = itemOfLine(step.items, line);
  return place === undefined ? "" : ` (item ${place.item}, line ${place.line})`;
}
