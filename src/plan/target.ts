import {
  directoryOfActions,
  type ResolvedAction,
  type ResolvedBlock,
} from "../workspace/blocks/resolveBlock.ts";
import type { BlockPlaces } from "../workspace/runFiles.ts";

/** What a container is made for: an action of a block, or a shell or command in its place. */
export type Target = {
  readonly block: TargetBlock | undefined;
  readonly action: ResolvedAction | undefined;
  /** The workflow step that runs the action. */
  readonly step: { readonly workflow: string; readonly name: string } | undefined;
};

export type TargetBlock = { readonly resolved: ResolvedBlock; readonly places: BlockPlaces };

/** An action of a block. */
export type ActionTarget = Target & { readonly block: TargetBlock; readonly action: ResolvedAction };

/** Returns the folder an action starts in, relative to the workspace: its writer's; without one, where the block's actions do. */
export function workdirOf({ block, action }: Target): string | undefined {
  if (action !== undefined) return action.directory;
  return block === undefined ? undefined : directoryOfActions(block.resolved);
}
