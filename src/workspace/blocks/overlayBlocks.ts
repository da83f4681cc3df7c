import { isYamlMap, textOf, type YamlKey, type YamlMap, type YamlValue } from "../../yaml/value.ts";
import type { Workspace } from "../load.ts";
import { once } from "../once.ts";
import { blockHeadOf } from "../poly/blockHead.ts";
import type { Problem } from "../poly/problems.ts";
import type { BlockSource } from "./blockSource.ts";
import { overlayBlock } from "./mergeBlocks.ts";

/** A block of one name and version, before inheritance: its file, overlaid by the inline block of the workspace file. */
export type Block = {
  readonly name: string;
  readonly version: string | undefined;
  /** The inline block first: its keys win. */
  readonly sources: readonly [BlockSource, ...BlockSource[]];
  /** What `secrets.poly` lays over it. */
  readonly secrets: BlockSource | undefined;
  readonly head: YamlMap;
  /** Read and merged when it is first used. */
  readonly value: YamlMap;
  /** The folder of the block's file, relative to the workspace; undefined for a block that is only inline. */
  readonly directory: string | undefined;
};

/** Returns where the keys of a block are written, those that win first. */
export function sourcesOf({ secrets, sources }: Pick<Block, "secrets" | "sources">): readonly BlockSource[] {
  return secrets === undefined ? sources : [secrets, ...sources];
}

/** Returns every block of the workspace, overlays applied, in the order of name and version. */
export function blocksOf(workspace: Workspace): readonly Block[] {
  const known = blocksByWorkspace.get(workspace);
  if (known !== undefined) return known;
  const blocks = overlaidBlocks(workspace).map((block) => withOwnSecrets(block, workspace.secrets?.blocks));
  blocksByWorkspace.set(workspace, blocks);
  return blocks;
}

/** A function of the workspace, so keeping it only saves time. */
const blocksByWorkspace = new WeakMap<Workspace, readonly Block[]>();

/** Returns the errors in the files and inline blocks that a block is made of. */
export function problemsOfBlock({ problems }: Workspace, { secrets, sources }: Block): readonly Problem[] {
  return problems.filter(({ severity, file, entry }) =>
    sourcesOf({ secrets, sources }).some(
      (source) =>
        severity === "error" &&
        file === source.file.path &&
        (source.at.length === 0 || (entry?.list === source.at[0] && entry?.index === source.at[1])),
    ),
  );
}

function overlaidBlocks(workspace: Workspace): readonly Block[] {
  const { installed = [], inline = [] } = Object.groupBy(workspace.blocks, ({ directory }) =>
    directory === undefined ? "inline" : "installed",
  );
  const installedByName = Map.groupBy(installed, ({ name }) => name);
  const inlineByName = Map.groupBy(inline, ({ name }) => name);
  const covering = new Set<BlockSource>();
  const blocks = installed.map((source): Block => {
    const isOnlyOne = installedByName.get(source.name)?.length === 1;
    const over = layerOver(source, inlineByName.get(source.name) ?? [], isOnlyOne);
    if (over === undefined) return ofSources([source]);
    covering.add(over);
    return ofSources([over, source]);
  });
  const alone = inline.filter((source) => !covering.has(source)).map((source) => ofSources([source]));
  return [...blocks, ...alone].sort(
    (a, b) =>
      compare(a.name, b.name) ||
      compare(a.version ?? "", b.version ?? "") ||
      compare(a.sources[0].file.path, b.sources[0].file.path),
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * Of the inline blocks with the name of an installed block, the one that overlays it: the one with its version, else the one
 * without a version. A version also fits the only installed block when that has none.
 */
function layerOver(
  source: BlockSource,
  inline: readonly BlockSource[],
  isOnlyOne: boolean,
): BlockSource | undefined {
  const [first] = inline;
  const fitting =
    inline.find((one) => versionMeant(one) === source.version) ??
    inline.find((one) => versionMeant(one) === undefined);
  return fitting ?? (isOnlyOne && inline.length === 1 && source.version === undefined ? first : undefined);
}

/** In older workspaces a `from` with the block's own name and a version selects the installed block. */
function versionMeant({ name, version, head }: BlockSource): string | undefined {
  const from = textOf(head.get("from"));
  return version ?? (from?.startsWith(`${name}:`) === true ? from.slice(name.length + 1) : undefined);
}

/** The secrets of that version win over those of the name alone. */
function withOwnSecrets(block: Block, secrets: readonly BlockSource[] = []): Block {
  const named = secrets.filter(({ name }) => name === block.name);
  const own =
    named.find(({ version }) => version !== undefined && version === block.version) ??
    named.find(({ version }) => version === undefined);
  if (own === undefined) return block;
  const secret = new Map([...own.value].filter(([key]) => key !== "name" && key !== "version"));
  const merged = (map: YamlMap, over: YamlMap) => inOrderOf(map, overlayBlock(map, over));
  const value = once(() => merged(block.value, secret));
  return {
    name: block.name,
    version: block.version,
    sources: block.sources,
    secrets: { ...own, value: secret },
    head: merged(block.head, blockHeadOf(secret)),
    get value() {
      return value();
    },
    directory: block.directory,
  };
}

/** Secrets do not change the order in which an action finds the keys. */
function inOrderOf(base: YamlMap, map: YamlMap): YamlMap {
  const keys = new Set([...base.keys(), ...map.keys()]);
  return new Map(
    Array.from(keys).flatMap((key): readonly (readonly [YamlKey, YamlValue])[] => {
      const [below, value] = [base.get(key), map.get(key)];
      if (value === undefined) return [];
      return [[key, isYamlMap(below) && isYamlMap(value) ? inOrderOf(below, value) : value]];
    }),
  );
}

function ofSources(sources: readonly [BlockSource, ...BlockSource[]]): Block {
  const [over, below] = sources;
  const merged = (part: "head" | "value") =>
    below === undefined ? over[part] : overlayBlock(below[part], withoutOwnName(over, below, part));
  const value = once(() => merged("value"));
  return {
    name: over.name,
    version: over.version ?? below?.version,
    sources,
    secrets: undefined,
    head: merged("head"),
    get value() {
      return value();
    },
    directory: below?.directory ?? over.directory,
  };
}

function withoutOwnName(over: BlockSource, below: BlockSource, part: "head" | "value"): YamlMap {
  const { name, head } = over;
  const from = textOf(head.get("from"));
  if (from !== name && from !== `${name}:${below.version ?? ""}`) return over[part];
  return new Map([...over[part]].filter(([key]) => key !== "from"));
}
