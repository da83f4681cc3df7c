import { posix } from "node:path";
import { exitCodes, PolycrateError } from "../../errors.ts";
import { compilePattern } from "./pattern.ts";
import { folderOf } from "./tree.ts";

/** One line of an ignore file. `text` is the pattern as docker cleans it, without the `!` of a negated one. */
export type IgnorePattern = {
  readonly text: string;
  readonly negated: boolean;
  readonly matches: (path: string) => boolean;
};

/**
 * Reads an ignore file by docker's rules (moby/patternmatcher). Without `@balena/dockerignore`, because it fails on
 * `c++`, never ignores a file called `constructor`, and does not report which pattern re-included a file.
 * Throws a PolycrateError (65) with the line of a malformed pattern; `file` is its name in that error.
 */
export function parseIgnoreFile(text: string, file: string): readonly IgnorePattern[] {
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  return lines.flatMap((line, index) => {
    if (line.startsWith("#") || line.trim() === "") return [];
    const pattern = ignorePattern(line);
    if (pattern !== undefined) return [pattern];
    throw new PolycrateError(`${file}:${index + 1}: \`${line.trim()}\` is not a valid pattern`, {
      hint: "patterns are paths with `*`, `?`, `[a-z]` and `**`; a `!` before a pattern includes files again",
      exitCode: exitCodes.invalidWorkspace,
    });
  });
}

/** Reads one pattern; undefined when it is malformed. */
export function ignorePattern(line: string): IgnorePattern | undefined {
  const trimmed = line.trim();
  const negated = trimmed.startsWith("!");
  const text = cleanPattern(negated ? trimmed.slice(1).trim() : trimmed);
  const compiled = text === "" ? undefined : compilePattern(text, { doubleStar: true });
  return compiled && { text, negated, matches: compiled.matches };
}

/** Returns a function that reports for each pattern, in order, whether it matches the path or a folder above it. */
export function matcherOf(patterns: readonly IgnorePattern[]): (path: string) => readonly boolean[] {
  return rememberingFolders((path, above) =>
    patterns.map((pattern, index) => above?.[index] === true || pattern.matches(path)),
  );
}

/**
 * Returns whether an ignore file excludes a path. The last pattern that matches it or a folder above it decides, but, as in
 * docker, a pattern that changes nothing for a folder does not count for its content.
 */
export function ignoring(patterns: readonly IgnorePattern[]): (path: string) => boolean {
  const matchesOf = rememberingFolders((path, above) => {
    let ignored = false;
    return patterns.map((pattern, index) => {
      const matches = above?.[index] === true || (pattern.negated === ignored && pattern.matches(path));
      if (matches) ignored = !pattern.negated;
      return matches;
    });
  });
  return (path) => patterns[matchesOf(path).lastIndexOf(true)]?.negated === false;
}

type Matches = readonly boolean[];

/** Caches the matches of folders, so that each path of a tree is matched once. */
function rememberingFolders(
  match: (path: string, above: Matches | undefined) => Matches,
): (path: string) => Matches {
  const folders = new Map<string, Matches>();
  const matchesOf = (path: string): Matches => {
    const folder = folderOf(path);
    return match(path, folder === "" ? undefined : folderMatches(folder));
  };
  const folderMatches = (path: string): Matches => {
    const matches = folders.get(path) ?? matchesOf(path);
    folders.set(path, matches);
    return matches;
  };
  return matchesOf;
}

/** True when a path below the folder may match the pattern, which does not match the folder itself. */
export function reachesBelow({ text }: IgnorePattern, folder: string): boolean {
  const parts = text.split("/");
  const folders = folder.split("/");
  for (const [index, name] of folders.entries()) {
    const part = parts[index];
    if (part === undefined) return false;
    if (part.includes("**") || part.includes("[")) return true;
    if (compilePattern(part, { doubleStar: false })?.matches(name) === false) return false;
  }
  return parts.length > folders.length;
}

function cleanPattern(text: string): string {
  if (text === "") return "";
  const clean = posix.normalize(text).replace(/(?<=.)\/$/, "");
  return clean.length > 1 && clean.startsWith("/") ? clean.slice(1) : clean;
}
