import { exitCodes } from "../errors.ts";
import type { Plan } from "../plan/plan.ts";
import { runOneOff } from "../run/runOneOff.ts";
import type { Trust } from "../trust/trust.ts";
import type { Workspace } from "../workspace/load.ts";
import { askTrust } from "./askTrust.ts";
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

/**
 * Runs what is planned for a workspace without keeping a record, or prints it; returns the exit code. Before anything of the workspace
 * is read for a run, it asks whether to trust it.
 */
export async function runOrPrint(
  workspace: Workspace,
  plan: (trust: Trust | undefined) => Promise<Plan>,
  options: OneOffOptions,
  program: Program,
): Promise<number> {
  const trust = options.dryRun ? undefined : await askTrust(workspace);
  if (!options.dryRun && trust === undefined) return exitCodes.declined;
  return runOrPrintPlan(await plan(trust), options, program);
}

/** Runs a plan without keeping a record, or prints it; returns the exit code. */
export async function runOrPrintPlan(
  plan: Plan,
  { dryRun, quiet = false, verbose = false, summarize = summarizeOneOff }: OneOffOptions,
  { outputs, cancellation }: Program,
): Promise<number> {
  const messages = messagesTo(outputs, { quiet });
  if (dryRun) return printDryRun(plan, messages);
  const view = runView(messages, { quiet, verbose, output: undefined }, summarize);
  return runOneOff(plan, cancellation, [view]);
}
