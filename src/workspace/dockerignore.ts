import { posix } from "node:path";
import { exitCodes, PolycrateError } from "../errors.ts";
import { compilePattern } from "./contextPattern.ts";

/** One line of an ignore file. `text` is the pattern as docker cleans it, without the `!` of a negated one. */
export type IgnorePattern = {
  readonly text: string;
  readonly negated: boolean;
  readonly matches: (path: string) => boolean;
};

/** Tells for each pattern, in their order, whether it matches the path or one of the folders above it. */
export type PatternMatches = (path: string) => readonly boolean[];

/**
 * Reads an ignore file by docker's rules (moby/patternmatcher). An own reader, because `@balena/dockerignore` fails on
 * `c++`, treats a file called `constructor` as never ignored, and cannot say which pattern brought a file back.
 * Throws a PolycrateError (65) with the line of a malformed pattern; `file` is its name in that error.
 */
export function parseIgnoreFile(text: string, file: string): readonly IgnorePattern[] {
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  return lines.flatMap((line, index) => {
    if (line.startsWith("#") || line.trim() === "") return [];
    const pattern = ignorePattern(line);
    if (pattern !== undefined) return [pattern];
    throw new PolycrateError(`${file}:${index + 1}: \`${line.trim()}\` is not a pattern`, {
      hint: "patterns are paths with `*`, `?`, `[a-z]` and `**`; a `!` before a pattern brings files back",
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
  return compiled && { text, negated, matches: (path) => compiled.expression.test(path) };
}

/** Returns a matcher that remembers folders, so that a whole tree is matched once for each of its paths. */
export function matcherOf(patterns: readonly IgnorePattern[]): PatternMatches {
  const folders = new Map<string, readonly boolean[]>();
  const matchesOf = (path: string): readonly boolean[] => {
    const slash = path.lastIndexOf("/");
    const above = slash === -1 ? undefined : folderMatches(path.slice(0, slash));
    return patterns.map((pattern, index) => above?.[index] === true || pattern.matches(path));
  };
  const folderMatches = (path: string): readonly boolean[] => {
    const known = folders.get(path) ?? matchesOf(path);
    folders.set(path, known);
    return known;
  };
  return matchesOf;
}

/** The last pattern that matches decides. */
export function isIgnored(patterns: readonly IgnorePattern[], matches: readonly boolean[]): boolean {
  const last = matches.lastIndexOf(true);
  return last !== -1 && patterns[last]?.negated === false;
}

/** Whether something below the folder may match the pattern that does not match the folder itself. */
export function reachesBelow({ text }: IgnorePattern, folder: string): boolean {
  const parts = text.split("/");
  const folders = folder.split("/");
  for (const [index, name] of folders.entries()) {
    const part = parts[index];
    if (part === undefined) return false;
    if (part.includes("**") || part.includes("[")) return true;
    if (compilePattern(part, { doubleStar: false })?.expression.test(name) === false) return false;
  }
  return parts.length > folders.length;
}

function cleanPattern(text: string): string {
  if (text === "") return "";
  const clean = posix.normalize(text).replace(/(?<=.)\/$/, "");
  return clean.length > 1 && clean.startsWith("/") ? clean.slice(1) : clean;
}
