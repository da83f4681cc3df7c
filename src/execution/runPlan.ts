import { exitCodes } from "../errors.ts";
import type { Plan } from "../plan/plan.ts";
import type { Attendance, Execution } from "./attendance.ts";
import { execute } from "./execute.ts";
import type { Host } from "./host.ts";
import type { Log } from "./output.ts";
import type { Status } from "./record/transaction.ts";
import { listenForStops, type StopReason } from "./stopping.ts";

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
  host: Host,
  log: Log,
  news: Pick<Attendance, "onImage" | "onStarted">,
): Promise<Execution> {
  const stopping = listenForStops(host, watch.stopTimeout);
  const leave = onBrokenPipe(host, stopping.readerGone);
  const onRun = () => {
    if (watch.timeout !== undefined) stopping.timeOutAfter(watch.timeout);
  };
  try {
    return await execute(plan, { ...watch, host, stopping, log, onRun, ...news });
  } finally {
    leave();
    stopping.release();
  }
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

const stopCodes: Readonly<Record<StopReason, number>> = {
  SIGHUP: exitCodes.hungUp,
  SIGINT: exitCodes.interrupted,
  SIGTERM: exitCodes.terminated,
  timeout: exitCodes.timedOut,
  "reader gone": exitCodes.readerGone,
};

/** docker's client says so on its standard error; its exit code is the same 125 as for everything else (docker 20.10 to 28). */
export function engineIsGone(output: string): boolean {
  return /Cannot connect to the Docker daemon|permission denied while trying to connect|error during connect|error waiting for container|failed to connect to the docker API|Is the docker daemon running/i.test(
    output,
  );
}

function onBrokenPipe({ stdout, stderr }: Host, readerGone: () => void): () => void {
  const ignore = () => {};
  stdout.on("error", readerGone);
  stderr.on("error", ignore);
  return () => {
    stdout.off("error", readerGone);
    stdout.on("error", ignore);
  };
}
