import { type IgnorePattern, ignoring, matcherOf, reachesBelow } from "./ignoreFile.ts";

/**
 * Whether a path of the workspace is sent. `withheld` is excluded by the built-in list. A kept path that the
 * list matches has the reason for keeping it: a pattern of the ignore file, or its name in the Dockerfile.
 */
export type Decision =
  | { readonly kind: "ignored" | "withheld" }
  | { readonly kind: "kept"; readonly despite?: { readonly negation: string } | "named" };

export type ContextRules = {
  /** `named` are the entries of the built-in list that do not apply, because the Dockerfile names what they match. */
  readonly decide: (path: string, named: ReadonlySet<number>) => Decision;
  /** The entries of the built-in list that match the path or a folder above it. */
  readonly builtinMatches: (path: string) => ReadonlySet<number>;
  /** True when a path below an excluded folder may be included again. */
  readonly mayReinclude: (folder: string) => boolean;
};

/** Combines the patterns of the ignore file and of the built-in list, which has no negated ones. */
export function contextRules(
  ignore: readonly IgnorePattern[],
  builtin: readonly IgnorePattern[],
): ContextRules {
  const isIgnored = ignoring(ignore);
  const matchesBuiltin = matcherOf(builtin);
  const negations = ignore.filter(({ negated }) => negated);
  const namingNegations = negations.filter(namesSomething);
  const builtinMatches = (path: string): ReadonlySet<number> => {
    const matches = matchesBuiltin(path);
    return new Set(matches.flatMap((match, index) => (match ? [index] : [])));
  };
  const negationFor = (path: string): IgnorePattern | undefined =>
    pathAndFolders(path)
      .filter((folder) => matchesBuiltin(folder).includes(true))
      .map((folder) => namingNegations.find(({ matches }) => matches(folder)))
      .find((negation) => negation !== undefined);
  const decide = (path: string, named: ReadonlySet<number>): Decision => {
    if (isIgnored(path)) return { kind: "ignored" };
    const matches = matchesBuiltin(path);
    if (!matches.includes(true)) return { kind: "kept" };
    const negation = negationFor(path);
    if (negation !== undefined) return { kind: "kept", despite: { negation: negation.text } };
    return matches.some((match, index) => match && !named.has(index))
      ? { kind: "withheld" }
      : { kind: "kept", despite: "named" };
  };
  return {
    decide,
    builtinMatches,
    mayReinclude: (folder) => negations.some((pattern) => reachesBelow(pattern, folder)),
  };
}

/** `!*` and `!src/**` re-include what the ignore file excludes; they do not name a key. */
function namesSomething({ text }: IgnorePattern): boolean {
  return !/(?:^|\/)[*?]*$/.test(text);
}

/** The path and the folders above it, the uppermost first. */
function pathAndFolders(path: string): readonly string[] {
  const parts = path.split("/");
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
}
