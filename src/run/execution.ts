import type { ExecStep, Step } from "../plan/plan.ts";
import type { StopReason } from "./cancellation.ts";

/** How executing a plan ended. */
export type Execution = {
  /** The exit code of the last step: the client's, or the script's own if the client reported a success. */
  readonly exitCode: number;
  /** The last step; undefined when no step was run. */
  readonly step: Step | ExecStep | undefined;
  /** True when the container's entrypoint ran, so that the exit code is the action's. */
  readonly started: boolean;
  /** True when the client reported a success, but not the container's entrypoint, which reports it if it can. */
  readonly endUnknown?: boolean;
  /** Where the script failed, as the entrypoint noted it: a line of the script, counted from 1. */
  readonly failedLine: number | undefined;
  /** The last few kilobytes of the last step's output. */
  readonly tail: string;
  readonly stopped: StopReason | undefined;
  /** Whether a process was killed because the container had used up its memory; known only of a command that was killed. */
  readonly outOfMemory?: boolean | undefined;
  /** A container on another machine that was left there with the files of its action, and why. */
  readonly left?: LeftContainer | undefined;
};

/** Left because its files could not be fetched, or because the engine could not be asked how it ended. */
export type LeftContainer = {
  readonly container: string;
  /** The context of its engine, if it is named by one. */
  readonly context: string | undefined;
  readonly by: "fetch" | "connection";
  readonly reason: string;
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
