import {
  isYamlList,
  isYamlMap,
  type YamlKey,
  type YamlMap,
  type YamlPath,
  type YamlValue,
} from "../../yaml/value.ts";

/**
 * Returns `workspace.poly` with `secrets.poly` over it: maps merge key by key, workflows and their steps by name, the variables of an
 * `env` by name; any other value is replaced. What it has has the place that it had, so paths into it stay right. Blocks are left
 * out: secrets are laid over each block as it is found.
 */
export function mergeSecrets(workspace: YamlMap, secrets: YamlMap): YamlMap {
  const rest = [...secrets].filter(([key]) => !["blocks", "name", "workflows"].includes(String(key)));
  const merged = new Map(mergeMaps(workspace, new Map(rest)));
  const mergeWorkflow = (below: YamlMap, above: YamlMap) => {
    const steps = below.get("steps");
    if (steps === undefined) return below;
    return new Map([...below, ["steps", mergeByName(steps, above.get("steps"), mergeMaps)]]);
  };
  const workflows = workspace.get("workflows");
  if (workflows === undefined) return merged;
  return merged.set("workflows", mergeByName(workflows, secrets.get("workflows"), mergeWorkflow));
}

function mergeMaps(below: YamlMap, above: YamlMap): YamlMap {
  const result = new Map<YamlKey, YamlValue>(below);
  for (const [key, value] of above) result.set(key, mergeValue(key, below.get(key), value));
  return result;
}

function mergeValue(key: YamlKey, below: YamlValue | undefined, above: YamlValue): YamlValue {
  // A key with nothing after it sets nothing, as `config:` of a block does not.
  if (below === undefined || (above === null && (isYamlMap(below) || isYamlList(below))))
    return below ?? above;
  if (!isYamlMap(below) || !isYamlMap(above)) return above;
  return key === "env" || key === "inputs" ? new Map([...below, ...above]) : mergeMaps(below, above);
}

/** Items that only the upper list has are left out: a workflow or a step is not complete without the workspace. */
function mergeByName(
  below: YamlValue,
  above: YamlValue | undefined,
  merge: (below: YamlMap, above: YamlMap) => YamlMap,
): YamlValue {
  if (!isYamlList(below) || !isYamlList(above)) return below;
  return below.map((item) => {
    const over = above.find((one) => isSameName(one, item));
    return isYamlMap(item) && isYamlMap(over) ? merge(item, over) : item;
  });
}

/** Returns where in `secrets.poly` the value is that is at the path of the merged file; undefined if it is not of there. */
export function pathInSecrets(merged: YamlMap, secrets: YamlMap, path: YamlPath): YamlPath | undefined {
  let [inMerged, inSecrets]: readonly (YamlValue | undefined)[] = [merged, secrets];
  if (path.length === 0 || path[0] === "blocks" || path[0] === "name") return undefined;
  const found: (YamlKey | number)[] = [];
  for (const [depth, key] of path.entries()) {
    if (isYamlList(inSecrets) && isYamlList(inMerged) && typeof key === "number") {
      const item: YamlValue | undefined = inMerged[key];
      const index: number = isNamedList(path, depth)
        ? inSecrets.findIndex((one) => isSameName(one, item))
        : key;
      found.push(index);
      [inMerged, inSecrets] = [item, inSecrets[index]];
    } else if (isYamlMap(inSecrets)) {
      found.push(key);
      [inMerged, inSecrets] = [isYamlMap(inMerged) ? inMerged.get(key) : undefined, inSecrets.get(key)];
    } else return undefined;
    if (inSecrets === undefined) return undefined;
  }
  return found;
}

/** The lists of workflows and of their steps. */
function isNamedList([root]: YamlPath, depth: number): boolean {
  return root === "workflows" && (depth === 1 || depth === 3);
}

function isSameName(one: YamlValue | undefined, other: YamlValue | undefined): boolean {
  const name = isYamlMap(one) ? one.get("name") : undefined;
  return name !== undefined && isYamlMap(other) && other.get("name") === name;
}
