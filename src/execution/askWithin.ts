import type { Readable } from "node:stream";
import { type Answer, type StartOptions, startProcess } from "./process.ts";

/**
 * Asks a program that may never answer, as a client of an engine that hangs: it is killed after so many milliseconds, and
 * its exit code is then 137. Throws (69) when the program is not on PATH.
 */
export async function askWithin(
  milliseconds: number,
  words: readonly string[],
  options: Omit<StartOptions, "input">,
): Promise<Answer> {
  const running = startProcess(words, { ...options, input: "nothing" });
  const timer = setTimeout(() => running.signal("SIGKILL"), milliseconds);
  const [stdout, stderr] = [textOf(running.stdout), textOf(running.stderr)];
  const exitCode = await running.ended;
  clearTimeout(timer);
  return { exitCode, stdout: stdout(), stderr: stderr() };
}

function textOf(stream: Readable): () => string {
  const chunks: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString();
}
