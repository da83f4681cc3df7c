import { ignoreErrors } from "../host/fileErrors.ts";
import { changeEntry, makeEntryFolder } from "../host/openEntry.ts";
import { isRemoved } from "../host/removal.ts";
import { type ArrivedEntry, inSeconds } from "./arrival.ts";
import { isAsSent, isSameTime, modeOf } from "./compare.ts";
import { changedHere } from "./placement.ts";
import { changeIn, findFile, type WriteBack } from "./workspaceFiles.ts";

/** Makes a folder unless there is one; false when there is none afterwards. */
export function putFolder(work: WriteBack, path: string): boolean {
  const sent = work.landing.manifest.get(path);
  const file = findFile(work, path, sent?.kind === "directory" ? "look" : "make");
  const { folder, name, status } = file;
  if (status?.isDirectory() === true) return true;
  // It was removed or replaced here meanwhile; what is in it there is judged by itself.
  if (sent?.kind === "directory") return false;
  if (status !== undefined && !isAsSent(sent, status)) {
    work.conflicts.push({ path, reason: changedHere, theirs: undefined });
    return false;
  }
  changeIn(work, file, () => {
    if (status !== undefined) isRemoved(folder, name);
    makeEntryFolder(folder, name);
  });
  return true;
}

/** Gives a folder its mode and time. Called for the innermost folders first: a mode may forbid changes in the folder. */
export function finishFolder(work: WriteBack, path: string, entry: ArrivedEntry): boolean {
  const sent = work.landing.manifest.get(path);
  const { folder, name, status } = findFile(work, path, "look");
  if (status?.isDirectory() !== true) return false;
  const isNew = sent?.kind !== "directory";
  const isChanged = sent !== undefined && entry.mode !== sent.mode && modeOf(status) === sent.mode;
  if (isNew || isChanged || !isSameTime(entry.mtime, status.mtimeNs))
    changeEntry(folder, name, isNew || isChanged ? entry.mode : undefined, inSeconds(entry.mtime));
  return true;
}

/** Gives folders back the time that they had: a file was replaced in them that an action here would have overwritten. */
export function restoreTimes(work: WriteBack, except: ReadonlySet<string>): void {
  for (const [path, time] of work.folderTimes) {
    if (except.has(path)) continue;
    // One that was removed meanwhile, or is a file now, needs no time.
    ignoreErrors(() => {
      const { folder, name, status } = findFile(work, path, "look");
      if (status?.isDirectory() === true) changeEntry(folder, name, undefined, inSeconds(time));
    });
  }
}
