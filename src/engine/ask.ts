import type { Arg } from "../host/arg.ts";
import { type Captured, type CaptureOptions, capture } from "../host/capture.ts";
import type { Engine } from "./engine.ts";

/** Runs a short command of the engine's client. Throws (69) when it times out, or the client is missing. */
export function askEngine(
  { program }: Engine,
  args: readonly Arg[],
  options: Omit<CaptureOptions, "hint">,
): Promise<Captured> {
  return capture(args, {
    ...options,
    hint: `check whether the ${program} engine hangs: \`${program} version\``,
  });
}
