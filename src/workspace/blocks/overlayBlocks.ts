import { textOf, type YamlMap } from "../../yaml/value.ts";
import type { Workspace } from "../load.ts";
import { once } from "../once.ts";
import type { Problem } from "../poly/problems.ts";
import type { BlockSource } from "./blockSource.ts";
import { overlayBlock } from "./mergeBlocks.ts";

/** A block of one name and version, before inheritance: its file, overlaid by the inline block of the workspace file. */
export type Block = {
  readonly name: string;
  readonly version: string | undefined;
  /** The inline block first: its keys win. */
  readonly sources: readonly [BlockSource, ...BlockSource[]];
  readonly head: YamlMap;
  /** Read and merged when it is first used. */
  readonly value: YamlMap;
  /** The folder of the block's file, relative to the workspace; undefined for a block that is only inline. */
  readonly directory: string | undefined;
};

/** Returns every block of the workspace, overlays applied, in the order of name and version. */
export function blocksOf(workspace: Workspace): readonly Block[] {
  const known = blocksByWorkspace.get(workspace);
  if (known !== undefined) return known;
  const blocks = overlaidBlocks(workspace);
  blocksByWorkspace.set(workspace, blocks);
  return blocks;
}

/** A function of the workspace, so keeping it only saves time. */
const blocksByWorkspace = new WeakMap<Workspace, readonly Block[]>();

/** Returns the errors in the files and inline blocks that a block is made of. */
export function problemsOfBlock({ problems }: Workspace, { sources }: Block): readonly Problem[] {
  return problems.filter(({ severity, file, entry }) =>
    sources.some(
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

function ofSources(sources: readonly [BlockSource, ...BlockSource[]]): Block {
  const [over, below] = sources;
  const merged = (part: "head" | "value") =>
    below === undefined ? over[part] : overlayBlock(below[part], withoutOwnName(over, below, part));
  const value = once(() => merged("value"));
  return {
    name: over.name,
    version: over.version ?? below?.version,
    sources,
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
