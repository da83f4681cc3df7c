import { isYamlList, isYamlMap, type YamlKey, type YamlMap, type YamlValue } from "../../yaml/value.ts";

/**
 * Returns the child merged over its parent, by presence: a key of the child wins, whatever its value. Maps merge key by
 * key, lists are replaced, actions merge by name. `name`, `template`, `alias` and `from` are not inherited. Neither input
 * changes, and merging is associative along a chain, unless a block in between replaces a mapping with something else: then
 * the ancestors are merged first.
 */
export function inheritBlock(parent: YamlMap, child: YamlMap): YamlMap {
  const inheritable = new Map(parent);
  for (const key of ["name", "template", "alias", "from"]) inheritable.delete(key);
  return overlayBlock(inheritable, child);
}

/** Returns a block merged over another of the same name, by the same rules, every key included. */
export function overlayBlock(base: YamlMap, over: YamlMap): YamlMap {
  return overlay(base, withoutEmpty(over, structuralKeys), (key, below, above) =>
    key === "actions" && isYamlList(below) && isYamlList(above)
      ? mergeActions(below, above)
      : mergeKey(key, below, above),
  );
}

/** The variables of an `env` merge by name; `{from_env: NAME}` is one value. */
function mergeKey(key: YamlKey, below: YamlValue, above: YamlValue): YamlValue {
  if (key !== "env" || !isYamlMap(below) || !isYamlMap(above)) return merge(below, above);
  return overlay(below, above, (_, __, upper) => upper);
}

/** Keys that are ignored when they are empty, so that `config:` alone does not remove what the parent has. */
const structuralKeys = ["config", "env", "actions", "labels", "inventory", "kubeconfig", "from"];
const structuralActionKeys = ["script", "playbook", "config", "env", "inputs", "labels", "prompt"];

function withoutEmpty(map: YamlMap, keys: readonly string[]): YamlMap {
  if (!keys.some((key) => map.has(key) && map.get(key) === null)) return map;
  return new Map([...map].filter(([key, value]) => value !== null || !keys.includes(String(key))));
}

/** In the order of the upper map, followed by the other keys of the lower one. */
function overlay(
  below: YamlMap,
  above: YamlMap,
  mergeBoth: (key: YamlKey, below: YamlValue, above: YamlValue) => YamlValue,
): YamlMap {
  const result = new Map<YamlKey, YamlValue>();
  for (const [key, value] of above) {
    const covered = below.get(key);
    result.set(key, covered === undefined ? value : mergeBoth(key, covered, value));
  }
  for (const [key, value] of below) if (!result.has(key)) result.set(key, value);
  return result;
}

function merge(below: YamlValue, above: YamlValue): YamlValue {
  if (!isYamlMap(below) || !isYamlMap(above)) return above;
  return overlay(below, above, (_, lower, upper) => merge(lower, upper));
}

/** Actions keep the parent's order; actions that only the child has follow. */
function mergeActions(below: readonly YamlValue[], above: readonly YamlValue[]): readonly YamlValue[] {
  const names = new Map(above.map((action) => [nameOf(action), action]));
  const merged = below.map((action) => {
    const upper = names.get(nameOf(action));
    if (!isYamlMap(action) || !isYamlMap(upper)) return action;
    names.delete(nameOf(action));
    return mergeAction(action, withoutEmpty(upper, structuralActionKeys));
  });
  return [...merged, ...names.values()];
}

/** A script and a playbook replace each other: a child's action with one does not inherit the other. */
function mergeAction(below: YamlMap, above: YamlMap): YamlMap {
  const kept = new Map(below);
  if (above.has("script") || above.has("playbook")) {
    kept.delete("script");
    kept.delete("playbook");
  }
  return overlay(kept, above, mergeKey);
}

function nameOf(action: YamlValue): YamlValue | undefined {
  return isYamlMap(action) ? action.get("name") : undefined;
}
