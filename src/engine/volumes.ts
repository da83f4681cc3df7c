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
  const options = { directory: workspace, environment };
  const words = engine.listVolumes([label("workspace", workspace), label("cache")]);
  const listed = await askEngine(engine, words, options);
  if (listed.exitCode !== 0) throw engineError(listed.stderr);
  const names = listed.stdout.split("\n").filter((line) => line !== "");
  if (names.length === 0) return [];
  const { stdout, stderr } = await askEngine(engine, engine.inspectVolumes(undefined, names), options);
  const volumes = parseJson(stdout);
  if (!Array.isArray(volumes)) throw engineError(stderr);
  return volumes.map((volume) => ({
    volume: textAt(volume, "Name") ?? "",
    cache: textAt(volume, "Labels", label("cache")) ?? "",
  }));
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
