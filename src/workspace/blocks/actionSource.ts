import type { FilePosition } from "../../errors.ts";
import { isYamlList, isYamlMap, type YamlPath } from "../../yaml/value.ts";
import { type PolyFile, positionIn } from "../poly/polyFile.ts";
import type { ResolvedBlock } from "./resolveBlock.ts";

/** Where a key of an action is written, such as its script or playbook: its file, and the path to it there. */
export type ActionSource = { readonly file: PolyFile; readonly at: YamlPath };

/** An item of a script and a line inside of it, both counted from 1. */
export type ScriptPlace = { readonly item: number; readonly line: number };

/** Returns where the script or playbook is written that the action has after inheritance; undefined when it has neither. */
export function actionSourceOf(block: ResolvedBlock, action: string): ActionSource | undefined {
  return actionKeySource(block, action, ["script", "playbook"]);
}

/** Returns where the first of the keys is written that an action has after inheritance; undefined when it has none of them. */
export function actionKeySource(
  { lineage }: Pick<ResolvedBlock, "lineage">,
  action: string,
  keys: readonly string[],
): ActionSource | undefined {
  for (const { file, at, value } of lineage.flatMap(({ sources }) => sources)) {
    const actions = value.get("actions");
    if (!isYamlList(actions)) continue;
    const index = actions.findIndex((one) => isYamlMap(one) && one.get("name") === action);
    const written = actions[index];
    if (!isYamlMap(written)) continue;
    const key = keys.find((one) => (written.get(one) ?? null) !== null);
    if (key !== undefined) return { file, at: [...at, "actions", index, key] };
  }
  return undefined;
}

/**
 * Returns the position of the item that failed, or of the whole script or playbook without a place. The lines of a literal
 * block (`- |`) are those of the file; of any other form only the first is known. Parses the file again, so it is for
 * messages only.
 */
export function positionOfFailure({ file, at }: ActionSource, place: ScriptPlace | undefined): FilePosition {
  if (place === undefined) return positionIn(file, at, "key");
  const start = positionIn(file, [...at, place.item - 1]);
  const rest = file.text.split(/\r\n|\r|\n/)[start.line - 1]?.slice(start.column - 1) ?? "";
  return /^\|[-+0-9]*\s*(?:#.*)?$/.test(rest)
    ? { file: start.file, line: start.line + place.line, column: 1 }
    : start;
}
