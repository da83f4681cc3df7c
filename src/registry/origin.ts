import { join } from "node:path";
import { readOwnFile } from "../host/filesBelow.ts";
import { largestText } from "../host/read.ts";
import { type BlockEntry, originFile } from "./blockEntries.ts";
import { entryDigest, type OwnDigests, ownDigests } from "./ownFiles.ts";

/** Where an installed block comes from: its reference and digest, and the digests of its files as they were installed. */
export type Origin = {
  readonly reference: string;
  readonly digest: string;
  readonly files: ReadonlyMap<string, string>;
};

/** Returns the text of the file that is kept in an installed block's folder. */
export function formatOrigin(reference: string, digest: string, entries: Iterable<BlockEntry>): string {
  const lines = [...entries].flatMap((entry) => {
    const own = entryDigest(entry);
    return own === undefined ? [] : [`${own} ${entry.path}\n`];
  });
  return `${reference} ${digest}\n${lines.sort().join("")}`;
}

/**
 * Returns where the block in a folder comes from; undefined for one that was not installed by polycrate. Anyone could have written the
 * file, so it only decides what is shown, and what counts as a change.
 */
export function readOrigin(workspace: string, directory: string): Origin | undefined {
  const content = readOwnFile(workspace, join(directory, originFile), largestText);
  if (typeof content === "string") return undefined;
  const [head = "", ...lines] = content.toString().split("\n");
  const [, reference, digest] = /^(\S+) (sha256:[0-9a-f]{64})$/.exec(head) ?? [];
  if (reference === undefined || digest === undefined) return undefined;
  const files = lines.flatMap((line): readonly (readonly [string, string])[] => {
    const [, own, path] = /^(\S+ [0-9a-f]{64}) (.+)$/.exec(line) ?? [];
    return own === undefined || path === undefined ? [] : [[path, own]];
  });
  return { reference, digest, files: new Map(files) };
}

/** Returns the paths of a block's folder that differ from those it was installed with, sorted; `own` are its files now. */
export function changedFiles(before: ReadonlyMap<string, string>, own: OwnDigests): readonly string[] {
  const paths = new Set([...before.keys(), ...own.keys()]);
  return [...paths].filter((path) => before.get(path) !== own.get(path)).sort();
}

/** Returns the paths that were changed since the block was installed; undefined for one that was not installed by polycrate. */
export function localChanges(
  workspace: string,
  directory: string,
  blockFile: string,
): { readonly origin: Origin; readonly changed: readonly string[] } | undefined {
  const origin = readOrigin(workspace, directory);
  if (origin === undefined) return undefined;
  return { origin, changed: changedFiles(origin.files, ownDigests(workspace, directory, blockFile)) };
}
