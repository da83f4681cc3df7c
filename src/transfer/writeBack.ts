import { type BigIntStats, lstatSync, readlinkSync } from "node:fs";
import { codeOf, fileError, reasonOf } from "../host/fileErrors.ts";
import { decodeName, encodeName, entryNameOf, splitPath } from "../host/fileName.ts";
import { replaceFile } from "../host/files.ts";
import { readOwnText } from "../host/filesBelow.ts";
import { type LastFolder, lastFolder } from "../host/lastFolder.ts";
import { changeEntry, makeEntryFolder, withPermission } from "../host/openEntry.ts";
import type { OpenFolder } from "../host/openFolder.ts";
import { largestText } from "../host/read.ts";
import { isRemoved } from "../host/removal.ts";
import { placeLink, placeStaged, type Staging } from "../host/staging.ts";
import { type ArrivedEntries, type ArrivedEntry, inSeconds } from "./arrival.ts";
import { entryKindOf, haveSameContent, isAsSent, isSameTime, modeOf } from "./compare.ts";
import { keepTheirs } from "./conflicts.ts";
import type { Conflict, Landed, Landing } from "./landing.ts";
import { stayingPaths } from "./stays.ts";

/**
 * Writes into the workspace what has arrived, and removes what was sent and is not among `names`, all that there is now. New things
 * come first, so that a process that is killed leaves too much rather than too little, and what was written counts as written when
 * it is done again. Throws (73) when the disk is full or broken.
 */
export function writeBack(
  arrived: ArrivedEntries,
  names: ReadonlySet<string>,
  landing: Landing,
  staging: Staging,
): Omit<Landed, "files"> {
  const stays = stayingPaths(landing.stays);
  using folders = lastFolder(landing.root);
  const work: Work = { landing, staging, folders, conflicts: [], fetched: 0, removed: 0, bytes: 0 };
  const entries = [...arrived.entries].filter(([path]) => !stays(path));
  const gone = [...landing.manifest.keys()].filter((path) => path !== "." && !names.has(path)).reverse();
  const isInTheWay = belowOneOf(entries.filter(([, { kind }]) => kind !== "directory").map(([path]) => path));
  for (const path of gone.filter(isInTheWay)) removeSent(work, path);
  const newFolders = entries.filter(([, { kind }]) => kind === "directory").sort(byPath);
  const finished = newFolders.filter(([path, entry]) =>
    attempt(work, path, entry, () => putFolder(work, path)),
  );
  for (const [path, entry] of entries) {
    if (entry.kind !== "directory") attempt(work, path, entry, () => putFile(work, path, entry));
  }
  for (const path of gone.filter((path) => !isInTheWay(path))) removeSent(work, path);
  for (const [path, entry] of finished.reverse())
    attempt(work, path, entry, () => finishFolder(work, path, entry));
  const { conflicts, fetched, removed, bytes } = work;
  const leftOut = [...arrived.special].map(([path, kind]) => ({ path, reason: `it is a ${kind}` }));
  return { conflicts, fetched, removed, bytes, leftOut };
}

type Work = {
  readonly landing: Landing;
  readonly staging: Staging;
  readonly folders: LastFolder;
  readonly conflicts: Conflict[];
  fetched: number;
  removed: number;
  bytes: number;
};

function byPath([one]: readonly [string, ArrivedEntry], [other]: readonly [string, ArrivedEntry]): number {
  return one < other ? -1 : 1;
}

/** Returns whether a path is below one of those. */
function belowOneOf(paths: readonly string[]): (path: string) => boolean {
  const tops = new Set(paths);
  return (path) => {
    for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1))
      if (tops.has(path.slice(0, end))) return true;
    return false;
  };
}

/** What cannot be written at its place, such as below a folder of another user, is kept as a conflict. A full disk ends all. */
function attempt(work: Work, path: string, entry: ArrivedEntry, action: () => boolean): boolean {
  try {
    return action();
  } catch (error) {
    if (fatal.has(codeOf(error))) throw fileError("write", `\`${path}\``, error);
    conflict(work, path, entry, reasonOf(error));
    return false;
  }
}

const fatal: ReadonlySet<string> = new Set(["ENOSPC", "EDQUOT", "EIO", "EMFILE", "ENFILE"]);

function conflict(work: Work, path: string, entry: ArrivedEntry | undefined, reason: string): void {
  const isKept = entry !== undefined && entry.kind !== "directory";
  const theirs = isKept ? keepTheirs(work.landing, work.staging, path, entry) : undefined;
  work.conflicts.push({ path, reason, theirs });
}

type Found = {
  readonly folder: OpenFolder;
  readonly name: string | Buffer;
  readonly status: BigIntStats | undefined;
};

function find({ folders }: Work, path: string, missing: "make" | "look"): Found {
  const split = splitPath(path);
  const folder = folders.at(split.folder, missing);
  const name = entryNameOf(split.name);
  return { folder, name, status: lstatSync(folder.entry(name), { bigint: true, throwIfNoEntry: false }) };
}

/** Makes a folder unless there is one; false when it does not exist afterwards. */
function putFolder(work: Work, path: string): boolean {
  const sent = work.landing.manifest.get(path);
  const { folder, name, status } = find(work, path, sent?.kind === "directory" ? "look" : "make");
  if (status?.isDirectory() === true) return true;
  // It was removed here meanwhile.
  if (status === undefined && sent?.kind === "directory") return false;
  if (status !== undefined && !isAsSent(sent, status)) {
    work.conflicts.push({ path, reason: changedHere, theirs: undefined });
    return false;
  }
  withPermission(folder, () => {
    if (status !== undefined) isRemoved(folder, name);
    makeEntryFolder(folder, name);
  });
  return true;
}

const changedHere = "it changed here meanwhile";

function putFile(work: Work, path: string, entry: ArrivedEntry): boolean {
  const sent = work.landing.manifest.get(path);
  const found = find(work, path, "make");
  const { status } = found;
  const isFree = status === undefined && sent?.kind !== entry.kind;
  if (isFree || isAsSent(sent, status)) return takeTheirs(work, path, entry, found);
  if (status !== undefined && isHereAlready(work, entry, found) && modeOf(status) === entry.mode) return true;
  if (work.landing.form === "whole" && sent !== undefined && looksAsSent(entry, sent)) return true;
  if (entry.kind === "file" && work.landing.mergedByLine.includes(path) && mergeLines(work, path, entry))
    return true;
  conflict(work, path, entry, status === undefined ? "it was removed here meanwhile" : changedHere);
  return true;
}

/** In an archive of everything: true when it cannot be told from what was sent. */
function looksAsSent(
  entry: ArrivedEntry,
  sent: { readonly kind: string; readonly size: number; readonly mtime: bigint; readonly mode: number },
): boolean {
  if (entry.kind !== sent.kind || !isSameTime(entry.mtime, sent.mtime)) return false;
  return entry.kind === "link" || (entry.size === sent.size && entry.mode === sent.mode);
}

/** True when the same content is here already. */
function isHereAlready({ staging }: Work, entry: ArrivedEntry, { folder, name, status }: Found): boolean {
  if (entryKindOf(status) !== entry.kind) return false;
  if (entry.kind === "link") return decodeName(readlinkSync(folder.entry(name), "buffer")) === entry.target;
  return (
    status?.size === BigInt(entry.size) && haveSameContent(staging.folder, String(entry.staged), folder, name)
  );
}

function takeTheirs(work: Work, path: string, entry: ArrivedEntry, found: Found): boolean {
  const { folder, name, status } = found;
  const mtime = inSeconds(entry.mtime);
  if (status !== undefined && isHereAlready(work, entry, found)) {
    const isOther = modeOf(status) !== entry.mode || !isSameTime(entry.mtime, status.mtimeNs);
    if (entry.kind === "link" || !isOther) return true;
    changeEntry(folder, name, modeOf(status) === entry.mode ? undefined : entry.mode, mtime);
    work.fetched += 1;
    return true;
  }
  if (status?.isDirectory() === true && !withPermission(folder, () => isRemoved(folder, name))) {
    conflict(work, path, entry, "its folder here is not empty");
    return true;
  }
  const { staging } = work;
  if (entry.kind === "file")
    withPermission(folder, () => placeStaged(staging, entry.staged, entry.mode, folder, name));
  else {
    const link = { number: entry.staged, target: encodeName(entry.target), mtime };
    withPermission(folder, () => placeLink(staging, link, folder, name));
  }
  work.fetched += 1;
  work.bytes += entry.size;
  return true;
}

/** Adds the lines that only theirs has to a file such as `known_hosts`. */
function mergeLines(work: Work, path: string, entry: ArrivedEntry): boolean {
  const { landing, staging } = work;
  const ours = readOwnText(landing.root, path, largestText);
  const theirs = readOwnText(staging.folder.path, String(entry.staged), largestText);
  if (ours === undefined || theirs === undefined) return false;
  const lines = new Set(ours.split("\n"));
  const added = theirs.split("\n").filter((line) => !lines.has(line));
  if (added.length === 0) return true;
  const start = ours === "" || ours.endsWith("\n") ? ours : `${ours}\n`;
  replaceFile(landing.root, path, `${start}${added.join("\n")}\n`, entry.mode & 0o777);
  work.fetched += 1;
  work.bytes += entry.size;
  return true;
}

/** Removes what was removed there, unless it changed here. */
function removeSent(work: Work, path: string): void {
  const sent = work.landing.manifest.get(path);
  try {
    const { folder, name, status } = find(work, path, "look");
    if (status === undefined) return;
    if (!isAsSent(sent, status)) conflict(work, path, undefined, changedHere);
    else if (withPermission(folder, () => isRemoved(folder, name)) && !status.isDirectory())
      work.removed += 1;
  } catch (error) {
    if (codeOf(error) !== "ENOENT") conflict(work, path, undefined, reasonOf(error));
  }
}

/** Called for the innermost folders first: a mode may forbid changes in the folder. */
function finishFolder(work: Work, path: string, entry: ArrivedEntry): boolean {
  const sent = work.landing.manifest.get(path);
  const { folder, name, status } = find(work, path, "look");
  if (status?.isDirectory() !== true) return false;
  const isNew = sent?.kind !== "directory";
  const isChanged = sent !== undefined && entry.mode !== sent.mode && modeOf(status) === sent.mode;
  const isOlder = !isSameTime(entry.mtime, status.mtimeNs);
  if (isNew || isChanged || isOlder)
    changeEntry(folder, name, isNew || isChanged ? entry.mode : undefined, inSeconds(entry.mtime));
  return true;
}
