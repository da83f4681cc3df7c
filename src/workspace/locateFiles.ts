import { PolycrateError } from "../errors.ts";
import type { YamlMap } from "../yaml/value.ts";
import {
  type BlockPaths,
  blockPaths,
  existingWorkspaceFile,
  type FileKind,
  toolDefaultFile,
  workspaceFilePath,
} from "./blockPaths.ts";
import { lineageOf } from "./blocks/findBlock.ts";
import { type Block, blocksOf } from "./blocks/overlayBlocks.ts";
import { inheritedValue } from "./blocks/resolveBlock.ts";
import type { Workspace } from "./load.ts";

/** Where the inventories and kubeconfigs of a workspace and its blocks are; paths are relative to the workspace. */
export type LocatedFiles = {
  /** The workspace's own; the kubeconfig is undefined when it does not exist. */
  readonly workspace: Readonly<Record<FileKind, string | undefined>>;
  /** What Ansible and kubectl use by default; absolute. */
  readonly toolDefaults: Readonly<Record<FileKind, string>>;
  /** Every block, in the order of the workspace. */
  readonly blocks: readonly LocatedBlock[];
};

/** A block with its ancestors folded in, and its paths; as it is written, and without paths, when it cannot be resolved. */
export type LocatedBlock = { readonly value: YamlMap; readonly paths: BlockPaths | undefined };

/** Returns where the files of the workspace and all of its blocks are. */
export function locateFiles(workspace: Workspace): LocatedFiles {
  return {
    workspace: {
      inventory: workspaceFilePath(workspace, "inventory"),
      kubeconfig: existingWorkspaceFile(workspace, "kubeconfig"),
    },
    toolDefaults: { inventory: toolDefaultFile("inventory"), kubeconfig: toolDefaultFile("kubeconfig") },
    blocks: blocksOf(workspace).map((block) => locateBlockFiles(workspace, block)),
  };
}

/** A block that cannot be resolved breaks only what needs it. */
function locateBlockFiles(workspace: Workspace, block: Block): LocatedBlock {
  try {
    const lineage = lineageOf(workspace, block);
    const value = inheritedValue(lineage);
    return { value, paths: blockPaths(workspace, value, lineage) };
  } catch (error) {
    if (error instanceof PolycrateError) return { value: block.value, paths: undefined };
    throw error;
  }
}
