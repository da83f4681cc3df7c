import { constants } from "node:os";
import { PolycrateError } from "../errors.ts";
import type { Program } from "./parseArgs.ts";

/**
 * Runs work that a signal cancels through `cancelled`, which ends the programs that it waits for. Throws with the exit code of the
 * signal then.
 */
export async function untilSignal<Result>(
  { onSignal }: Pick<Program, "onSignal">,
  work: (cancelled: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController();
  const ignore = onSignal((name) => {
    const exitCode = 128 + constants.signals[name];
    controller.abort(new PolycrateError(`interrupted by ${name}`, { exitCode }));
  });
  try {
    return await work(controller.signal);
  } finally {
    ignore();
  }
}
