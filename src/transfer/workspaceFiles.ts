import { type BigIntStats, fstatSync, lstatSync } from "node:fs";
import { type EntryName, entryNameOf, splitPath } from "../host/fileName.ts";
import type { LastFolder } from "../host/lastFolder.ts";
import { withPermission } from "../host/openEntry.ts";
import type { OpenFolder } from "../host/openFolder.ts";
import type { Staging } from "../host/staging.ts";
import type { Conflict, Landing } from "./landing.ts";

/** What is written back, and what has been so far. */
export type WriteBack = {
  readonly landing: Landing;
  readonly staging: Staging;
  readonly folders: LastFolder;
  /** True when the paths that are one file with this one are the same there and here. */
  readonly isLinkedAlike: (path: string) => boolean;
  /** The times, in nanoseconds since 1970, that folders had before something in them was written. */
  readonly folderTimes: Map<string, bigint>;
  readonly conflicts: Conflict[];
  fetched: number;
  removed: number;
  bytes: number;
};

/** A path of the workspace: its open folder, its name in it, and what is there now. */
export type WorkspaceFile = {
  readonly folder: OpenFolder;
  readonly folderPath: string;
  readonly name: EntryName;
  readonly status: BigIntStats | undefined;
};

/** Returns what is at a path; its folders are made or looked for. Throws (73) when one is missing, or is a link. */
export function findFile({ folders }: WriteBack, path: string, missing: "make" | "look"): WorkspaceFile {
  const split = splitPath(path);
  const folder = folders.at(split.folder, missing);
  const name = entryNameOf(split.name);
  const status = lstatSync(folder.entry(name), { bigint: true, throwIfNoEntry: false });
  return { folder, folderPath: split.folder, name, status };
}

/** Runs a change in the folder of a file, whose time is noted first. */
export function changeIn<Result>(
  { folderTimes }: WriteBack,
  { folder, folderPath }: WorkspaceFile,
  change: () => Result,
): Result {
  if (!folderTimes.has(folderPath))
    folderTimes.set(folderPath, fstatSync(folder.descriptor, { bigint: true }).mtimeNs);
  return withPermission(folder, change);
}
