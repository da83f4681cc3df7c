import { join } from "node:path";
import { didYouMean, exitCodes, PolycrateError } from "../../errors.ts";
import { isYamlList, textOf } from "../../yaml/value.ts";
import type { Workspace } from "../load.ts";
import { errorAt } from "../poly/polyFile.ts";
import { type Block, blocksOf } from "./overlayBlocks.ts";

/**
 * Returns the block that `NAME`, `NAME:VERSION` or an alias names. Throws (64) when there is none, or several versions of
 * it, (65) when two files have the same name and version.
 */
export function findBlock(workspace: Workspace, reference: string): Block {
  const found = findBlocks(workspace, reference);
  const [block, second] = found;
  if (block !== undefined && second === undefined) return block;
  if (block === undefined) {
    throw new PolycrateError(`there is no block \`${reference}\``, {
      hint: missingHint(workspace, reference),
      exitCode: exitCodes.wrongCommandLine,
    });
  }
  const { isDuplicate, message, hint } = ambiguity(found, reference);
  throw new PolycrateError(message, {
    hint,
    exitCode: isDuplicate ? exitCodes.invalidWorkspace : exitCodes.wrongCommandLine,
  });
}

/** Returns all blocks that a reference matches: by name, else by name and version, else by alias. */
export function findBlocks(workspace: Workspace, reference: string): readonly Block[] {
  const named = blocksNamed(workspace, reference);
  return named.length > 0
    ? named
    : blocksOf(workspace).filter((block) => blockAliases(block).includes(reference));
}

/**
 * Splits `NAME[:VERSION]`; the colon of a registry's port is before a slash, so it does not begin a version. An empty
 * version means the block without one.
 */
export function splitReference(reference: string): {
  readonly name: string;
  readonly version: string | undefined;
} {
  const colon = reference.lastIndexOf(":");
  if (colon <= 0 || colon < reference.lastIndexOf("/")) return { name: reference, version: undefined };
  return { name: reference.slice(0, colon), version: reference.slice(colon + 1) };
}

/** True for a name that begins with the host of a registry, as docker tells it from a folder: `registry.example.com/infra/web`. */
export function isRegistryName(name: string): boolean {
  return /^(?:localhost|[^/]*[.:][^/]*)\//.test(name);
}

/** Returns the block and its ancestors, nearest first. Throws (65) on a cycle, a missing parent or a wrong version. */
export function lineageOf(workspace: Workspace, block: Block): readonly [Block, ...Block[]] {
  const older: Block[] = [];
  let youngest = block;
  for (
    let parent = parentBlock(workspace, youngest);
    parent !== undefined;
    parent = parentBlock(workspace, youngest)
  ) {
    if (parent === block || older.includes(parent)) {
      const names = [block, ...older, parent].map((one) => one.name);
      const from = parent === block ? "itself" : "a cycle";
      throw parentError(
        youngest,
        `block \`${block.name}\` inherits from ${from}: ${names.join(" → ")}`,
        "remove one `from` of the cycle",
      );
    }
    older.push(parent);
    youngest = parent;
  }
  return [block, ...older];
}

/** Returns the blocks that have no lineage: a parent is missing or ambiguous, or they inherit from themselves. */
export function blocksWithoutLineage(workspace: Workspace): readonly Block[] {
  return blocksOf(workspace).filter((block) => {
    try {
      lineageOf(workspace, block);
      return false;
    } catch (error) {
      if (error instanceof PolycrateError) return true;
      throw error;
    }
  });
}

/** Returns the block that `from` names. Throws (65) when it is missing or has several versions. */
export function parentBlock(workspace: Workspace, block: Block): Block | undefined {
  const from = textOf(block.head.get("from"));
  if (from === undefined) return undefined;
  const named = blocksNamed(workspace, from);
  const others = named.filter((one) => one !== block);
  const found = others.length > 0 ? others : named;
  const [parent, second] = found;
  if (parent !== undefined && second === undefined) return parent;
  const start = `block \`${block.name}\` inherits from \`${from}\`, `;
  if (parent === undefined)
    throw parentError(block, `${start}which does not exist`, missingHint(workspace, from));
  const { isDuplicate, files, hint } = ambiguity(found, from);
  const several = isDuplicate ? `which is defined in both ${files}` : `which has ${found.length} versions`;
  throw parentError(block, start + several, hint);
}

function parentError(block: Block, message: string, hint: string): PolycrateError {
  const from = block.head.get("from");
  const source = block.sources.find(({ head }) => head.get("from") === from) ?? block.sources[0];
  return errorAt(source.file, [...source.at, "from"], message, hint);
}

function blocksNamed(workspace: Workspace, reference: string): readonly Block[] {
  const exact = blocksAt(workspace, reference);
  const { name, version } = splitReference(reference);
  if (exact.length > 0 || version === undefined) return exact;
  return blocksAt(workspace, name).filter((block) => (block.version ?? "") === version);
}

/** A block of a registry is also known by its folder, which has the registry's name: its file may have a shorter one. */
function blocksAt(workspace: Workspace, name: string): readonly Block[] {
  const called = blocksCalled(workspace, name);
  if (called.length > 0 || !isRegistryName(name)) return called;
  const directory = join(workspace.layout.blocksRoot, name);
  return blocksOf(workspace).filter((block) => block.directory === directory);
}

/** Searching all blocks for each parent would take seconds in a workspace with thousands. */
function blocksCalled(workspace: Workspace, name: string): readonly Block[] {
  const known = blocksByName.get(workspace);
  const byName = known ?? Map.groupBy(blocksOf(workspace), (block) => block.name);
  if (known === undefined) blocksByName.set(workspace, byName);
  return byName.get(name) ?? [];
}

/** A function of the workspace, so keeping it only saves time. */
const blocksByName = new WeakMap<Workspace, ReadonlyMap<string, readonly Block[]>>();

type Ambiguity = {
  /** Two files have the same name and version. */
  readonly isDuplicate: boolean;
  readonly files: string;
  readonly message: string;
  readonly hint: string;
};

/** Why a reference matches several blocks: two files of one name and version, several versions, or one alias. */
function ambiguity(found: readonly Block[], reference: string): Ambiguity {
  const identities = Map.groupBy(found, ({ name, version }) => `${name}:${version ?? ""}`);
  const [duplicates = []] = [...identities.values()].filter((blocks) => blocks.length > 1);
  const files = duplicates.map(({ sources }) => `\`${(sources[1] ?? sources[0]).file.path}\``).join(" and ");
  const [first] = duplicates;
  if (first !== undefined) {
    const hint = "remove one of them, or give them different versions";
    return { isDuplicate: true, files, message: `block \`${first.name}\` is defined in both ${files}`, hint };
  }
  const names = new Set(found.map(({ name }) => name));
  const isAlias = names.size > 1;
  const message = isAlias
    ? `\`${reference}\` is an alias of ${names.size} blocks`
    : `block \`${found[0]?.name}\` has ${found.length} versions`;
  const hint = `name one: ${found.map((block) => `\`${referenceTo(block, isAlias)}\``).join(", ")}`;
  return { isDuplicate: false, files, message, hint };
}

/** `NAME:` is the block without a version, where others of its name have one. */
function referenceTo({ name, version }: Block, isNameEnough: boolean): string {
  return version === undefined && isNameEnough ? name : `${name}:${version ?? ""}`;
}

function missingHint(workspace: Workspace, reference: string): string {
  const blocks = blocksOf(workspace);
  const { name } = splitReference(reference);
  const versions = blocksAt(workspace, name).map(({ version }) => version);
  if (isRegistryName(name)) {
    const here =
      versions.length === 0 ? "" : `; here is version ${versions.map((one) => one ?? "?").join(", ")}`;
    return `\`polycrate block pull ${reference}\` gets it, \`polycrate install\` all that are missing${here}`;
  }
  if (versions.length > 0 && versions.every((version) => version === undefined))
    return `leave the version out: \`${name}\` has none`;
  if (versions.length > 0)
    return `available versions of \`${name}\`: ${versions.map((version) => version ?? "no version").join(", ")}`;
  const near = didYouMean(
    name,
    blocks.flatMap((block) => [block.name, ...blockAliases(block)]),
  );
  const broken = new Set(
    workspace.problems.filter((problem) => problem.severity === "error").map((problem) => problem.file),
  );
  if (near !== undefined) return near;
  if (broken.size > 0)
    return `it may be in a file with errors (${[...broken].join(", ")}); see \`polycrate validate\``;
  return blocks.length === 0
    ? `create one in \`${workspace.layout.blocksRoot}/NAME/block.poly\``
    : "`polycrate list` shows all blocks";
}

function blockAliases(block: Block): readonly string[] {
  const alias = block.head.get("alias");
  return (isYamlList(alias) ? alias : [alias]).map(textOf).filter((text) => text !== undefined);
}
