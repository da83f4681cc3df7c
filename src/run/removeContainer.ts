import { askEngine } from "../engine/ask.ts";
import { PolycrateError } from "../errors.ts";
import type { ClientOptions, SignalClient } from "./client.ts";
import type { Emit } from "./events.ts";

/** Removes the container, and ends its client when that does not bring it to its end; waits for neither. */
export function killContainer(
  container: string,
  signal: SignalClient,
  { engine, ...options }: ClientOptions,
): void {
  // A removal that outlived polycrate would wait for the engine for ever.
  askEngine(engine, engine.removeContainer(container), { ...options, timeout: 5 }).catch(() => {});
  setTimeout(() => signal("SIGKILL"), 2000).unref();
}

/**
 * Removes the container of a client that was told to end. One whose entrypoint has not run may only just have been made, so
 * it is looked for several times.
 */
export async function removeContainer(
  container: string,
  hasStarted: boolean,
  { engine, ...options }: ClientOptions,
  emit: Emit,
): Promise<void> {
  const attempts = hasStarted ? 1 : 5;
  try {
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const answer = await askEngine(engine, engine.removeContainer(container), { ...options, timeout: 5 });
      if (answer.exitCode === 0 && answer.stderr === "") return;
      if (attempt + 1 < attempts) await Bun.sleep(100);
    }
  } catch (error) {
    if (!(error instanceof PolycrateError)) throw error;
    emit({
      type: "warning",
      message: `the container may still be there: ${error.message}`,
      hint: "`polycrate prune` removes it later",
    });
  }
}
