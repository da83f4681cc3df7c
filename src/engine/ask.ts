import type { Arg } from "../host/arg.ts";
import { type Captured, type CaptureOptions, capture, tryCapture } from "../host/capture.ts";
import { connected } from "./connections.ts";
import type { Engine } from "./engine.ts";

/** Runs a short command of the engine's client. Throws (69) when it times out, or the client is missing. */
export function askEngine(
  { program, endpoint }: Engine,
  args: readonly Arg[],
  options: Omit<CaptureOptions, "hint">,
): Promise<Captured> {
  const hint = `check whether the ${program} engine hangs: \`${program} version\``;
  return connected(
    endpoint,
    () => capture(args, { ...options, hint }),
    ({ stderr }) => stderr,
  );
}

/** As `askEngine`, but reports a timeout as exit code 137 and `timedOut`; the client is killed. */
export function tryAskEngine(
  { endpoint }: Engine,
  args: readonly Arg[],
  options: Omit<CaptureOptions, "hint">,
): ReturnType<typeof tryCapture> {
  return connected(
    endpoint,
    () => tryCapture(args, options),
    ({ stderr }) => stderr,
  );
}
