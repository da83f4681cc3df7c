import { realpathSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { openOwnFile } from "../../host/files.ts";
import { digestFile, type FileDigest, sha256 } from "./contextDigest.ts";
import { type ContextWarning, type FoundEntry, findContextFiles } from "./contextFiles.ts";
import { contextRules } from "./contextRules.ts";
import { type ContextSource, type Dockerfile, readDockerfile, type Unknown } from "./dockerfile.ts";
import {
  type DockerfilePlace,
  foreignDockerfile,
  locateDockerfile,
  readIgnoreFile,
  readSmallFile,
} from "./dockerfilePlace.ts";
import { type IgnorePattern, ignorePattern } from "./dockerignore.ts";
import { folderOf } from "./workspaceTree.ts";

/**
 * What docker is sent to build an image: the Dockerfile and what it takes, nothing else. Paths are relative to the
 * workspace, with slashes; entries are sorted by the bytes of their paths, so that a folder stands before what is in it.
 */
export type BuildContext = {
  /** Where the Dockerfile is in the context. */
  readonly dockerfile: string;
  readonly parsed: Dockerfile;
  readonly entries: readonly ContextEntry[];
  /** SHA-256 in hex over the Dockerfile's path and every entry's path, kind, mode, content and target. */
  readonly hash: string;
  /** By path, what counts of an entry in one word or more: the same text, the same entry. */
  readonly digests: ReadonlyMap<string, string>;
  /** Why the whole workspace had to be taken, where it had. */
  readonly wholeContextReason: Unknown | undefined;
  readonly warnings: readonly ContextWarning[];
};

export type ContextEntry = ContextFile | ContextFolder | ContextLink;

/** `digest` is the SHA-256 of the content in hex; `source` is absolute, for a file that is not at its path in the workspace. */
export type ContextFile = {
  readonly kind: "file";
  readonly path: string;
  readonly mode: number;
  readonly size: number;
  readonly digest: string;
  readonly source?: string;
};

export type ContextFolder = { readonly kind: "directory"; readonly path: string; readonly mode: number };

export type ContextLink = { readonly kind: "link"; readonly path: string; readonly target: string };

export type BuildContextOptions = {
  /** Paths that are not sent unless they are named, as patterns of an ignore file. */
  readonly builtinIgnores: readonly string[];
  /** A reason to take the whole workspace that is not in the Dockerfile, such as the base image's `ONBUILD COPY`. */
  readonly whole?: Unknown | undefined;
};

/**
 * Reads the build context of a Dockerfile, which is a path relative to the workspace or absolute. Where the Dockerfile
 * does not tell what it takes, that is the workspace without what the ignore file and the built-in patterns keep out.
 * Throws a PolycrateError (65) when the Dockerfile or something that is taken cannot be read.
 */
export async function readBuildContext(
  workspace: string,
  dockerfile: string,
  options: BuildContextOptions,
): Promise<BuildContext> {
  const root = realpathSync(workspace);
  const path = resolve(root, dockerfile);
  const place = locateDockerfile(root, path);
  const text = readSmallFile(place.source);
  const parsed = readDockerfile(text.toString());
  const wholeContextReason = options.whole ?? parsed.unknowns[0];
  const sources = wholeContextReason === undefined ? parsed.sources : [...parsed.sources, wholeWorkspace];
  const rules = contextRules(readIgnoreFile(root, path), options.builtinIgnores.map(builtinPattern));
  const { entries: found, warnings } = findContextFiles(root, sources, rules);
  const sorted = sortedByBytes(withDockerfile(found, place.path));
  const isCopied = place.path !== foreignDockerfile && found.has(place.path);
  const content = { mode: isCopied ? modeOf(place.source) : 0o644, size: text.length, digest: sha256(text) };
  const entries = await digestEntries(root, sorted, { ...place, content });
  const digests = new Map(entries.map((entry) => [entry.path, describeEntry(entry)]));
  const hash = hashOf(place.path, digests);
  return { dockerfile: place.path, parsed, entries, hash, digests, wholeContextReason, warnings };
}

const wholeWorkspace: ContextSource = { line: 0, instruction: "", kind: "path", path: "", excludes: [] };

/** A path that is no pattern still keeps itself out. */
function builtinPattern(text: string): IgnorePattern {
  return ignorePattern(text) ?? { text, negated: false, matches: (path) => path === text };
}

/** Where nothing copies the Dockerfile its mode means nothing. */
function modeOf(dockerfile: string): number {
  return statSync(dockerfile).mode & 0o7777;
}

/** The Dockerfile goes along though nothing copies it. */
function withDockerfile(
  found: ReadonlyMap<string, FoundEntry>,
  dockerfile: string,
): ReadonlyMap<string, FoundEntry> {
  const entries = new Map(found);
  entries.set(dockerfile, { kind: "file" });
  for (let folder = folderOf(dockerfile); folder !== ""; folder = folderOf(folder)) {
    if (!entries.has(folder)) entries.set(folder, { kind: "directory", mode: 0o755 });
  }
  return entries;
}

function sortedByBytes(entries: ReadonlyMap<string, FoundEntry>): readonly (readonly [string, FoundEntry])[] {
  return Array.from(entries, ([path, entry]) => ({ path, entry, bytes: Buffer.from(path) }))
    .sort((one, other) => Buffer.compare(one.bytes, other.bytes))
    .map(({ path, entry }) => [path, entry]);
}

/** The Dockerfile counts as it was when it was parsed. */
async function digestEntries(
  root: string,
  found: readonly (readonly [string, FoundEntry])[],
  dockerfile: DockerfilePlace & { readonly content: FileDigest },
): Promise<readonly ContextEntry[]> {
  const entries: ContextEntry[] = [];
  for (const [path, entry] of found) {
    const isDockerfile = path === dockerfile.path;
    if (entry.kind !== "file") {
      entries.push({ ...entry, path });
      continue;
    }
    const content = isDockerfile ? dockerfile.content : await digestFile(() => openOwnFile(root, path), path);
    const source = isDockerfile && path === foreignDockerfile ? { source: dockerfile.source } : {};
    if (content !== undefined) entries.push({ kind: "file", path, ...content, ...source });
  }
  return entries;
}

function describeEntry(entry: ContextEntry): string {
  if (entry.kind === "link") return `-> ${entry.target}`;
  const mode = entry.mode.toString(8).padStart(4, "0");
  return entry.kind === "file" ? `${mode} ${entry.digest}` : `${mode} directory`;
}

/** No name and no link target holds a NUL, so no two contexts make the same text. */
function hashOf(dockerfile: string, digests: ReadonlyMap<string, string>): string {
  const hasher = new Bun.CryptoHasher("sha256").update(`polycrate build context 1\0${dockerfile}\0`);
  for (const [path, digest] of digests) hasher.update(`${path}\0${digest}\0`);
  return hasher.digest("hex");
}
