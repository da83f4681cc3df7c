import { exitCodes, PolycrateError } from "../errors.ts";
import { type Arg, argValue } from "./arg.ts";
import { collect, type StartOptions, startProcess } from "./process.ts";

/** What a program printed and how it ended, for short questions. */
export type Answer = { readonly exitCode: number; readonly stdout: string; readonly stderr: string };

/** How long an answer is waited for, in seconds, and what ends the waiting before. */
export type AskOptions = Omit<StartOptions, "input"> & {
  readonly patience?: number;
  readonly cancelled?: AbortSignal | undefined;
  /** What to do when no answer comes in time. */
  readonly hint?: string;
};

const usualPatience = 30;

/**
 * Runs a program that answers soon, and returns all of its output. Throws (69) when it does not answer in time, as an
 * engine that hangs does, and when it is not on PATH; throws the signal's reason when it is cancelled.
 */
export async function ask(words: readonly Arg[], options: AskOptions): Promise<Answer> {
  const { isLate, ...answer } = await askPatiently(words, options);
  if (!isLate) return answer;
  const spoken = words.slice(0, 3).map(argValue);
  throw new PolycrateError(
    `\`${spoken.join(" ")}\` did not answer within ${options.patience ?? usualPatience} s`,
    {
      hint: options.hint,
      exitCode: exitCodes.noDocker,
    },
  );
}

/** Returns the answer; that of a program which was killed because it was late has the exit code 137. Throws as `ask` does. */
export async function askPatiently(
  words: readonly Arg[],
  { patience = usualPatience, cancelled, ...options }: AskOptions,
): Promise<Answer & { readonly isLate: boolean }> {
  cancelled?.throwIfAborted();
  const running = startProcess(words, { ...options, input: "nothing" });
  const [stdout, stderr] = [collect(running.stdout), collect(running.stderr)];
  const kill = () => running.signal("SIGKILL");
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    kill();
  }, patience * 1000);
  cancelled?.addEventListener("abort", kill);
  const exitCode = await running.ended;
  cancelled?.removeEventListener("abort", kill);
  clearTimeout(timer);
  cancelled?.throwIfAborted();
  return { exitCode, stdout: stdout(), stderr: stderr(), isLate };
}
