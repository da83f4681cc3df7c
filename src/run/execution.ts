import type { ExecStep, Step } from "../plan/plan.ts";
import type { StopReason } from "./cancellation.ts";

/** How executing a plan ended. */
export type Execution = {
  /** The client's exit code of the last step: the container's own when it started. */
  readonly exitCode: number;
  /** The last step; undefined when no step was run. */
  readonly step: Step | ExecStep | undefined;
  /** True when the container's entrypoint ran, so that the exit code is the action's. */
  readonly started: boolean;
  /** Where the script failed, as the entrypoint noted it: a line of the script, counted from 1. */
  readonly failedLine: number | undefined;
  /** The last few kilobytes of the last step's output. */
  readonly tail: string;
  readonly stopped: StopReason | undefined;
  /** Whether a process was killed because the container had used up its memory; known only of a command that was killed. */
  readonly outOfMemory?: boolean | undefined;
};

/** How a client ended, and the last of its output. */
export type ClientResult = Pick<Execution, "exitCode" | "tail">;

/** Returns the execution of a step that is not a container, or of none. */
export function withoutContainer(
  step: Step | undefined,
  { exitCode, tail }: ClientResult,
  stopped: StopReason | undefined,
): Execution {
  return { exitCode, tail, step, started: false, failedLine: undefined, stopped };
}
