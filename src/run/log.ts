import { closeSync, writeSync } from "node:fs";
import { reasonOf } from "../host/fileErrors.ts";
import { maskOf } from "../secrets/mask.ts";
import type { Emit, Reader } from "./events.ts";

/**
 * Returns a reader that writes all output to the descriptor at once, so that what was printed is on disk whatever happens
 * next, and closes it at the end. A log that fails never stops the action: it is warned of. Two streams meet in it, so it
 * is masked by itself: one may end where a secret begins that the other goes on with.
 */
export function logTo(descriptor: number, secrets: readonly Buffer[], emit: Emit): Reader {
  const mask = maskOf(secrets);
  let failure: string | undefined;
  const write = (chunk: Uint8Array) => {
    if (failure !== undefined) return;
    try {
      for (let written = 0; written < chunk.length; ) written += writeSync(descriptor, chunk, written);
    } catch (cause) {
      failure = reasonOf(cause);
    }
  };
  return (event) => {
    if (event.type === "output") write(mask.pass(event.bytes));
    if (event.type !== "finished") return undefined;
    write(mask.end());
    closeSync(descriptor);
    if (failure === undefined) return undefined;
    return emit({ type: "warning", message: `the log is incomplete: ${failure}`, hint: undefined });
  };
}
