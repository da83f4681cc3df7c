import { join } from "node:path";
import { keepFile } from "../host/files.ts";
import { changedAt, namesIn, readOwnText } from "../host/filesBelow.ts";
import type { KeptSnapshot } from "../plan/plan.ts";
import { readHistory } from "./history.ts";

/** Returns the folder of the snapshots that are kept, relative to the workspace. */
export function snapshotFolder(logsRoot: string): string {
  return join(logsRoot, "snapshots");
}

/** Keeps a snapshot, once for all runs that have it. Throws (73). */
export function keepSnapshot(workspace: string, logsRoot: string, { sha256, content }: KeptSnapshot): void {
  keepFile(workspace, snapshotPath(logsRoot, sha256), content, 0o644);
}

/** Returns the snapshot with that hash; undefined when it is not kept, or no longer what it was. */
export function readSnapshot(workspace: string, logsRoot: string, sha256: string): string | undefined {
  if (!isSha256(sha256)) return undefined;
  const text = readOwnText(workspace, snapshotPath(logsRoot, sha256), largestSnapshot);
  const hash = new Bun.CryptoHasher("sha256").update(text ?? "").digest("hex");
  return hash === sha256 ? text : undefined;
}

/** In bytes: a snapshot has every block resolved. */
const largestSnapshot = 256_000_000;

/**
 * Returns the files of snapshots that no record names but those of `leaving`, relative to the workspace. A run that begins
 * renews its snapshot before it writes its record, so one that is new may be of a record that was not there yet.
 */
export function unusedSnapshots(
  workspace: string,
  logsRoot: string,
  leaving: ReadonlySet<string>,
): readonly string[] {
  const folder = snapshotFolder(logsRoot);
  const names = namesIn(workspace, folder).filter((name) => isSha256(name.replace(/\.yml$/, "")));
  if (names.length === 0) return [];
  const used = new Set<unknown>();
  for (const { file, record } of readHistory(workspace, logsRoot, {}, "head")) {
    if (!leaving.has(file)) used.add(record.get("snapshot_sha256"));
  }
  return names
    .filter((name) => !used.has(name.replace(/\.yml$/, "")))
    .map((name) => join(folder, name))
    .filter((file) => (changedAt(workspace, file) ?? 0) < Date.now() - longestBeginning);
}

/** In milliseconds, with much to spare. */
const longestBeginning = 60_000;

function snapshotPath(logsRoot: string, sha256: string): string {
  return join(snapshotFolder(logsRoot), `${sha256}.yml`);
}

function isSha256(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}
