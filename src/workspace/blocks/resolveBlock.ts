import * as v from "valibot";
import { didYouMean, exitCodes, PolycrateError } from "../../errors.ts";
import { isYamlList, isYamlMap, type YamlMap } from "../../yaml/value.ts";
import type { Workspace } from "../load.ts";
import { nothingToRunMessage, runsNothing } from "../poly/actionCommand.ts";
import { plainOf } from "../poly/polyFile.ts";
import { assertNoErrors } from "../poly/problems.ts";
import type { ActionSettings } from "../poly/schema/action.ts";
import { type BlockSettings, blockSchema } from "../poly/schema/block.ts";
import { findBlock, lineageOf } from "./findBlock.ts";
import { inheritBlock } from "./mergeBlocks.ts";
import { type Block, problemsOfBlock } from "./overlayBlocks.ts";

/** A block with its ancestors folded in. */
export type ResolvedBlock = {
  readonly name: string;
  readonly version: string | undefined;
  readonly value: YamlMap;
  readonly settings: BlockSettings;
  /** The block itself, its parent, its grandparent, … */
  readonly lineage: readonly [Block, ...Block[]];
};

/** An action of a resolved block, and the folder that its script or playbook runs in. */
export type ResolvedAction = {
  readonly name: string;
  readonly value: YamlMap;
  readonly settings: ActionSettings;
  /** Relative to the workspace; undefined when no block of the lineage that writes the action has a folder. */
  readonly directory: string | undefined;
};

/**
 * Returns the block that `NAME`, `NAME:VERSION` or an alias names, resolved. Throws (65) when it or an ancestor is
 * missing, ambiguous, broken or inherits from itself; (64) when the caller named a block that does not exist.
 */
export function resolveBlock(workspace: Workspace, reference: string): ResolvedBlock {
  return resolveFoundBlock(workspace, findBlock(workspace, reference));
}

/** Returns a block that was found already, resolved; throws as `resolveBlock` does. */
export function resolveFoundBlock(workspace: Workspace, block: Block): ResolvedBlock {
  const lineage = lineageOf(workspace, block);
  for (const ancestor of lineage) assertNoErrors(problemsOfBlock(workspace, ancestor));
  const value = inheritedValue(lineage);
  const settings = v.safeParse(blockSchema, plainOf(value));
  if (!settings.success) throw new Error(`the schema rejected the resolved block ${block.name}`);
  return { name: block.name, version: block.version, value, settings: settings.output, lineage };
}

/** Functions of the block, so keeping them only saves time. */
const inherited = { head: new WeakMap<Block, YamlMap>(), value: new WeakMap<Block, YamlMap>() };

/** Returns the block's value with its ancestors folded in, without checking it again. */
export function inheritedValue(lineage: readonly [Block, ...Block[]]): YamlMap {
  return inheritedPart("value", lineage);
}

/** Returns the head of the block with its ancestors folded in: that of the `inheritedValue`. */
export function inheritedHead(lineage: readonly [Block, ...Block[]]): YamlMap {
  return inheritedPart("head", lineage);
}

function inheritedPart(part: "head" | "value", lineage: readonly [Block, ...Block[]]): YamlMap {
  const [block, parent, ...older] = lineage;
  const known = inherited[part].get(block);
  if (known !== undefined) return known;
  const result =
    parent === undefined ? block[part] : inheritBlock(inheritedPart(part, [parent, ...older]), block[part]);
  inherited[part].set(block, result);
  return result;
}

/** Returns the head of the block with its ancestors folded in; the block's own head when it has no lineage. */
export function lenientHead(workspace: Workspace, block: Block): YamlMap {
  try {
    return inheritedHead(lineageOf(workspace, block));
  } catch (error) {
    if (error instanceof PolycrateError) return block.head;
    throw error;
  }
}

/** Returns the action of that name or alias. Throws (64) with a suggestion when the block has none, (65) when it has nothing to run. */
export function resolveAction(block: ResolvedBlock, reference: string): ResolvedAction {
  const actions = block.settings.actions;
  const index = actions.findIndex((action) => action.name === reference);
  const found =
    index >= 0 ? index : actions.findIndex((action) => [action.alias ?? []].flat().includes(reference));
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
  if (runsNothing(value)) {
    const what = `action \`${settings.name}\` of block \`${block.name}\``;
    throw new PolycrateError(nothingToRunMessage(value, what), {
      hint: "add `script:` with a list of shell commands, or `playbook:` with a path",
      exitCode: exitCodes.invalidWorkspace,
    });
  }
  return { name: settings.name, value, settings, directory: directoryOfAction(block, settings.name) };
}

/** Returns the folder that the block's actions start in, relative to the workspace; of several, the nearest block's. */
export function directoryOfActions({ lineage }: ResolvedBlock): string | undefined {
  return directoryFrom(
    lineage,
    lineage.findIndex((ancestor) => writtenActions(ancestor).length > 0),
  );
}

/** The folder of the block that writes the script or playbook, or of its nearest ancestor with a folder. */
function directoryOfAction({ lineage }: ResolvedBlock, action: string): string | undefined {
  return directoryFrom(
    lineage,
    lineage.findIndex((ancestor) => writes(ancestor, action)),
  );
}

function directoryFrom(lineage: ResolvedBlock["lineage"], writer: number): string | undefined {
  return lineage.slice(Math.max(0, writer)).find(({ directory }) => directory !== undefined)?.directory;
}

/** True for a block that writes the script or playbook of the action itself. */
export function writes(block: Block, name: string): boolean {
  return writtenActions(block).some((action) => action.get("name") === name);
}

function writtenActions(block: Block): readonly YamlMap[] {
  const actions = block.value.get("actions");
  if (!isYamlList(actions)) return [];
  return actions.filter(isYamlMap).filter((action) => !runsNothing(action));
}
