import { exitCodes, PolycrateError } from "../../errors.ts";
import type { ContextSource } from "../dockerfile/sources.ts";
import { ignorePattern, ignoring } from "./ignoreFile.ts";
import { matchesOf, splitPattern } from "./matches.ts";
import type { ContextRules } from "./rules.ts";
import { type Child, folderOf, type WorkspaceTree, within, workspaceTree } from "./tree.ts";

/** An entry on disk that belongs to the build context; `mode` are the twelve permission bits. */
export type FoundEntry =
  | { readonly kind: "file" }
  | { readonly kind: "directory"; readonly mode: number }
  | { readonly kind: "link"; readonly target: string };

/** A warning about the build context. */
export type ContextWarning = { readonly message: string; readonly hint: string };

export type FoundFiles = {
  readonly entries: ReadonlyMap<string, FoundEntry>;
  /** The paths that the sources match, links followed; entries may leave some of them out. */
  readonly taken: ReadonlySet<string>;
  readonly warnings: readonly ContextWarning[];
};

/**
 * Finds what the sources copy from the workspace, as both builders of docker do: a named link is followed
 * inside the workspace (its root is the link's root too), a link in a copied folder is sent as a link. Folders above a
 * source that are not part of the image have the mode 0755. Sockets, pipes and devices are left out; missing sources are
 * left to docker. Throws a PolycrateError (65) for what cannot be read.
 */
export function findContextFiles(
  root: string,
  sources: readonly ContextSource[],
  rules: ContextRules,
): FoundFiles {
  const search: Search = {
    tree: workspaceTree(root),
    rules,
    entries: new Map(),
    taken: new Set(),
    searched: new Set(),
    warnings: new Map(),
  };
  for (const source of sources) takeSource(search, source);
  for (const path of [...search.entries.keys()]) addFoldersFrom(search.entries, folderOf(path));
  for (const folder of search.searched) addFoldersFrom(search.entries, folder);
  return { entries: search.entries, taken: search.taken, warnings: [...search.warnings.values()] };
}

type Search = {
  readonly tree: WorkspaceTree;
  readonly rules: ContextRules;
  readonly entries: Map<string, FoundEntry>;
  readonly taken: Set<string>;
  /** Folders that a pattern searches: BuildKit requires them even if the pattern matches nothing. */
  readonly searched: Set<string>;
  readonly warnings: Map<string, ContextWarning>;
};

/** One source while it is copied; `isExcluded` takes paths relative to the copied folder. */
type CopyState = {
  readonly source: ContextSource;
  readonly named: ReadonlySet<number>;
  readonly isExcluded: (path: string) => boolean;
};

function takeSource(search: Search, source: ContextSource): void {
  const literal = source.kind === "path" ? source.path : splitPattern(source.path).folder;
  const named = search.rules.builtinMatches(literal);
  const copy: CopyState = { source, named, isExcluded: exclusionOf(source) };
  const paths = matchedPaths(search, copy);
  for (const path of paths) takeNamed(search, copy, path);
  if (source.kind !== "path" && paths.some((path) => search.entries.has(path))) return;
  for (const path of paths) warnWithheld(search, copy, path);
}

/** With negated or malformed patterns nothing is excluded here; docker applies them. */
function exclusionOf({ excludes, kind }: ContextSource): (path: string) => boolean {
  const patterns = excludes.flatMap((text) => ignorePattern(text) ?? []).filter(({ negated }) => !negated);
  if (kind === "parents" || patterns.length === 0 || patterns.length < excludes.length) return () => false;
  return ignoring(patterns);
}

function matchedPaths(search: Search, copy: CopyState): readonly string[] {
  const { kind, path } = copy.source;
  const { folder, pattern } = splitPattern(path);
  if (kind === "path" || pattern === "") return [path];
  const base = follow(search, copy, folder).location;
  if (base === undefined) return [];
  if (search.tree.kindOf(base) === "directory" && isKept(search, copy, base)) search.searched.add(base);
  return matchesOf(search.tree, base, pattern, {
    doubleStar: kind === "parents",
    isOpen: (below) =>
      search.rules.decide(below, copy.named).kind === "kept" || search.rules.mayReinclude(below),
  });
}

function takeNamed(search: Search, copy: CopyState, path: string): void {
  const { location, link } = follow(search, copy, path);
  if (location === undefined) warnLost(search, copy, link);
  if (location === undefined) return;
  search.taken.add(location);
  const kind = location === "" ? "directory" : search.tree.kindOf(location);
  if (kind === "directory") takeFolder(search, copy, location, location);
  else if (kind === "file" && isKept(search, copy, location)) add(search, location, location, { kind });
  if (copy.source.kind === "parents") addFolders(search, folderOf(location), "");
  if (link !== undefined) warnWithheld(search, copy, location);
}

/** `link` is the last link in the path. */
type Followed = { readonly location?: string; readonly link?: string };

/** Follows a path inside the workspace and adds the links in it. There is no location when it does not exist. */
function follow(search: Search, copy: CopyState, path: string): Followed {
  const parts = path.split("/");
  let location = "";
  let last: { readonly link?: string } = {};
  for (let links = 0; ; ) {
    const part = parts.shift();
    if (part === undefined) return { ...last, location };
    if (part === "" || part === ".") continue;
    const next = part === ".." ? folderOf(location) : within(location, part);
    const kind = next === "" ? "directory" : search.tree.kindOf(next);
    if (kind === undefined) return last;
    if (kind !== "link") {
      location = next;
      continue;
    }
    const target = search.tree.targetOf(next);
    if (target === undefined || !isKept(search, copy, next)) return {};
    search.entries.set(next, { kind: "link", target });
    last = { link: next };
    if (++links > 255) return last;
    if (target.startsWith("/")) location = "";
    parts.unshift(...target.split("/"));
  }
}

function takeFolder(search: Search, copy: CopyState, top: string, folder: string): void {
  const isTaken = folder !== "" && isKept(search, copy, folder);
  if (isTaken) addFolders(search, folder, top);
  else if (folder !== "" && !search.rules.mayReinclude(folder)) return;
  for (const child of search.tree.childrenOf(folder)) {
    const path = within(folder, child.name);
    if (copy.isExcluded(top === "" ? path : path.slice(top.length + 1))) continue;
    if (child.kind === "directory") takeFolder(search, copy, top, path);
    else if (isKept(search, copy, path)) takeLeaf(search, top, path, child.kind);
  }
}

function takeLeaf(search: Search, top: string, path: string, kind: Child["kind"]): void {
  if (path.includes("\uFFFD") && search.tree.kindOf(path) === undefined) throw notUtf8(path);
  if (kind === "file") add(search, path, top, { kind });
  const target = kind === "link" ? search.tree.targetOf(path) : undefined;
  if (target !== undefined) add(search, path, top, { kind: "link", target });
}

/** Adds an entry and the folders between it and the copied folder, with their modes. */
function add(search: Search, path: string, top: string, entry: FoundEntry): void {
  search.entries.set(path, entry);
  if (path !== top) addFolders(search, folderOf(path), top);
}

function addFolders(search: Search, lowest: string, top: string): void {
  for (let folder = lowest; folder !== "" && folder.length >= top.length; folder = folderOf(folder)) {
    const mode = search.entries.has(folder) ? undefined : search.tree.folderMode(folder);
    if (mode !== undefined) search.entries.set(folder, { kind: "directory", mode });
  }
}

function addFoldersFrom(entries: Map<string, FoundEntry>, lowest: string): void {
  for (let folder = lowest; folder !== "" && !entries.has(folder); folder = folderOf(folder)) {
    entries.set(folder, { kind: "directory", mode: 0o755 });
  }
}

function isKept(search: Search, copy: CopyState, path: string): boolean {
  const decision = search.rules.decide(path, copy.named);
  if (decision.kind !== "kept") return false;
  if (decision.despite !== undefined) warnKept(search, copy.source, path, decision.despite);
  return true;
}

function warnKept(
  search: Search,
  { line, instruction }: ContextSource,
  path: string,
  despite: "named" | { readonly negation: string },
): void {
  const key = despite === "named" ? `line ${line}` : `!${despite.negation}`;
  if (search.warnings.has(key)) return;
  const reason =
    despite === "named"
      ? `\`${instruction}\` in line ${line}`
      : `\`!${despite.negation}\` in the ignore file`;
  search.warnings.set(key, {
    message: `${reason} adds \`${path}\` to the build context`,
    hint: "anyone with access to the image can read it; mount secrets when the action runs instead",
  });
}

/** Without the warning docker only reports that the path is not found. */
function warnWithheld(search: Search, { source, named }: CopyState, path: string): void {
  if (path === "" || search.rules.decide(path, named).kind !== "withheld") return;
  search.warnings.set(`withheld ${path}`, {
    message: `\`${path}\` is excluded from the build context, but line ${source.line} copies it`,
    hint: "write its full name in the instruction if the image needs it",
  });
}

/** Docker only reports that the link itself is not found. */
function warnLost(search: Search, { source }: CopyState, link: string | undefined): void {
  if (link === undefined) return;
  search.warnings.set(`lost ${link}`, {
    message: `the target of the link \`${link}\` in line ${source.line} is not in the workspace`,
    hint: "docker only follows links inside of the workspace: copy the target into it",
  });
}

/** A name that is not UTF-8 cannot be opened by its decoded text. */
function notUtf8(path: string): PolycrateError {
  return new PolycrateError(`the name of \`${path}\` is not UTF-8`, {
    hint: "rename it, or list its folder in `.dockerignore`",
    exitCode: exitCodes.invalidWorkspace,
  });
}
