import { askEngine } from "../engine/ask.ts";
import { PolycrateError } from "../errors.ts";
import type { ClientOptions, SignalClient } from "./client.ts";
import type { Emit } from "./events.ts";

/** Removes the container, and kills its client if it has not exited after two seconds. Waits for neither. */
export function killContainer(
  container: string,
  signal: SignalClient,
  { engine, ...options }: ClientOptions,
): void {
  // Without a timeout, a removal that outlives polycrate could wait for the engine forever.
  askEngine(engine, engine.removeContainer(container), { ...options, timeout: 5 }).catch(() => {});
  setTimeout(() => signal("SIGKILL"), 2000).unref();
}

/**
 * Removes the container of a client that was stopped. If its entrypoint has not run, docker may still be creating it, so
 * several attempts are made, each of which may take that many seconds.
 */
export async function removeContainer(
  container: string,
  hasStarted: boolean,
  { engine, ...options }: ClientOptions,
  emit: Emit,
  timeout = 5,
): Promise<void> {
  const attempts = hasStarted ? 1 : 5;
  try {
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const answer = await askEngine(engine, engine.removeContainer(container), { ...options, timeout });
      if (answer.exitCode === 0 && answer.stderr === "") return;
      if (attempt + 1 < attempts) await Bun.sleep(100);
    }
  } catch (error) {
    if (!(error instanceof PolycrateError)) throw error;
    emit({
      type: "warning",
      message: `the container may still exist: ${error.message}`,
      hint: "`polycrate prune` removes it later",
    });
  }
}
