import { variableOfInput } from "../workspace/inputs/declarations.ts";
import {
  isYamlList,
  isYamlMap,
  isYamlNumber,
  type YamlKey,
  type YamlMap,
  type YamlValue,
  yamlMapAt,
} from "../yaml/value.ts";
import { recapKeys } from "./hostRecap.ts";

/** A value in which two runs differ; undefined where a run does not have it. */
export type Difference = {
  /** The keys that lead to it; an item of a list is a key by its `name`, else by its index. */
  readonly path: readonly YamlKey[];
  readonly before: YamlValue | undefined;
  readonly after: YamlValue | undefined;
};

/**
 * Returns in what two records differ beside their ids and times. A key that one of them lacks, because an older version wrote
 * it, is not compared; artifacts are the action's business, and neither are they.
 */
export function compareRecords(before: YamlMap, after: YamlMap): readonly Difference[] {
  return comparedKeys.flatMap((key) => {
    const [old, now] = [before.get(key), after.get(key)];
    if (old === undefined || now === undefined) return [];
    return key === "hosts" ? compareHosts(old, now) : [...compareValues([key], old, now, "whole lists")];
  });
}

const comparedKeys = [
  ...["block", "action", "workflow", "step", "matrix", "status", "exit_code", "container_exit_code"],
  ...["engine", "context", "image", "image_id", "image_digest", "locked", "git_commit", "git_dirty"],
  ...["arguments", "inputs", "warm", "user", "host", "polycrate", "hosts"],
];

/** A host is one value: its counts say together how it went. */
function compareHosts(before: YamlValue, after: YamlValue): readonly Difference[] {
  const [old, now] = [countsByHost(before), countsByHost(after)];
  const hosts = [...new Set([...old.keys(), ...now.keys()])];
  return hosts
    .map((host) => ({ path: ["hosts", host], before: old.get(host), after: now.get(host) }))
    .filter((one) => !isEqual(one.before, one.after));
}

function countsByHost(hosts: YamlValue): YamlMap {
  const recaps = isYamlList(hosts) ? hosts.filter(isYamlMap) : [];
  return new Map(
    recaps.map((recap) => [
      String(recap.get("host")),
      new Map(recapKeys.map((key) => [key, recap.get(key) ?? null])),
    ]),
  );
}

/**
/**
 * Returns every value in which two snapshots differ. What there is twice is compared once: the block that ran is also among the
 * workspace's blocks, the action among the block's, and so on. Which ones they are is in the records, as are the values of inputs.
 */
export function compareSnapshots(before: YamlMap, after: YamlMap): readonly Difference[] {
  const variables = new Set([before, after].flatMap(inputVariables));
  const isTwice = ([first, second, third, fourth]: readonly YamlKey[]) =>
    (first === "action" && second === "inputs") ||
    (first === "env" && variables.has(String(second))) ||
    targetRoots.some(({ root, list: [owner, name] }) => {
      const [one, other] = [before, after].map((snapshot) => entryName(snapshot.get(root)));
      // The block has what an action's inputs are declared as, and the action their values.
      const isCopy = first === owner && second === name && third === one && fourth !== "inputs";
      return (
        (one !== undefined && one === other && isCopy) || (first === root && (second ?? "name") === "name")
      );
    });
  return [...compareValues([], before, after, "items")].filter(({ path }) => !isTwice(path));
}

/** The roots of a snapshot that say what ran, and the list that has the same under its name. */
const targetRoots = [
  { root: "block", list: ["workspace", "blocks"] },
  { root: "action", list: ["block", "actions"] },
  { root: "workflow", list: ["workspace", "workflows"] },
  { root: "step", list: ["workflow", "steps"] },
] as const;

function inputVariables(snapshot: YamlMap): readonly string[] {
  const inputs = yamlMapAt(snapshot.get("action"), "inputs");
  return Array.from(inputs?.keys() ?? [], (name) => variableOfInput(String(name)));
}

function* compareValues(
  path: readonly YamlKey[],
  before: YamlValue | undefined,
  after: YamlValue | undefined,
  lists: "items" | "whole lists",
): Generator<Difference> {
  const [old, now] = lists === "items" ? [asMap(before), asMap(after)] : [before, after];
  if (isYamlMap(old) && isYamlMap(now)) {
    for (const key of new Set([...old.keys(), ...now.keys()])) {
      yield* compareValues([...path, key], old.get(key), now.get(key), lists);
    }
  } else if (!isEqual(before, after)) yield { path, before, after };
}

/** A list of named items as a map by name; other lists of maps by index, and other values as they are. */
function asMap(value: YamlValue | undefined): YamlValue | undefined {
  if (!isYamlList(value) || value.length === 0 || !value.every(isYamlMap)) return value;
  const names = value.map(entryName);
  const areNames = new Set(names).size === names.length && !names.includes(undefined);
  return new Map(value.map((item, index) => [areNames ? (names[index] ?? index) : index, item]));
}

function entryName(value: YamlValue | undefined): string | undefined {
  const name = isYamlMap(value) ? value.get("name") : undefined;
  return typeof name === "string" ? name : undefined;
}

function isEqual(one: YamlValue | undefined, other: YamlValue | undefined): boolean {
  if (isYamlNumber(one) && isYamlNumber(other)) return one.digits === other.digits;
  if (isYamlList(one) && isYamlList(other)) {
    return one.length === other.length && one.every((item, index) => isEqual(item, other[index]));
  }
  if (isYamlMap(one) && isYamlMap(other)) {
    return one.size === other.size && [...one].every(([key, item]) => isEqual(item, other.get(key)));
  }
  return one === other;
}
