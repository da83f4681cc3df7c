import type { Arg } from "../host/arg.ts";
import { type Captured, type CaptureOptions, capture } from "../host/capture.ts";
import type { Engine } from "./engine.ts";

/** Asks the engine's client something that is answered soon. Throws (69) when no answer comes in time, or there is no client. */
export function askEngine(
  { program }: Engine,
  args: readonly Arg[],
  options: Omit<CaptureOptions, "hint">,
): Promise<Captured> {
  return capture(args, {
    ...options,
    hint: `see whether the ${program} engine hangs: \`${program} version\``,
  });
}
