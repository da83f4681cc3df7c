import type { Status } from "../../transactions/transaction.ts";
import type { Tone } from "./table.ts";

const tones: Readonly<Record<Status | "declined", Tone>> = {
  succeeded: "good",
  failed: "bad",
  timed_out: "bad",
  lost: "bad",
  interrupted: "warning",
  declined: "warning",
  running: "strong",
};

/** Returns how the status of a run, or of a step that was declined, is painted. */
export function statusTone(status: Status | "declined"): Tone {
  return tones[status];
}
