import { isYamlMap, textOf, yamlMapAt } from "../yaml/value.ts";
import { lintCaches } from "./lint/lintCaches.ts";
import type { Workspace } from "./load.ts";
import { problemsIn } from "./poly/polyFile.ts";
import { assertNoErrors } from "./poly/problems.ts";

/** A folder of the container that is kept; the path may begin with `~/`, the home of the container's user. */
export type NamedCache = { readonly name: string; readonly path: string };

/** Returns the caches of the workspace. Throws (65) with all of their problems, each with its position. */
export function readCaches(workspace: Workspace): readonly NamedCache[] {
  const { value } = workspace.file;
  const caches = yamlMapAt(yamlMapAt(value, "config"), "container")?.get("caches");
  if (!isYamlMap(caches) || caches.size === 0) return [];
  assertNoErrors(problemsIn(workspace.file, lintCaches(value, workspace)));
  return Array.from(caches, ([name, path]) => ({
    name: String(name),
    path: (textOf(path) ?? "").replace(/\/+$/, ""),
  }));
}
