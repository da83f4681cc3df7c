import { codeOf, fileError } from "../host/fileErrors.ts";
import { lastFolder } from "../host/lastFolder.ts";
import type { Staging } from "../host/staging.ts";
import type { ArrivedEntries, ArrivedEntry } from "./arrival.ts";
import { finishFolder, putFolder, restoreTimes } from "./folders.ts";
import type { Landed, Landing } from "./landing.ts";
import type { Manifest } from "./manifest.ts";
import { addConflict, clauseOf, looksAsSent, putFile, removeSent } from "./placement.ts";
import { stayingPaths } from "./travelRules.ts";
import type { WriteBack } from "./workspaceFiles.ts";

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
  using folders = lastFolder(landing.root);
  const work: WriteBack = {
    ...{ landing, staging, folders },
    isLinkedAlike: linksAlike(arrived, names, landing.manifest),
    folderTimes: new Map(),
    conflicts: [],
    ...{ fetched: 0, removed: 0, bytes: 0 },
  };
  const stays = stayingPaths(landing.root, landing.stays);
  const entries = [...arrived.entries].filter(([path]) => !stays(path));
  const files = entries.filter(([, { kind }]) => kind !== "directory");
  const gone = [...landing.manifest.keys()].filter((path) => path !== "." && !names.has(path)).reverse();
  const isInTheWay = belowOneOf(files.map(([path]) => path));
  for (const path of gone.filter(isInTheWay)) removeSent(work, path);
  const newFolders = entries.filter(([, { kind }]) => kind === "directory").sort(byPath);
  const made = newFolders.filter((found) => attempt(work, found, putFolder));
  for (const found of files) attempt(work, found, putFile);
  for (const path of gone.filter((path) => !isInTheWay(path))) removeSent(work, path);
  for (const found of made.reverse()) attempt(work, found, finishFolder);
  restoreTimes(work, new Set(made.map(([path]) => path)));
  const { conflicts, fetched, removed, bytes } = work;
  const leftOut = [...arrived.special].map(([path, kind]) => ({ path, reason: `it is a ${kind}` }));
  return { conflicts, fetched, removed, bytes, leftOut };
}

function linksAlike(
  { linked }: ArrivedEntries,
  names: ReadonlySet<string>,
  manifest: Manifest,
): WriteBack["isLinkedAlike"] {
  const files = [...manifest].filter(([path, { kind }]) => kind === "file" && names.has(path));
  const sent = Map.groupBy(files, ([, { inode }]) => inode);
  return (path) => {
    const theirs = linked.get(path) ?? [path];
    const entry = manifest.get(path);
    const ours = entry === undefined ? [] : (sent.get(entry.inode) ?? []).map(([name]) => name);
    return theirs.length === ours.length && ours.every((name) => theirs.includes(name));
  };
}

type Found = readonly [string, ArrivedEntry];

function byPath([one]: Found, [other]: Found): number {
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
function attempt(
  work: WriteBack,
  [path, entry]: Found,
  action: (work: WriteBack, path: string, entry: ArrivedEntry) => boolean,
): boolean {
  try {
    return action(work, path, entry);
  } catch (error) {
    if (fatal.has(codeOf(error))) throw fileError("write", `\`${path}\``, error);
    if (!looksAsSent(work, path, entry)) addConflict(work, path, entry, clauseOf(error));
    return false;
  }
}

const fatal: ReadonlySet<string> = new Set(["ENOSPC", "EDQUOT", "EIO", "EMFILE", "ENFILE"]);
