import * as v from "valibot";
import type { YamlMap } from "../../yaml/value.ts";
import { plainOf } from "./polyFile.ts";
import { type WorkspaceSettings, workspaceSchema } from "./schema/workspace.ts";

/**
 * Returns the settings of a workspace file; where a value is wrong, as if the setting, block or workflow that it is in were
 * not there, so that the rest can still be checked.
 */
export function readableSettings(value: YamlMap): WorkspaceSettings {
  const plain = plainOf(value);
  const result = v.safeParse(workspaceSchema, plain);
  if (result.success) return result.output;
  const paths = result.issues.map((issue) => (issue.path ?? []).map((item) => String(item.key)));
  const dropped = new Set(paths.map((path) => identityOf(path.slice(0, depthOf(path)))));
  const rest = without(plain, [], dropped);
  const again = v.safeParse(workspaceSchema, { name: "workspace", ...(isRecord(rest) ? rest : {}) });
  return again.success ? again.output : v.parse(workspaceSchema, { name: "workspace" });
}

/** How much of the path to a wrong value names the thing that is left out with it. */
function depthOf([first, second]: readonly string[]): number {
  if (first === "config") return second === "container" ? 3 : 2;
  return first === "blocks" || first === "workflows" ? 2 : 1;
}

function without(value: unknown, path: readonly string[], dropped: ReadonlySet<string>): unknown {
  const isKept = (key: string) => !dropped.has(identityOf([...path, key]));
  if (path.length === 3) return value;
  if (Array.isArray(value)) return value.filter((_, index) => isKept(String(index)));
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) =>
      isKept(key) ? [[key, without(item, [...path, key], dropped)]] : [],
    ),
  );
}

function identityOf(path: readonly string[]): string {
  return JSON.stringify(path);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
