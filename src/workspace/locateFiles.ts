import { PolycrateError } from "../errors.ts";
import type { YamlMap } from "../yaml/value.ts";
import {
  type BlockPaths,
  blockPaths,
  type FileKind,
  type FileTest,
  fileTest,
  toolDefaultFile,
  workspaceFilePath,
} from "./blockPaths.ts";
import { lineageOf } from "./blocks/findBlock.ts";
import { type Block, blocksOf } from "./blocks/overlayBlocks.ts";
import { inheritedHead, inheritedValue } from "./blocks/resolveBlock.ts";
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

/** A block with its ancestors folded in. */
export type LocatedBlock = {
  /** Read when it is first used; as the block is written when it cannot be resolved. */
  readonly value: YamlMap;
  /** Undefined for a block that cannot be resolved. */
  readonly paths: BlockPaths | undefined;
  /** The block itself, and its ancestors if it can be resolved. */
  readonly lineage: readonly [Block, ...Block[]];
};

/** Returns where the files of the workspace and all of its blocks are. */
export function locateFiles(workspace: Workspace): LocatedFiles {
  const isThere = fileTest(workspace);
  const kubeconfig = workspaceFilePath(workspace, "kubeconfig");
  return {
    workspace: {
      inventory: workspaceFilePath(workspace, "inventory"),
      kubeconfig: isThere(kubeconfig) ? kubeconfig : undefined,
    },
    toolDefaults: { inventory: toolDefaultFile("inventory"), kubeconfig: toolDefaultFile("kubeconfig") },
    blocks: blocksOf(workspace).map((block) => locateBlockFiles(workspace, block, isThere)),
  };
}

/** A block that cannot be resolved breaks only what needs it. */
function locateBlockFiles(workspace: Workspace, block: Block, isThere: FileTest): LocatedBlock {
  try {
    const lineage = lineageOf(workspace, block);
    return {
      get value() {
        return inheritedValue(lineage);
      },
      paths: blockPaths(workspace, inheritedHead(lineage), lineage, isThere),
      lineage,
    };
  } catch (error) {
    if (!(error instanceof PolycrateError)) throw error;
    return {
      get value() {
        return block.value;
      },
      paths: undefined,
      lineage: [block],
    };
  }
}
