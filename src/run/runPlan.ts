import { engineIsGone } from "../engine/errors.ts";
import { exitCodes } from "../errors.ts";
import type { Plan } from "../plan/plan.ts";
import type { Status } from "../transactions/transaction.ts";
import type { StopReason } from "./cancellation.ts";
import type { Attendance, Execution } from "./executionContext.ts";
import { execute } from "./executor.ts";

/** What a plan's execution is watched by. */
export type Watch = Pick<Attendance, "container" | "status" | "terminal" | "verbose" | "buildOutput"> & {
  /** Seconds between a signal and the kill. */
  readonly stopTimeout: number;
  /** Seconds after which the container is stopped, counted from when docker is asked to run it. */
  readonly timeout: number | undefined;
};

/** How an execution is to be judged: the status of its record, and the code that polycrate ends with. */
export type Verdict = { readonly status: Status; readonly exitCode: number };

/** For an execution that nobody keeps a record of. */
export const noNews: Pick<Attendance, "onImage" | "onStarted"> = { onImage: () => {}, onStarted: () => {} };

/** Executes the plan under signals, a timeout and readers that go away. Throws as `execute` does. */
export async function runPlan(
  plan: Plan,
  watch: Watch,
  { host, stopping, ...attendance }: Omit<Attendance, keyof Watch | "onRun">,
): Promise<Execution> {
  const onRun = () => {
    if (watch.timeout !== undefined) stopping.timeOutAfter(watch.timeout);
  };
  const cancellable = { ...host, cancelled: stopping.cancelled };
  return execute(plan, { ...watch, ...attendance, host: cancellable, stopping, onRun });
}

/** Returns how the execution is judged; before the container started, docker's own codes mean that it refused or did not build. */
export function verdictOf(execution: Execution): Verdict {
  const { stopped, exitCode, started, tail } = execution;
  if (stopped !== undefined) {
    return { status: stopped === "timeout" ? "timed_out" : "interrupted", exitCode: stopCodes[stopped] };
  }
  if (exitCode === 0) return { status: "succeeded", exitCode };
  if (engineIsGone(tail) && (!started || exitCode === exitCodes.dockerRefused)) {
    return { status: "failed", exitCode: exitCodes.noDocker };
  }
  return { status: "failed", exitCode: started ? exitCode : exitCodes.dockerRefused };
}

/** What polycrate ends with when it was stopped. */
export const stopCodes: Readonly<Record<StopReason, number>> = {
  SIGHUP: exitCodes.hungUp,
  SIGINT: exitCodes.interrupted,
  SIGTERM: exitCodes.terminated,
  timeout: exitCodes.timedOut,
  "reader gone": exitCodes.readerGone,
  "output lost": exitCodes.cannotWrite,
};
