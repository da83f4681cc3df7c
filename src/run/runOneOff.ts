import { thisHost } from "../host/stdio.ts";
import type { Plan } from "../plan/plan.ts";
import { assertFilesExist } from "../workspace/blockPaths.ts";
import type { Cancellation } from "./cancellation.ts";
import { stopOptions } from "./context.ts";
import { emitTo, type Reader } from "./events.ts";
import { execute } from "./executor.ts";
import { verdictOf } from "./verdict.ts";

/**
 * Executes a plan without keeping a record, such as a build or a shell, and returns the exit code. Throws as `execute` does,
 * and (65) when a required file is missing.
 */
export async function runOneOff(
  plan: Plan,
  cancellation: Cancellation,
  readers: readonly Reader[],
): Promise<number> {
  assertFilesExist(plan.workspace, plan.requires);
  const host = thisHost();
  const emit = emitTo(readers, host.now);
  using run = cancellation(stopOptions(plan.stopTimeout, host, emit));
  emit({ type: "planned", plan, record: undefined });
  const execution = await execute(plan, { host, cancellation: run, emit });
  const verdict = verdictOf(execution);
  emit({ type: "finished", ...verdict, stopped: execution.stopped, execution });
  return verdict.exitCode;
}
