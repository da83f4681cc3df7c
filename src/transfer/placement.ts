import { readlinkSync } from "node:fs";
import { PolycrateError } from "../errors.ts";
import { codeOf, reasonOf } from "../host/fileErrors.ts";
import { decodeName } from "../host/fileName.ts";
import { replaceFile } from "../host/files.ts";
import { readOwnText } from "../host/filesBelow.ts";
import { changeEntry } from "../host/openEntry.ts";
import { largestText } from "../host/read.ts";
import { isRemoved } from "../host/removal.ts";
import { placeStaged } from "../host/staging.ts";
import type { ArrivedEntry } from "./arrival.ts";
import { entryKindOf, haveSameContent, isAsSent, isSameTime, modeOf } from "./compare.ts";
import { keepTheirs } from "./conflicts.ts";
import { inSeconds } from "./stageFile.ts";
import { changeIn, findFile, type WorkspaceFile, type WriteBack } from "./workspaceFiles.ts";

/** Why a file of the workspace stays as it is. */
export const changedHere = "it changed here meanwhile";

/** Notes that what came is not put into its place, and keeps it elsewhere. Throws (73). */
export function addConflict(
  { conflicts, landing, staging }: WriteBack,
  path: string,
  entry: ArrivedEntry | undefined,
  reason: string,
): void {
  const isKept = entry !== undefined && entry.kind !== "directory" && !entry.isHere;
  conflicts.push({ path, reason, theirs: isKept ? keepTheirs(landing, staging, path, entry) : undefined });
}

/** Returns why something could not be written, as a clause. */
export function clauseOf(error: unknown): string {
  return error instanceof PolycrateError && error.cause === undefined ? error.message : reasonOf(error);
}

/** Puts a file or link into its place, unless what is there changed since it was sent. */
export function putFile(work: WriteBack, path: string, entry: ArrivedEntry): boolean {
  const { manifest, mergedByLine } = work.landing;
  const sent = manifest.get(path);
  const file = findFile(work, path, "make");
  const { status } = file;
  const isFree = status === undefined && sent?.kind !== entry.kind;
  if (isFree || isAsSent(sent, status)) replace(work, path, entry, file);
  // Only theirs was as it was sent.
  else if (entry.isHere) return true;
  else if (looksAsSent(work, path, entry)) return true;
  else if (status === undefined) addConflict(work, path, entry, "it was removed here meanwhile");
  else if (isHereAlready(work, entry, file) && modeOf(status) === entry.mode) return true;
  else if (!mergedByLine.includes(path) || !isMerged(work, path, entry))
    addConflict(work, path, entry, changedHere);
  return true;
}

/** In an archive of everything: true when it cannot be distinguished from what was sent. */
export function looksAsSent({ landing }: WriteBack, path: string, entry: ArrivedEntry): boolean {
  const sent = landing.manifest.get(path);
  if (landing.form !== "whole" || entry.kind !== sent?.kind || !isSameTime(entry.mtime, sent.mtime))
    return false;
  return entry.kind === "link" || (entry.size === sent.size && entry.mode === sent.mode);
}

/** True when the same content is here already. */
function isHereAlready(
  { staging }: WriteBack,
  entry: ArrivedEntry,
  { folder, name, status }: WorkspaceFile,
): boolean {
  if (entry.isHere) return true;
  if (entryKindOf(status) !== entry.kind) return false;
  if (entry.kind === "link") return decodeName(readlinkSync(folder.entry(name), "buffer")) === entry.target;
  return (
    status?.size === BigInt(entry.size) && haveSameContent(staging.folder, String(entry.staged), folder, name)
  );
}

function replace(work: WriteBack, path: string, entry: ArrivedEntry, file: WorkspaceFile): void {
  const { folder, name, status } = file;
  const mtime = inSeconds(entry.mtime);
  const isAlike = entry.kind !== "file" || work.isLinkedAlike(path);
  if (status !== undefined && isAlike && isHereAlready(work, entry, file)) {
    const isOther = entry.kind === "file" && modeOf(status) !== entry.mode;
    if (!isOther && isSameTime(entry.mtime, status.mtimeNs)) return;
    changeEntry(folder, name, isOther ? entry.mode : undefined, mtime);
    work.fetched += 1;
    return;
  }
  if (status?.isDirectory() === true && !changeIn(work, file, () => isRemoved(folder, name))) {
    addConflict(work, path, entry, "its folder here is not empty");
    return;
  }
  const { staging } = work;
  changeIn(work, file, () => placeStaged(staging, entry.staged, entry.mode, folder, name));
  work.fetched += 1;
  work.bytes += entry.size;
}

/** Adds the lines that only theirs has to a file such as `known_hosts`; false when one of them is not a text. */
function isMerged(work: WriteBack, path: string, entry: ArrivedEntry): boolean {
  const { root } = work.landing;
  const ours = readOwnText(root, path, largestText);
  const theirs = readOwnText(work.staging.folder.path, String(entry.staged), largestText);
  if (entry.kind !== "file" || ours === undefined || theirs === undefined) return false;
  const lines = new Set(["", ...ours.split("\n")]);
  const added = theirs.split("\n").filter((line) => !lines.has(line));
  if (added.length === 0) return true;
  const start = ours === "" || ours.endsWith("\n") ? ours : `${ours}\n`;
  replaceFile(root, path, `${start}${added.join("\n")}\n`, entry.mode & 0o777);
  work.fetched += 1;
  work.bytes += entry.size;
  return true;
}

/** Removes what was removed there, unless it changed here. */
export function removeSent(work: WriteBack, path: string): void {
  try {
    const file = findFile(work, path, "look");
    const { folder, name, status } = file;
    if (status === undefined) return;
    if (!isAsSent(work.landing.manifest.get(path), status)) addConflict(work, path, undefined, changedHere);
    else if (changeIn(work, file, () => isRemoved(folder, name)) && !status.isDirectory()) work.removed += 1;
  } catch (error) {
    if (codeOf(error) !== "ENOENT") addConflict(work, path, undefined, clauseOf(error));
  }
}
