import { join } from "node:path";
import type { FilePosition } from "../errors.ts";
import type { BlockSource } from "../workspace/blocks/blockSource.ts";
import { isRegistryName, splitReference } from "../workspace/blocks/findBlock.ts";
import type { Workspace } from "../workspace/load.ts";
import { positionIn } from "../workspace/poly/polyFile.ts";
import { isYamlList, textOf } from "../yaml/value.ts";
import { type BlockReference, blockReference, readBlockReference } from "./blockReference.ts";
import { readOrigin } from "./origin.ts";

/** A block that something needs: what, and where that is written. */
export type WantedBlock = BlockReference & {
  readonly by: string;
  readonly position: FilePosition | undefined;
};

/**
 * Returns the blocks of registries that the workspace itself names: its `dependencies`, and the parents of the blocks that were
 * not installed from a registry. Throws (65) for a reference that no registry can have.
 */
export function namedBlocks(workspace: Workspace): readonly WantedBlock[] {
  const own = workspace.blocks.filter((source) => !isInstalled(workspace, source));
  return [...dependenciesOf(workspace), ...own.flatMap(parentOf)];
}

/** A block that was installed from a registry, and the version that its file says. */
export type RegistryBlock = WantedBlock & { readonly installed: string | undefined };

/** Returns the blocks that are installed from a registry, as their folders say. */
export function installedFromRegistry(workspace: Workspace): readonly RegistryBlock[] {
  return workspace.blocks.flatMap(({ directory, file, version }): readonly RegistryBlock[] => {
    const reference = directory === undefined ? undefined : readOrigin(workspace.path, directory)?.reference;
    const block = reference === undefined ? undefined : readBlockReference(reference);
    return block === undefined
      ? []
      : [{ ...block, by: `\`${file.path}\``, position: undefined, installed: version }];
  });
}

/** Returns the parent that a block's file names, if it is of a registry. Throws (65) for one that no registry can have. */
export function parentOf({
  value,
  file,
  at,
  name,
}: Pick<BlockSource, "value" | "file" | "at" | "name">): readonly WantedBlock[] {
  const from = textOf(value.get("from"));
  if (from === undefined || !isRegistryName(splitReference(from).name)) return [];
  const position = positionIn(file, [...at, "from"]);
  return [{ ...blockReference(from, position), by: `block \`${name}\``, position }];
}

/** Returns the installed block that has the reference's name, in its file or by its folder, and its version. */
export function installedBlock(
  workspace: Workspace,
  { name, version }: BlockReference,
): BlockSource | undefined {
  const folder = join(workspace.layout.blocksRoot, name);
  const found = workspace.blocks.filter(
    ({ directory, name: called }) => directory === folder || (directory !== undefined && called === name),
  );
  return version === undefined ? found[0] : found.find((one) => one.version === version);
}

/** True for a block that is written in this workspace, though it has the name of one of a registry. */
export function isOwnBlock(workspace: Workspace, wanted: BlockReference): boolean {
  const found = installedBlock(workspace, wanted);
  return found !== undefined && !isInstalled(workspace, found);
}

function isInstalled({ path }: Workspace, { directory }: BlockSource): boolean {
  return directory !== undefined && readOrigin(path, directory) !== undefined;
}

function dependenciesOf({ file }: Workspace): readonly WantedBlock[] {
  const dependencies = file.value.get("dependencies");
  return (isYamlList(dependencies) ? dependencies : []).flatMap((one, index): readonly WantedBlock[] => {
    const text = textOf(one);
    if (text === undefined) return [];
    const position = positionIn(file, ["dependencies", index]);
    return [{ ...blockReference(text, position), by: "`dependencies`", position }];
  });
}
