import type { Host } from "../host/stdio.ts";
import type { RunCancellation, StopOptions } from "./cancellation.ts";
import type { Emit } from "./events.ts";

/** What a plan is executed with. */
export type ExecutionContext = {
  readonly host: Host;
  readonly cancellation: RunCancellation;
  readonly emit: Emit;
};

/** Returns how a run ends when it is cancelled; the end is announced by an event. */
export function stopOptions(stopTimeout: number, host: Host, emit: Emit): StopOptions {
  return {
    stopTimeout,
    isInteractive: () => host.stdin.isTTY === true,
    onStop: (cause, grace) => void emit({ type: "stopping", cause, grace }),
  };
}
