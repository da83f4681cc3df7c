import { join } from "node:path";
import type { PolycrateError } from "../errors.ts";
import { replaceFile } from "../host/files.ts";
import { changedAt, namesIn, readOwnFile, refusalOf } from "../host/filesBelow.ts";
import { isAlive, ownerFile, ownerLimit, readOwner } from "../host/owner.ts";
import { privateTrees } from "../host/privateTree.ts";
import type { Host } from "../host/stdio.ts";
import { writeYaml } from "../yaml/write.ts";
import { logFolders, type Recorded, readRecord, recordFiles, recordFolders } from "./history.ts";
import { runPlacesOf } from "./runPlace.ts";
import { snapshotFolder } from "./snapshots.ts";

/** The folder of a run whose polycrate is gone, relative to its root, and what it ran. */
export type LostRun = { readonly transaction: string; readonly root: string; readonly folder: string };

/** Returns the runs whose polycrate is gone; looks at files only, so that every run can afford it. */
export function lostRuns(workspace: string, { environment }: Pick<Host, "environment">): readonly LostRun[] {
  const runs = runPlacesOf(workspace, environment, process.getuid?.() ?? 0).flatMap(({ root, folder }) =>
    namesIn(root, folder).map((transaction) => ({ transaction, root, folder: `${folder}/${transaction}` })),
  );
  return runs.filter(({ root, folder }) => isLost(root, folder, `${folder}/${ownerFile}`));
}

/** Returns leftovers of writes that a dead process did not finish, and of locks it held, relative to the workspace. */
export function lostFiles(workspace: string, logsRoot: string): readonly string[] {
  const locks = namesIn(workspace, ".polycrate/locks").map((name) => `.polycrate/locks/${name}`);
  const held = locks.filter((file) => isLost(workspace, file, file));
  const folders = [...recordFolders(workspace, logsRoot), snapshotFolder(logsRoot)];
  const temporary = folders.flatMap((folder) =>
    namesIn(workspace, folder).flatMap((name) => (/\.yml\.\d+\.tmp$/.test(name) ? [join(folder, name)] : [])),
  );
  return [...held, ...temporary];
}

/** Returns the folders in which a dead process of this user has left the copy of a build context. */
export function lostTrees(): readonly string[] {
  return privateTrees(process.getuid?.() ?? 0).flatMap(({ path, owner: text }) => {
    const owner = readOwner(text);
    return owner === undefined || isAlive(owner) ? [] : [path];
  });
}

/** Returns why folders cannot be pruned, for example because one is a link. */
export function refusedFolders(workspace: string, logsRoot: string): readonly PolycrateError[] {
  const folders = [
    ".polycrate/run",
    ".polycrate/locks",
    ...logFolders(workspace, logsRoot),
    snapshotFolder(logsRoot),
  ];
  const refusals = folders.flatMap((folder) => refusalOf(workspace, folder) ?? []);
  return [...new Map(refusals.map((refusal) => [refusal.message, refusal])).values()];
}

/** Returns the records that a dead process left `running`. */
export function lostRecords(workspace: string, logsRoot: string): readonly Recorded[] {
  return [...recordFiles(workspace, logsRoot)].flatMap((file) => {
    const recorded = readRecord(workspace, file);
    return recorded?.status === "lost" && recorded.record.get("status") !== "lost" ? [recorded] : [];
  });
}

/** Writes `lost` into such a record. Throws (73). */
export function writeLost(workspace: string, { file, record }: Recorded): void {
  replaceFile(workspace, file, writeYaml(new Map([...record, ["status", "lost"]])), 0o644);
}

/**
 * True when the owner of the path is gone. The path is created just before its owner is written, so a process that was killed
 * in between, or a power failure, leaves it without an owner.
 */
function isLost(root: string, path: string, file: string): boolean {
  const text = readOwnFile(root, file, ownerLimit);
  // A lock has a note in its second line.
  const [line = ""] = typeof text === "string" ? [] : text.toString().split("\n", 1);
  const owner = readOwner(line);
  if (owner !== undefined) return !isAlive(owner);
  if (typeof text === "string" && text !== "missing") return false;
  return Date.now() - (changedAt(root, path) ?? Date.now()) > longestWriting;
}

/** In milliseconds, with much to spare. */
const longestWriting = 60_000;
