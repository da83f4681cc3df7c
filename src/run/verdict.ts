import { engineIsGone } from "../engine/errors.ts";
import { exitCodes } from "../errors.ts";
import type { Status } from "../transactions/transaction.ts";
import type { StopReason } from "./cancellation.ts";
import type { Execution } from "./execution.ts";

/** The result of an execution: the status of its record, and polycrate's exit code. */
export type Verdict = { readonly status: Status; readonly exitCode: number };

/**
 * Returns the result of an execution. Before the container's entrypoint starts, the client's codes mean that it refused or
 * failed to build; 0 means that the container ran another program in place of the shell. A success that the entrypoint should
 * have recorded, but has not, is a failure of the engine.
 */
export function verdictOf({ stopped, exitCode, started, endUnknown, tail, step, left }: Execution): Verdict {
  if (left !== undefined) {
    return { status: "failed", exitCode: left.by === "fetch" ? exitCodes.cannotFetch : exitCodes.noDocker };
  }
  if (stopped !== undefined) {
    return { status: stopped === "timeout" ? "timed_out" : "interrupted", exitCode: stopCodes[stopped] };
  }
  if (endUnknown) return { status: "failed", exitCode: exitCodes.dockerRefused };
  if (exitCode === 0 && (started || !runsCommand(step))) return { status: "succeeded", exitCode };
  if (engineIsGone(tail) && (!started || exitCode === exitCodes.dockerRefused)) {
    return { status: "failed", exitCode: exitCodes.noDocker };
  }
  return { status: "failed", exitCode: started ? exitCode : exitCodes.dockerRefused };
}

/** The exit codes of a program that was stopped. */
export const stopCodes: Readonly<Record<StopReason, number>> = {
  SIGHUP: exitCodes.hungUp,
  SIGINT: exitCodes.interrupted,
  SIGTERM: exitCodes.terminated,
  timeout: exitCodes.timedOut,
  "reader gone": exitCodes.readerGone,
  "output lost": exitCodes.cannotWrite,
};

function runsCommand(step: Execution["step"]): boolean {
  return step?.kind === "run" || step?.kind === "attach";
}
