import { closeSync, writeSync } from "node:fs";
import { reasonOf } from "../host/fileErrors.ts";
import { maskOf } from "../secrets/mask.ts";
import type { Emit, Reader } from "./events.ts";

/**
 * Returns a reader that writes output to the descriptor immediately, so that it is on disk if polycrate is killed, and
 * closes it at the end. A log that cannot be written is a warning and does not stop the action. It has its own mask, because
 * it joins two streams: a secret may start at the end of one and continue in the other.
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
