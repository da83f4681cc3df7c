import * as v from "valibot";
import { didYouMean, exitCodes, PolycrateError } from "../errors.ts";
import type { BlockSource, Workspace } from "./loadWorkspace.ts";
import { inheritBlock, overlayBlock } from "./mergeBlocks.ts";
import { plainOf, positionIn } from "./polyFile.ts";
import { refuseErrors } from "./problems.ts";
import { type ActionSettings, type BlockSettings, blockSchema } from "./schema.ts";
import { isYamlList, isYamlMap, type YamlMap } from "./yamlValue.ts";

/** A block of one name and version, before inheritance: its file and what the workspace file lays over it. */
export type Block = {
  readonly name: string;
  readonly version: string | undefined;
  /** The nearest first; what the first says wins. */
  readonly sources: readonly [BlockSource, ...BlockSource[]];
  readonly value: YamlMap;
  /** The folder of the block's file, relative to the workspace; undefined for a block that is only inline. */
  readonly directory: string | undefined;
};

/** A block with its ancestors folded in. */
export type ResolvedBlock = {
  readonly name: string;
  readonly version: string | undefined;
  readonly value: YamlMap;
  readonly settings: BlockSettings;
  /** The block itself, its parent, its grandparent, … */
  readonly lineage: readonly [Block, ...Block[]];
};

/** An action of a resolved block, and the folder its script or playbook was written for. */
export type ResolvedAction = {
  readonly name: string;
  readonly value: YamlMap;
  readonly settings: ActionSettings;
  /** Relative to the workspace; undefined when no block that wrote it has a folder. */
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

/** The values below are functions of what they are kept for, so keeping them only saves time. */
const blocksByWorkspace = new WeakMap<Workspace, readonly Block[]>();
const blocksByName = new WeakMap<Workspace, ReadonlyMap<string, readonly Block[]>>();
const inheritedByBlock = new WeakMap<Block, YamlMap>();

/**
 * Returns the block that `NAME`, `NAME:VERSION` or an alias names, resolved. Throws (65) when it or an ancestor is
 * missing, ambiguous, broken or inherits from itself; (64) when the caller named a block that does not exist.
 */
export function resolveBlock(workspace: Workspace, reference: string): ResolvedBlock {
  return resolved(workspace, findBlock(workspace, reference));
}

/** Returns `resolveBlock` of a block that is already at hand. */
export function resolved(workspace: Workspace, block: Block): ResolvedBlock {
  const lineage = lineageOf(workspace, block);
  for (const ancestor of lineage) refuseBroken(workspace, ancestor);
  const value = inheritedValue(lineage);
  const settings = v.safeParse(blockSchema, plainOf(value));
  if (!settings.success) throw new Error(`the schema refused the resolved block ${block.name}`);
  return { name: block.name, version: block.version, value, settings: settings.output, lineage };
}

/** Returns the block's value with its ancestors folded in, without checking it again. */
export function inheritedValue(lineage: readonly [Block, ...Block[]]): YamlMap {
  const [block, parent, ...older] = lineage;
  const known = inheritedByBlock.get(block);
  if (known !== undefined) return known;
  const value =
    parent === undefined ? block.value : inheritBlock(inheritedValue([parent, ...older]), block.value);
  inheritedByBlock.set(block, value);
  return value;
}

/** Returns the action of that name or alias. Throws (64) with a suggestion when the block has none, (65) when it does nothing. */
export function resolveAction(block: ResolvedBlock, reference: string): ResolvedAction {
  const actions = block.settings.actions ?? [];
  const index = actions.findIndex((action) => action.name === reference);
  const found = index >= 0 ? index : actions.findIndex((action) => listOf(action.alias).includes(reference));
  const settings = actions[found];
  const values = block.value.get("actions");
  const value = isYamlList(values) ? values[found] : undefined;
  if (settings === undefined || !isYamlMap(value)) {
    const names = actions.map((action) => action.name);
    const all = names.length === 0 ? "it has no actions" : `its actions: ${names.join(", ")}`;
    throw new PolycrateError(`block \`${block.name}\` has no action \`${reference}\``, {
      hint: didYouMean(reference, names) ?? all,
      exitCode: exitCodes.wrongCommandLine,
    });
  }
  if ((settings.script ?? settings.playbook ?? undefined) === undefined) {
    throw new PolycrateError(
      `action \`${settings.name}\` of block \`${block.name}\` has neither \`script\` nor \`playbook\``,
      {
        hint: "add `script:` with a list of shell commands, or `playbook:` with a path",
        exitCode: exitCodes.invalidWorkspace,
      },
    );
  }
  return { name: settings.name, value, settings, directory: directoryOfAction(block, settings.name) };
}

/** Splits `NAME[:VERSION]`; the colon of a registry's port stands before a slash, so it is no version's. */
export function splitReference(reference: string): {
  readonly name: string;
  readonly version: string | undefined;
} {
  const colon = reference.lastIndexOf(":");
  if (colon <= 0 || colon < reference.lastIndexOf("/")) return { name: reference, version: undefined };
  return { name: reference.slice(0, colon), version: reference.slice(colon + 1) };
}

function overlaidBlocks(workspace: Workspace): readonly Block[] {
  const installed = workspace.blocks.filter((source) => source.directory !== undefined);
  const inline = workspace.blocks.filter((source) => source.directory === undefined);
  const covered = new Set<BlockSource>();
  const blocks = installed.map((source): Block => {
    const over = inline.find((candidate) => covers(candidate, source, installed));
    if (over === undefined) return ofSources([source]);
    covered.add(over);
    return ofSources([over, source]);
  });
  const alone = inline.filter((source) => !covered.has(source)).map((source) => ofSources([source]));
  return [...blocks, ...alone].sort(
    (a, b) => compare(a.name, b.name) || compare(a.version ?? "", b.version ?? ""),
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** An inline block without a version changes the only installed one of its name; with a version, the one it names. */
function covers(inline: BlockSource, source: BlockSource, installed: readonly BlockSource[]): boolean {
  if (inline.name !== source.name) return false;
  if (inline.version !== undefined && source.version !== undefined) return inline.version === source.version;
  return installed.filter((other) => other.name === source.name).length === 1;
}

function ofSources(sources: readonly [BlockSource, ...BlockSource[]]): Block {
  const [over, below] = sources;
  return {
    name: over.name,
    version: over.version ?? below?.version,
    sources,
    value: below === undefined ? over.value : overlayBlock(below.value, over.value),
    directory: below?.directory ?? over.directory,
  };
}

function findBlock(workspace: Workspace, reference: string): Block {
  const blocks = blocksOf(workspace);
  const found = candidates(blocks, reference);
  const [block] = found;
  if (block !== undefined && found.length === 1) return block;
  const { name } = splitReference(reference);
  if (block !== undefined) {
    throw new PolycrateError(`there are ${found.length} versions of block \`${name}\``, {
      hint: `name one: ${found.map((one) => `\`${one.name}:${one.version ?? ""}\``).join(", ")}`,
      exitCode: exitCodes.wrongCommandLine,
    });
  }
  throw new PolycrateError(`there is no block \`${reference}\``, {
    hint: missingHint(workspace, reference),
    exitCode: exitCodes.wrongCommandLine,
  });
}

function missingHint(workspace: Workspace, reference: string): string {
  const blocks = blocksOf(workspace);
  const { name } = splitReference(reference);
  const versions = blocks
    .filter((block) => block.name === name)
    .map((block) => block.version ?? "no version");
  if (versions.length > 0) return `\`${name}\` is here in ${versions.join(", ")}`;
  const near = didYouMean(
    reference,
    blocks.flatMap((block) => [block.name, ...aliasesOf(block)]),
  );
  const broken = new Set(
    workspace.problems.filter((problem) => problem.severity === "error").map((problem) => problem.file),
  );
  if (near !== undefined) return near;
  if (broken.size > 0)
    return `it may be in a file that is broken (${[...broken].join(", ")}); see \`polycrate validate\``;
  return blocks.length === 0
    ? `put one into \`${workspace.layout.blocksRoot}/NAME/block.poly\``
    : "`polycrate list` shows all blocks";
}

function candidates(blocks: readonly Block[], reference: string): readonly Block[] {
  const exact = blocks.filter((block) => block.name === reference);
  if (exact.length > 0) return exact;
  const { name, version } = splitReference(reference);
  const versioned = blocks.filter((block) => block.name === name && block.version === version);
  if (versioned.length > 0) return versioned;
  return blocks.filter((block) => aliasesOf(block).includes(reference));
}

function aliasesOf(block: Block): readonly string[] {
  const alias = block.value.get("alias");
  return (isYamlList(alias) ? alias : [alias]).filter((item) => typeof item === "string");
}

function listOf(value: string | readonly string[] | null | undefined): readonly string[] {
  return value === null || value === undefined ? [] : typeof value === "string" ? [value] : value;
}

/** Returns the block and its ancestors, nearest first. Throws (65) on a cycle, a missing parent or a wrong version. */
export function lineageOf(workspace: Workspace, block: Block): readonly [Block, ...Block[]] {
  const older: Block[] = [];
  let youngest = block;
  for (
    let parent = parentOf(workspace, youngest);
    parent !== undefined;
    parent = parentOf(workspace, youngest)
  ) {
    if (parent === block || older.includes(parent)) {
      const names = [block, ...older, parent].map((one) => one.name);
      const from = parent === block ? "itself" : "a circle";
      refuseParent(
        youngest,
        `block \`${block.name}\` inherits from ${from}: ${names.join(" → ")}`,
        "remove one `from` of the circle",
      );
    }
    older.push(parent);
    youngest = parent;
  }
  return [block, ...older];
}

/** Returns the block that `from` names. Throws (65) when it is missing, or there are several versions of it. */
export function parentOf(workspace: Workspace, block: Block): Block | undefined {
  const from = block.value.get("from");
  if (typeof from !== "string") return undefined;
  const { name, version } = splitReference(from);
  const versioned = version === undefined ? [] : blocksCalled(workspace, name);
  const found = [...blocksCalled(workspace, from), ...versioned.filter((one) => one.version === version)];
  const [parent] = found;
  if (parent !== undefined && found.length === 1) return parent;
  if (parent !== undefined) {
    const versions = found.map((one) => `\`${one.name}:${one.version ?? ""}\``).join(", ");
    return refuseParent(
      block,
      `block \`${block.name}\` inherits from \`${from}\`, of which there are ${found.length} versions`,
      `name one: ${versions}`,
    );
  }
  return refuseParent(
    block,
    `block \`${block.name}\` inherits from \`${from}\`, which does not exist`,
    missingHint(workspace, from),
  );
}

/** Looking through all blocks for each parent would take seconds where there are thousands. */
function blocksCalled(workspace: Workspace, name: string): readonly Block[] {
  const known = blocksByName.get(workspace);
  const byName = known ?? Map.groupBy(blocksOf(workspace), (block) => block.name);
  if (known === undefined) blocksByName.set(workspace, byName);
  return byName.get(name) ?? [];
}

function refuseParent(block: Block, message: string, hint: string): never {
  const source = block.sources.find((one) => typeof one.value.get("from") === "string") ?? block.sources[0];
  const { line, column } = positionIn(source.file, [...source.at, "from"]);
  throw new PolycrateError(`${source.file.path}:${line}:${column}: ${message}`, {
    hint,
    exitCode: exitCodes.invalidWorkspace,
  });
}

function refuseBroken(workspace: Workspace, block: Block): void {
  const files = new Set(block.sources.map((source) => source.file.path));
  refuseErrors(workspace.problems.filter((problem) => files.has(problem.file)));
}

/** The folder of the block that wrote the script or playbook; of its nearest ancestor with one when it is inline. */
function directoryOfAction(block: ResolvedBlock, action: string): string | undefined {
  const writer = block.lineage.findIndex((ancestor) => writes(ancestor, action));
  return block.lineage.slice(Math.max(0, writer)).find((ancestor) => ancestor.directory !== undefined)
    ?.directory;
}

/** True for a block that writes the script or playbook of the action itself. */
export function writes(block: Block, name: string): boolean {
  const actions = block.value.get("actions");
  if (!isYamlList(actions)) return false;
  const action = actions.find((one) => isYamlMap(one) && one.get("name") === name);
  return isYamlMap(action) && (action.get("script") ?? action.get("playbook") ?? null) !== null;
}
