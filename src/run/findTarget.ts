import { exitCodes, PolycrateError } from "../errors.ts";
import type { ActionTarget, Target, TargetBlock } from "../plan/target.ts";
import { assertResolved, blockPaths } from "../workspace/blockPaths.ts";
import { type ResolvedBlock, resolveAction, resolveBlock } from "../workspace/blocks/resolveBlock.ts";
import type { Workspace } from "../workspace/load.ts";

/**
 * Returns an action by the names of its block and itself, for the workflow step that runs it. Throws (64) for unknown names
 * and for a template, (65) for broken entries.
 */
export function findAction(
  workspace: Workspace,
  blockName: string,
  actionName: string,
  step?: Target["step"],
): ActionTarget {
  const resolved = resolveBlock(workspace, blockName);
  if (resolved.settings.template === true) {
    throw new PolycrateError(`block \`${resolved.name}\` is a template`, {
      hint: `run a block that inherits from it: \`from: ${resolved.name}\``,
      exitCode: exitCodes.wrongCommandLine,
    });
  }
  const block = targetBlock(workspace, resolved);
  return { block, action: resolveAction(resolved, actionName), step };
}

/** Returns the target of a container: an action of a block, the block alone, or neither. Throws (64, 65). */
export function findTarget(
  workspace: Workspace,
  block: string | undefined,
  action: string | undefined,
): Target {
  if (block === undefined) return { block: undefined, action: undefined, step: undefined };
  const resolved = resolveBlock(workspace, block);
  return {
    block: targetBlock(workspace, resolved),
    action: action === undefined ? undefined : resolveAction(resolved, action),
    step: undefined,
  };
}

function targetBlock(workspace: Workspace, resolved: ResolvedBlock): TargetBlock {
  const places = blockPaths(workspace, resolved.value, resolved.lineage);
  assertResolved(places);
  return { resolved, places };
}
