import { stdout } from "../host/output.ts";
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
  { notice }: Messages,
  continueOnFailure = false,
): number {
  const warnings = plans.flatMap((plan) => plan.warnings);
  for (const lines of new Set(warnings.map(({ message, hint }) => warningLines(message, hint))))
    notice(lines);
  stdout.write(printScript({ title, plans, continueOnFailure }));
  return 0;
}
