import { tryCapture } from "../host/capture.ts";
import { parseJson, textAt } from "../host/json.ts";
import type { Host } from "../host/stdio.ts";
import { askEngine } from "./ask.ts";
import type { Engine } from "./engine.ts";
import { engineError } from "./errors.ts";
import { label } from "./labels.ts";

/** A volume of a cache: its name, and that of the cache. */
export type CacheVolume = { readonly volume: string; readonly cache: string };

/** Returns the volumes of the workspace's caches, of all users. Throws (69) when the engine is not available. */
export async function listCaches(
  engine: Engine,
  workspace: string,
  { environment }: Pick<Host, "environment">,
): Promise<readonly CacheVolume[]> {
  const format = `[{{json .Name}},{{json (.Label "${label("cache")}")}}]`;
  const words = engine.listVolumes([label("workspace", workspace), label("cache")], format);
  const { stdout, stderr, exitCode } = await askEngine(engine, words, { directory: workspace, environment });
  if (exitCode !== 0) throw engineError(stderr);
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [volume = "", cache = ""]: readonly string[] = JSON.parse(line);
      return { volume, cache };
    });
}

/** Returns the sizes of all volumes as the engine prints them, by name; none if it takes longer than 20 seconds. */
export async function volumeSizes(
  engine: Engine,
  directory: string,
  { environment }: Pick<Host, "environment">,
): Promise<ReadonlyMap<string, string>> {
  const { stdout } = await tryCapture(engine.measureVolumes, { directory, environment, timeout: 20 });
  const volumes = parseJson(stdout);
  return new Map(
    (Array.isArray(volumes) ? volumes : []).flatMap((volume) => {
      const [name, size] = [textAt(volume, "Name"), textAt(volume, "Size")];
      return name === undefined || size === undefined ? [] : [[name, size] as const];
    }),
  );
}
