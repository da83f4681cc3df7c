import { type FilePosition, PolycrateError } from "../errors.ts";
import { explainBlock } from "../workspace/blocks/explainBlock.ts";
import { resolveBlock } from "../workspace/blocks/resolveBlock.ts";
import type { Workspace } from "../workspace/load.ts";
import { positionIn } from "../workspace/poly/polyFile.ts";
import { valueAt } from "../yaml/path.ts";
import { isYamlList, type YamlKey, type YamlValue, yamlTextAt } from "../yaml/value.ts";

/** The block and the action whose snapshot it is. */
export type SnapshotOwner = { readonly block: string; readonly action: string };

/**
 * Returns what finds where the value at a path of a snapshot is written today; undefined for what is computed, and for what is no
 * longer written.
 */
export function snapshotSources(
  workspace: Workspace,
  { block, action }: SnapshotOwner,
): (path: readonly YamlKey[]) => FilePosition | undefined {
  const blocks = new Map<string, ReadonlyMap<string, FilePosition>>();
  const inBlock = (name: string, path: readonly YamlKey[]) => {
    const known = blocks.get(name) ?? snapshotKeys(workspace, name);
    blocks.set(name, known);
    // A list is written as a whole.
    const lengths = [...path.keys()].toReversed().map((index) => index + 1);
    return lengths
      .map((length) => known.get(path.slice(0, length).map(String).join(".")))
      .find((position) => position !== undefined);
  };
  return ([root, ...path]) => {
    const [list, name, ...rest] = path;
    if (root === "block") return inBlock(block, path);
    if (root === "action") return inBlock(block, ["actions", action, ...path]);
    if (root === "env") return inWorkspace(workspace, ["config", "container", "env", ...path]);
    if (root !== "workspace") return undefined;
    return list === "blocks" ? inBlock(String(name), rest) : inWorkspace(workspace, path);
  };
}

function snapshotKeys(workspace: Workspace, name: string): ReadonlyMap<string, FilePosition> {
  try {
    const keys = explainBlock(resolveBlock(workspace, name));
    return new Map(keys.map(({ key, file, position }) => [key, { file, ...position }]));
  } catch (error) {
    if (!(error instanceof PolycrateError)) throw error;
    return new Map();
  }
}

function inWorkspace({ file }: Workspace, path: readonly YamlKey[]): FilePosition | undefined {
  let value: YamlValue | undefined = file.value;
  const written: (YamlKey | number)[] = [];
  for (const key of path) {
    const step = isYamlList(value) ? indexOf(value, key) : key;
    value = valueAt(value, [step]);
    if (value === undefined) return undefined;
    written.push(step);
  }
  return positionIn(file, written, "key");
}

/** An item of a list is a key by its name, else by its index; -1 when there is none. */
function indexOf(list: readonly YamlValue[], key: YamlKey): number {
  return list.findIndex((item, index) => index === key || yamlTextAt(item, "name") === key);
}
