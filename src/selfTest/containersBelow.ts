import { listContainers } from "../engine/containers.ts";
import type { Engine } from "../engine/engine.ts";
import type { Host } from "../host/stdio.ts";

/** Returns the names of all containers of the workspaces below the folder. Throws (69) when the engine is not available. */
export async function containersBelow(
  folder: string,
  engine: Engine,
  host: Host,
): Promise<readonly string[]> {
  const containers = await listContainers(engine, undefined, folder, host);
  return containers.filter(({ workspace }) => workspace.startsWith(`${folder}/`)).map(({ name }) => name);
}
