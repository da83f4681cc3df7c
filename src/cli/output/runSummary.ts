import { explainRefusal, type Refused } from "../../engine/errors.ts";
import { printable } from "../../errors.ts";
import { itemOfLine } from "../../plan/entrypoint.ts";
import type { Execution } from "../../run/executionContext.ts";
import type { Verdict } from "../../run/runPlan.ts";
import type { Outcome } from "../../run/runTransaction.ts";
import type { ResolvedAction } from "../../workspace/blocks/resolveBlock.ts";
import { explainFailure } from "./failures.ts";
import { formatDuration, formatSize } from "./humanize.ts";
import { notice, say } from "./notices.ts";

/** Says on standard error how the run ended and what it left behind; returns polycrate's exit code. */
export function reportRun(
  { transaction, execution, files, losses, foreign }: Outcome,
  refused: Refused,
  action: ResolvedAction,
): number {
  const { block, status, exitCode = 0, started, finished, artifacts } = transaction;
  const name = printable(`${block} ${action.name}`);
  const took = formatDuration((finished ?? started).getTime() - started.getTime());
  for (const loss of losses) notice(`warning: ${loss}`);
  if (foreign.length > 0) notice(foreignLines(foreign));
  if (status === "succeeded") {
    notice(`${name} succeeded in ${took}`);
    for (const { path, size, change } of artifacts)
      notice(`  ${change}: ${printable(path)} (${formatSize(size)})`);
    return 0;
  }
  const log = `log: ${files.log}`;
  if (status === "interrupted") say(`error: ${name} was interrupted after ${took}\n${log}`);
  else if (status === "timed_out") say(`error: ${name} timed out after ${took}\n${log}`);
  else if (execution.started && execution.exitCode === exitCode) {
    const { message, hint } = explainFailure(execution, refused.image);
    say(`error: ${name} ${message}${placeOf(execution, action)}`);
    if (hint !== undefined) say(`hint: ${hint}`);
    say(log);
  } else {
    const { message, hint } = explainRefusal(execution, refused);
    say(`error: ${name}: ${message}\nhint: ${hint}\n${log}`);
  }
  return exitCode;
}

function foreignLines(foreign: readonly string[]): string {
  const shown = foreign.slice(0, 5).map((path) => `  ${printable(path)}`);
  const more = foreign.length > shown.length ? [`  and ${foreign.length - shown.length} more`] : [];
  const hint = "hint: `config.container.user: host` makes the action write as you";
  return ["warning: the action left files that do not belong to you:", ...shown, ...more, hint].join("\n");
}

/** Says why a container that leaves no transaction behind did not start, or had no such program; other codes speak for themselves. */
export function reportPlan(execution: Execution, { exitCode }: Verdict, refused: Refused): number {
  if (exitCode === 0 || execution.stopped !== undefined) return exitCode;
  const { message, hint } = execution.started
    ? explainFailure(execution, refused.image)
    : explainRefusal(execution, refused);
  if (hint !== undefined) say(`error: ${execution.started ? "the command " : ""}${message}\nhint: ${hint}`);
  return exitCode;
}

/**
 * A shell that fails on an unset variable or a syntax error runs no trap, but complains with the script's name and line
 * (bash: `script: line 3:`, ash: `script: line 3:`, dash: `script: 3:`).
 */
function placeOf({ failedLine, tail }: Execution, action: ResolvedAction): string {
  const complaint = [...tail.matchAll(/^\/run\/polycrate\/script: (?:line )?(\d+):/gm)].at(-1)?.[1];
  const line = failedLine ?? (complaint === undefined ? undefined : Number(complaint));
  const place = line === undefined ? undefined : itemOfLine(action, line);
  return place === undefined ? "" : ` (item ${place.item}, line ${place.line})`;
}
