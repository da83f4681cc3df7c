import type { Host } from "../host/stdio.ts";
import type { RunCancellation } from "./cancellation.ts";
import type { Emit } from "./events.ts";

/** What a plan is carried out with. */
export type ExecutionContext = {
  readonly host: Host;
  readonly cancellation: RunCancellation;
  readonly emit: Emit;
};
