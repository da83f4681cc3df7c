import { type OwnedContainer, removeWith } from "../engine/containers.ts";
import type { Engine } from "../engine/engine.ts";
import { removePath } from "../host/removal.ts";
import type { Host } from "../host/stdio.ts";
import { tryLock } from "../host/tryLock.ts";
import { idleLock } from "./warmRuns.ts";

/**
 * Removes a warm container and its folder, unless a run is in it: then it returns false. A run that begins meanwhile has the
 * container's lock. Throws the error of the engine, and (73).
 */
export async function endWarmContainer(
  engine: Engine,
  container: OwnedContainer,
  host: Pick<Host, "environment">,
): Promise<boolean> {
  const place = idleLock(container, host);
  const lock = place && tryLock(place.root, place.path, "");
  if (place !== undefined && lock === undefined) return false;
  try {
    const options = { directory: container.workspace, environment: host.environment };
    await removeWith(engine, engine.removeContainer(container.name), options);
    if (place !== undefined) removePath(place.root, place.path.replace(/\.lock$/, ""));
    return true;
  } finally {
    lock?.release();
  }
}
