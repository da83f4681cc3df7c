import type { Plan } from "../plan/plan.ts";
import { runOneOff } from "../run/runOneOff.ts";
import { printDryRun } from "./dryRun.ts";
import { messagesTo, type Verbosity } from "./output/messages.ts";
import { summarizeOneOff } from "./output/runSummary.ts";
import { runView, type Summarize } from "./output/runView.ts";
import type { Program } from "./parseArgs.ts";

/** How a plan without a record is run. */
export type OneOffOptions = Partial<Verbosity> & {
  /** Print the plan instead of running it. */
  readonly dryRun: boolean;
  readonly summarize?: Summarize;
};

/** Runs a plan without keeping a record, or prints it; returns the exit code. */
export async function runOrPrint(
  plan: Plan,
  { dryRun, quiet = false, verbose = false, summarize = summarizeOneOff }: OneOffOptions,
  { outputs, cancellation }: Program,
): Promise<number> {
  const messages = messagesTo(outputs, { quiet });
  if (dryRun) return printDryRun(plan, messages);
  const view = runView(messages, { quiet, verbose, output: undefined }, summarize);
  return runOneOff(plan, cancellation, [view]);
}
