import * as v from "valibot";
import { isJsonObject } from "../../host/json.ts";
import type { YamlMap } from "../../yaml/value.ts";
import { plainOf } from "./polyFile.ts";
import { type WorkspaceSettings, workspaceSchema } from "./schema/workspace.ts";
import { workflowConflicts } from "./workflowConflicts.ts";

/**
 * Returns the settings of a workspace file without the settings, blocks and workflows that have a wrong value and the
 * workflows that are not a graph, so that the others can still be checked.
 */
export function lenientSettings(value: YamlMap): WorkspaceSettings {
  const plain = plainOf(value);
  const result = v.safeParse(workspaceSchema, plain);
  const notGraphs = workflowConflicts(value).filter(({ severity }) => severity === "error");
  if (result.success && notGraphs.length === 0) return result.output;
  const paths = [
    ...(result.issues ?? []).map((issue) => (issue.path ?? []).map((item) => String(item.key))),
    ...notGraphs.map(({ at }) => at.map(String)),
  ];
  const dropped = new Set(paths.map((path) => pathKey(path.slice(0, depthOf(path)))));
  const rest = without(plain, [], dropped);
  const again = v.safeParse(workspaceSchema, { name: "workspace", ...(isJsonObject(rest) ? rest : {}) });
  return again.success ? again.output : v.parse(workspaceSchema, { name: "workspace" });
}

/** The length of the path to the part that is left out because of a wrong value. */
function depthOf([first, second]: readonly string[]): number {
  if (first === "config") return second === "container" ? 3 : 2;
  return first === "blocks" || first === "workflows" ? 2 : 1;
}

function without(value: unknown, path: readonly string[], dropped: ReadonlySet<string>): unknown {
  const isKept = (key: string) => !dropped.has(pathKey([...path, key]));
  if (path.length === 3) return value;
  if (Array.isArray(value)) return value.filter((_, index) => isKept(String(index)));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) =>
      isKept(key) ? [[key, without(item, [...path, key], dropped)]] : [],
    ),
  );
}

function pathKey(path: readonly string[]): string {
  return JSON.stringify(path);
}
