import { stdout } from "../host/output.ts";
import { type GraphScript, printGraphScript } from "../plan/dryRun/graphScript.ts";
import { printScript } from "../plan/dryRun/script.ts";
import type { Plan } from "../plan/plan.ts";
import { type Messages, warningLines } from "./output/messages.ts";

/** Prints the plan as a shell script, its warnings on standard error; returns the exit code. */
export function printDryRun(plan: Plan, messages: Messages): number {
  return printDryRuns(plan.title, [plan], messages);
}

/** Prints plans as one script, which stops at the first failure unless `continueOnFailure` is set. */
export function printDryRuns(
  title: string,
  plans: readonly Plan[],
  messages: Messages,
  continueOnFailure = false,
): number {
  printWarnings(plans, messages);
  stdout.write(printScript({ title, plans, continueOnFailure }));
  return 0;
}

/** Prints a workflow that is more than steps in order as one script. */
export function printGraphDryRun(script: GraphScript, messages: Messages): number {
  printWarnings(script.plans, messages);
  stdout.write(printGraphScript(script));
  return 0;
}

function printWarnings(plans: readonly Plan[], { notice }: Messages): void {
  const warnings = plans.flatMap((plan) => plan.warnings);
  for (const lines of new Set(warnings.map(({ message, hint }) => warningLines(message, hint))))
    notice(lines);
}
