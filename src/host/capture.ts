import { exitCodes, PolycrateError } from "../errors.ts";
import { type Arg, argValue } from "./arg.ts";
import { collect, type StartOptions, startProcess } from "./process.ts";

/** The output of a program, and its exit code. */
export type Captured = { readonly exitCode: number; readonly stdout: string; readonly stderr: string };

/** `timeout` is in seconds, 30 by default; `cancelled` ends the program earlier. */
export type CaptureOptions = Omit<StartOptions, "input"> & {
  readonly timeout?: number;
  readonly cancelled?: AbortSignal | undefined;
  /** The hint of the error when the program times out. */
  readonly hint?: string;
};

const defaultTimeout = 30;

/**
 * Runs a short-lived program and returns its output. Throws (69) when it times out, for example because the engine
 * hangs, or is not on PATH; throws the signal's reason when it is cancelled.
 */
export async function capture(args: readonly Arg[], options: CaptureOptions): Promise<Captured> {
  const { timedOut, ...captured } = await tryCapture(args, options);
  if (!timedOut) return captured;
  const shown = args.slice(0, 3).map(argValue);
  throw new PolycrateError(
    `\`${shown.join(" ")}\` did not respond within ${options.timeout ?? defaultTimeout} s`,
    {
      hint: options.hint,
      exitCode: exitCodes.noDocker,
    },
  );
}

/** As `capture`, but reports a timeout as exit code 137 and `timedOut`; the program is killed. */
export async function tryCapture(
  args: readonly Arg[],
  { timeout = defaultTimeout, cancelled, ...options }: CaptureOptions,
): Promise<Captured & { readonly timedOut: boolean }> {
  cancelled?.throwIfAborted();
  const running = startProcess(args, { ...options, input: "nothing" });
  const texts = Promise.all([collect(running.stdout), collect(running.stderr)]);
  const kill = () => running.signal("SIGKILL");
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    kill();
  }, timeout * 1000);
  cancelled?.addEventListener("abort", kill);
  const [exitCode, [stdout, stderr]] = await Promise.all([running.ended, texts]);
  cancelled?.removeEventListener("abort", kill);
  clearTimeout(timer);
  cancelled?.throwIfAborted();
  return { exitCode, stdout, stderr, timedOut };
}
