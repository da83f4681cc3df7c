import { exitCodes } from "../errors.ts";
import { planAction } from "../plan/planAction.ts";
import type { RunOptions } from "../plan/runOptions.ts";
import type { ActionTarget } from "../plan/target.ts";
import { findEngine } from "../run/findEngine.ts";
import { observe } from "../run/observe.ts";
import { runAction } from "../run/runAction.ts";
import type { Workspace } from "../workspace/load.ts";
import { askTrust } from "./askTrust.ts";
import { printDryRun } from "./dryRun.ts";
import type { Verbosity } from "./output/messages.ts";
import type { WorkflowContext } from "./runChosenWorkflow.ts";

/** Runs an action whose questions are answered, or prints it as a script; returns the exit code. */
export async function runChosenAction(
  workspace: Workspace,
  target: ActionTarget,
  given: RunOptions,
  { messages, cancellation, readers }: WorkflowContext,
  { verbose }: Verbosity,
): Promise<number> {
  const trust = given.dryRun ? undefined : await askTrust(workspace);
  if (!given.dryRun && trust === undefined) return exitCodes.declined;
  const options = { ...given, trust };
  const loaded = performance.now();
  const engine = findEngine(workspace, { program: options.engine, flag: options.context });
  const facts = await observe(workspace, engine, target, options);
  const plan = planAction(workspace, engine, target, facts, options);
  if (options.dryRun) return printDryRun(plan, messages);
  if (verbose) messages.notice(timeLines(loaded, performance.now()));
  const { transaction } = await runAction(plan, cancellation, readers);
  return transaction.exitCode ?? 0;
}

/** Both times are in milliseconds since polycrate started. */
function timeLines(loaded: number, planned: number): string {
  const line = (what: string, time: number) => `+ ${what} took ${Math.round(time)} ms`;
  return [
    line("starting and loading the workspace", loaded),
    line("planning and hashing the build context", planned - loaded),
  ].join("\n");
}
