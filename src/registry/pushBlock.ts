import type { Engine } from "../engine/engine.ts";
import { label } from "../engine/labels.ts";
import {
  findInRegistry,
  importImage,
  nameImage,
  pushImage,
  type RegistryOptions,
} from "../engine/registryImages.ts";
import type { PolycrateError } from "../errors.ts";
import { sendContext, type TarContent } from "../image/tar.ts";
import { blockChecksum } from "../workspace/blocks/blockChecksum.ts";
import type { BlockSource } from "../workspace/blocks/blockSource.ts";
import type { Workspace } from "../workspace/load.ts";
import { errorAt, positionIn } from "../workspace/poly/polyFile.ts";
import { type BlockEntry, badBlock, wrongLink, wrongPath } from "./blockEntries.ts";
import { blockReference } from "./blockReference.ts";
import { fetchBlock } from "./fetchBlock.ts";
import { changedFiles } from "./origin.ts";
import { digestsOfEntries, ownEntries } from "./ownFiles.ts";

/** What a push did; `latest` is the newest version when that is newer, so that its tag was not moved. */
export type PushedBlock = {
  readonly reference: string;
  readonly digest: string;
  readonly isNew: boolean;
  readonly newer: string | undefined;
};

/**
 * Sends a block to the registry that its name begins with, as an image of one layer with the block's files, under its version and,
 * unless that is a newer version, `latest`. A version that exists is never replaced; nothing is done if it has the same files. Throws
 * (65) when the block has no version or registry, or the version exists with other files, (125) as docker does.
 */
export async function pushBlock(
  workspace: Workspace,
  engine: Engine,
  block: BlockSource & { readonly directory: string },
  options: RegistryOptions,
): Promise<PushedBlock> {
  const { blocksconfig: blockFile } = workspace.settings.config;
  const version = tagVersion(block);
  const position = positionIn(block.file, ["name"]);
  const { reference, name } = blockReference(`${block.name}:${version}`, position);
  const entries = checkedEntries(workspace, block.directory, blockFile);
  const fetchOptions = { ...options, blockFile, lockedTo: () => undefined };
  const existing = await findInRegistry(engine, reference, options);
  if (existing !== undefined) {
    const found = await fetchBlock(
      engine,
      { reference, name, version },
      { ...fetchOptions, lockedTo: () => existing },
    );
    const differing = changedFiles(digestsOfEntries(found.entries), digestsOfEntries(entries));
    if (differing.length > 0) throw existingVersion(reference, differing, block);
    return { reference, digest: existing, isNew: false, newer: undefined };
  }
  const latest = `${name}:latest`;
  const newest = await newestVersion(engine, latest, fetchOptions);
  const newer = newest !== undefined && isNewer(newest, version) ? newest : undefined;
  await importImage(engine, reference, blockLabels(workspace, block.directory, version), options, (stdin) =>
    sendContext({ entries: tarEntries(entries) }, workspace.path, stdin),
  );
  const digest = await pushImage(engine, reference, options);
  if (newer === undefined) {
    await nameImage(engine, reference, latest, options);
    await pushImage(engine, latest, options);
  }
  return { reference, digest, isNew: true, newer };
}

/** True when the first version is newer than the other, as semantic versions; others are compared as text. */
export function isNewer(version: string, other: string): boolean {
  try {
    return Bun.semver.order(version, other) > 0;
  } catch {
    return version > other;
  }
}

/** Returns the version that is tagged `latest`; undefined when the registry has none. */
export async function newestVersion(
  engine: Engine,
  latest: string,
  options: Parameters<typeof fetchBlock>[2],
): Promise<string | undefined> {
  const digest = await findInRegistry(engine, latest, options);
  if (digest === undefined) return undefined;
  const block = { reference: latest, name: latest.replace(/:latest$/, ""), version: undefined };
  return (await fetchBlock(engine, block, { ...options, lockedTo: () => digest })).fileVersion;
}

function tagVersion({ name, version, file }: BlockSource): string {
  const isTag = version !== undefined && /^\w[\w.-]{0,127}$/.test(version) && version !== "latest";
  if (isTag) return version;
  const hint = "set `version: 1.0.0` in its file";
  if (version === undefined) throw errorAt(file, ["name"], `block \`${name}\` has no version`, hint);
  const message = `the version \`${version}\` of block \`${name}\` cannot be a tag of an image`;
  throw errorAt(file, ["version"], message, hint);
}

function existingVersion(
  reference: string,
  differing: readonly string[],
  { file }: BlockSource,
): PolycrateError {
  const more = differing.length > 5 ? ` and ${differing.length - 5} more` : "";
  const names = differing.slice(0, 5).join(", ") + more;
  const message = `\`${reference}\` exists in the registry with other files: ${names}`;
  return errorAt(
    file,
    ["version"],
    message,
    "a version is never replaced: raise `version` in the block's file",
  );
}

function checkedEntries(workspace: Workspace, directory: string, blockFile: string): readonly BlockEntry[] {
  const entries = ownEntries(workspace.path, directory, blockFile);
  for (const entry of entries) {
    const wrong =
      wrongPath(entry.path) ?? (entry.kind === "link" ? wrongLink(entry.path, entry.target) : undefined);
    if (wrong !== undefined) throw badBlock(`\`${directory}\``, wrong);
    if (/(?:^|\/)\.wh\./.test(entry.path))
      throw badBlock(`\`${directory}\``, `\`${entry.path}\` means a removed file in an image`);
  }
  return entries;
}

/** The Go program reads the first two. */
function blockLabels(workspace: Workspace, directory: string, version: string): readonly string[] {
  const checksum = blockChecksum(`${workspace.path}/${directory}`);
  return [
    label("block.version", version),
    ...(checksum === undefined ? [] : [label("blocks.checksum", checksum)]),
    label("block.format", "1"),
  ];
}

/** The folders above a file come before it. */
function tarEntries(entries: readonly BlockEntry[]): TarContent["entries"] {
  const folders = new Set<string>();
  for (const { path } of entries) {
    const parts = path.split("/").slice(0, -1);
    for (const index of parts.keys()) folders.add(parts.slice(0, index + 1).join("/"));
  }
  return [
    ...[...folders].sort().map((path) => ({ kind: "directory", path, mode: 0o755 }) as const),
    ...entries.flatMap((entry): TarContent["entries"] => {
      if (entry.kind === "directory") return [];
      if (entry.kind === "link") return [entry];
      const { path, executable, content } = entry;
      const mode = executable ? 0o755 : 0o644;
      return [{ kind: "file", path, mode, size: content.length, digest: "", content }];
    }),
  ];
}
