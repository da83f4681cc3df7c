import { exitCodes, PolycrateError } from "../errors.ts";
import { spokenWord, type Word } from "../plan/words.ts";
import { collect, type StartOptions, startProcess } from "./process.ts";

/** What a program printed and how it ended, for short questions. */
export type Answer = { readonly exitCode: number; readonly stdout: string; readonly stderr: string };

/** How long an answer is waited for, in seconds. */
export type AskOptions = Omit<StartOptions, "input"> & { readonly patience?: number };

const usualPatience = 30;

/**
 * Runs a program that answers soon, and returns all of its output. Throws (69) when it does not answer in time, as an
 * engine that hangs does, and when it is not on PATH.
 */
export async function ask(words: readonly Word[], options: AskOptions): Promise<Answer> {
  const { isLate, ...answer } = await askPatiently(words, options);
  if (!isLate) return answer;
  const command = words.slice(0, 3).map(spokenWord).join(" ");
  throw new PolycrateError(`\`${command}\` did not answer within ${options.patience ?? usualPatience} s`, {
    hint: "see whether the docker engine hangs: `docker version`",
    exitCode: exitCodes.noDocker,
  });
}

/** Returns the answer; that of a program which was killed because it was late has the exit code 137. Throws (69) without it. */
export async function askPatiently(
  words: readonly Word[],
  { patience = usualPatience, ...options }: AskOptions,
): Promise<Answer & { readonly isLate: boolean }> {
  const running = startProcess(words, { ...options, input: "nothing" });
  const [stdout, stderr] = [collect(running.stdout), collect(running.stderr)];
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    running.signal("SIGKILL");
  }, patience * 1000);
  const exitCode = await running.ended;
  clearTimeout(timer);
  return { exitCode, stdout: stdout(), stderr: stderr(), isLate };
}
