import { tryCapture } from "../host/capture.ts";
import type { ClientOptions } from "./client.ts";
import type { Execution } from "./execution.ts";

/** The exit code of a program that SIGKILL ended. */
const killed = 137;

/** A command of a container, and when it was started: milliseconds since 1970. */
export type StartedCommand = { readonly container: string; readonly since: number };

/**
 * Returns the execution, and if its command was killed, whether the engine says that the container ran out of memory. That is one
 * more call of the engine, for such an end only; an engine that does not answer is not waited for.
 */
export async function withMemoryVerdict<Ended extends Execution>(
  execution: Ended,
  { container, since }: StartedCommand,
  { engine, ...options }: ClientOptions,
): Promise<Ended> {
  if (execution.exitCode !== killed || !execution.started || execution.stopped !== undefined)
    return execution;
  const words = engine.memoryEvents(container, since, Date.now());
  const { exitCode, stdout } = await tryCapture(words, { ...options, timeout: 5 });
  return { ...execution, outOfMemory: exitCode === 0 && stdout.trim() !== "" };
}
