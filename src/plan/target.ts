import type { BlockPaths } from "../workspace/blockPaths.ts";
import {
  directoryOfActions,
  type ResolvedAction,
  type ResolvedBlock,
} from "../workspace/blocks/resolveBlock.ts";
import type { Combination } from "../workspace/matrix.ts";

/** What a container is created for: an action of a block, or a shell or command instead. */
export type Target = {
  readonly block: TargetBlock | undefined;
  readonly action: ResolvedAction | undefined;
  /** The workflow step that runs the action. */
  readonly step: TargetStep | undefined;
};

/** A step of a workflow, and the combination of its matrix. */
export type TargetStep = {
  readonly workflow: string;
  readonly name: string;
  readonly matrix?: Combination;
};

export type TargetBlock = { readonly resolved: ResolvedBlock; readonly places: BlockPaths };

/** An action of a block. */
export type ActionTarget = Target & { readonly block: TargetBlock; readonly action: ResolvedAction };

/**
 * Returns the working directory relative to the workspace: the folder of the block that defines the action; without an
 * action, the folder where the block's actions run.
 */
export function workdirOf({ block, action }: Target): string | undefined {
  if (action !== undefined) return action.directory;
  return block === undefined ? undefined : directoryOfActions(block.resolved);
}
