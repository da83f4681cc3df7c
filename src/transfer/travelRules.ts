import { PolycrateError } from "../errors.ts";
import { readOwnText } from "../host/filesBelow.ts";
import { largestText } from "../host/read.ts";
import { ignorePattern, ignoring, parseIgnoreFile, reachesBelow } from "../image/context/ignoreFile.ts";

/** The file of a workspace that says what of it does not travel, in the syntax of `.dockerignore`. */
export const transferIgnoreFile = ".polycrateignore";

/** What of a workspace travels, by paths relative to it. */
export type TravelRules = {
  readonly isIgnored: (path: string) => boolean;
  /** True when something below an ignored folder may travel. */
  readonly mayTravel: (folder: string) => boolean;
};

/**
 * Returns the rules of the workspace `root`: `.git`, the paths in `stays` and what the ignore file names do not travel; it can
 * re-include `.git`. Throws a PolycrateError (65) for a malformed pattern.
 */
export function travelRules(root: string, stays: readonly string[]): TravelRules {
  const text = readOwnText(root, transferIgnoreFile, largestText) ?? "";
  const git = ignorePattern(gitFolder);
  const patterns = [...(git === undefined ? [] : [git]), ...parseIgnoreFile(text, transferIgnoreFile)];
  const negations = patterns.filter(({ negated }) => negated);
  const isMatched = ignoring(patterns);
  const staying = new Set(stays);
  return {
    isIgnored: (path) => staying.has(path) || isMatched(path),
    mayTravel: (folder) => !staying.has(folder) && negations.some((pattern) => reachesBelow(pattern, folder)),
  };
}

/**
 * Returns whether a path is never written by what comes back: one of `stays` or below one, and in `.git` what does not travel, since
 * git runs programs that are named there. Names that a file system may take for the same, in another case or with invisible
 * characters (git's CVE-2014-9390), count as the same. With an ignore file that cannot be read any more, all of `.git` stays.
 */
export function stayingPaths(root: string, stays: readonly string[]): (path: string) => boolean {
  const isIgnored = ignoredNow(root, stays);
  const isOfStaying = isOneOf(stays);
  const isOfGit = isOneOf([gitFolder]);
  return (path) => {
    if (isOfStaying(path)) return true;
    const [top] = path.split("/");
    return isOfGit(path) && (top !== gitFolder || isIgnored(path));
  };
}

const gitFolder = ".git";

function ignoredNow(root: string, stays: readonly string[]): (path: string) => boolean {
  try {
    return travelRules(root, stays).isIgnored;
  } catch (error) {
    if (!(error instanceof PolycrateError)) throw error;
    return () => true;
  }
}

function isOneOf(folders: readonly string[]): (path: string) => boolean {
  const folded = folders.map(fold);
  return (path) => {
    const name = fold(path);
    return folded.some((folder) => name === folder || name.startsWith(`${folder}/`));
  };
}

function fold(path: string): string {
  return path.replaceAll(ignored, "").normalize("NFKC").toLowerCase();
}

const ignored = /\p{Default_Ignorable_Code_Point}/gu;
