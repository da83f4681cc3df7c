import {
  isYamlList,
  isYamlMap,
  type Position,
  type YamlKey,
  type YamlMap,
  type YamlPath,
  type YamlValue,
} from "../../yaml/value.ts";
import { positionIn } from "../poly/polyFile.ts";
import type { BlockSource } from "./blockSource.ts";
import { sourcesOf } from "./overlayBlocks.ts";
import type { ResolvedBlock } from "./resolveBlock.ts";

/** The position at which the value of a key of a resolved block is written. */
export type KeySource = {
  /** The keys with dots between them: `config.replicas`, `actions.install.script`. */
  readonly key: string;
  readonly value: YamlValue;
  readonly block: string;
  readonly file: string;
  readonly position: Position;
};

/** Returns for every key of the resolved block, in order, the file and line of its value. */
export function explainBlock(block: ResolvedBlock): readonly KeySource[] {
  const sources = block.lineage.flatMap((one, generation) =>
    sourcesOf(one).map((source): LineageSource => ({ block: one.name, source, inherits: generation > 0 })),
  );
  return leavesOf(block.value, []).map(({ steps, value }) => {
    const found = sources.flatMap((candidate) => {
      const path =
        candidate.inherits && ownKeys.has(String(steps[0]?.key))
          ? undefined
          : pathIn(candidate.source.value, steps, value);
      return path === undefined ? [] : [{ ...candidate, path }];
    })[0];
    if (found === undefined)
      throw new Error(`the key ${dottedKey(steps)} of ${block.name} is not written in any source`);
    const { source, path } = found;
    const { file, ...position } = positionIn(source.file, [...source.at, ...path], "key");
    return { key: dottedKey(steps), value, block: found.block, file, position };
  });
}

type LineageSource = { readonly block: string; readonly source: BlockSource; readonly inherits: boolean };

/** Keys that a block does not inherit. */
const ownKeys: ReadonlySet<string> = new Set(["name", "template", "alias", "from"]);

/** A step down: a key of a mapping, or the action of that name. */
type PathStep = { readonly key: YamlKey; readonly isAction: boolean };

type Leaf = { readonly steps: readonly PathStep[]; readonly value: YamlValue };

/** The values that are inherited as a whole: mappings and the list of actions are merged key by key. */
function leavesOf(value: YamlValue, steps: readonly PathStep[]): readonly Leaf[] {
  if (isYamlMap(value) && value.size > 0) {
    return [...value].flatMap(([key, item]) => leavesOf(item, [...steps, { key, isAction: false }]));
  }
  if (steps.length === 1 && steps[0]?.key === "actions" && isYamlList(value) && value.length > 0) {
    return value.flatMap((action) =>
      isYamlMap(action)
        ? leavesOf(action, [...steps, { key: String(action.get("name")), isAction: true }])
        : [],
    );
  }
  return [{ steps, value }];
}

/** Returns the path to the value in a document; undefined when it has no value there, or one that was overridden. */
function pathIn(root: YamlMap, steps: readonly PathStep[], wanted: YamlValue): YamlPath | undefined {
  let value: YamlValue | undefined = root;
  const path: (YamlKey | number)[] = [];
  for (const { key, isAction } of steps) {
    if (isAction && isYamlList(value)) {
      const index: number = value.findIndex((action) => isYamlMap(action) && action.get("name") === key);
      if (index < 0) return undefined;
      path.push(index);
      value = value[index];
    } else if (isYamlMap(value) && value.has(key)) {
      path.push(key);
      value = value.get(key);
    } else return undefined;
  }
  return value !== undefined && isSame(value, wanted) ? path : undefined;
}

/** Merging keeps values as they are, except mappings and the list of actions, which it copies. */
function isSame(value: YamlValue, wanted: YamlValue): boolean {
  if (isYamlMap(value)) return isYamlMap(wanted);
  const isEmpty = isYamlList(value) && isYamlList(wanted) && value.length === 0 && wanted.length === 0;
  return value === wanted || isEmpty;
}

function dottedKey(steps: readonly PathStep[]): string {
  return steps.map(({ key }) => String(key)).join(".");
}
