import { realpathSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { openOwnFile } from "../host/filesBelow.ts";
import { type ContextWarning, type FoundEntry, findContextFiles } from "./context/files.ts";
import { type IgnorePattern, ignorePattern } from "./context/ignoreFile.ts";
import { contextRules } from "./context/rules.ts";
import { folderOf } from "./context/tree.ts";
import { digestFile, sha256 } from "./digest.ts";
import { type Delivery, deliverDockerfile } from "./dockerfile/delivery.ts";
import {
  type DockerfilePaths,
  findDockerfile,
  generalIgnoreFile,
  readIgnoreFile,
  readSmallFile,
} from "./dockerfile/findDockerfile.ts";
import { type PinImage, pinImages } from "./dockerfile/pinImages.ts";
import {
  type ContextSource,
  type Dockerfile,
  readDockerfile,
  type Unresolved,
} from "./dockerfile/sources.ts";

/**
 * The build context of an image: the Dockerfile and the files that it copies, nothing else. Paths are relative to the
 * workspace, with slashes; entries are sorted by the bytes of their paths, so that a folder comes before its content.
 */
export type BuildContext = {
  /** The Dockerfile's path relative to the workspace. */
  readonly dockerfile: string;
  /** The Dockerfile's path in the context. */
  readonly file: string;
  readonly sentAs: Delivery["sentAs"];
  /** Whether the builder must take all files of the folder, and apply none of its ignore files. */
  readonly isExact?: boolean;
  readonly parsed: Dockerfile;
  readonly entries: readonly ContextEntry[];
  /** SHA-256 in hex over the Dockerfile's path and every entry's path, kind, mode, content and target. */
  readonly hash: string;
  /** By the paths of the workspace's files, a text for each entry: equal texts mean equal entries. */
  readonly digests: ReadonlyMap<string, string>;
  /** Why the context is the whole workspace; undefined when it is not. */
  readonly wholeContextReason: Unresolved | undefined;
  readonly warnings: readonly ContextWarning[];
};

export type ContextEntry = ContextFile | ContextFolder | ContextLink;

/**
 * `digest` is the SHA-256 of the content in hex; `source` is absolute, for a file that is not at its path in the workspace;
 * `content` is the content of a file that is not on disk.
 */
export type ContextFile = {
  readonly kind: "file";
  readonly path: string;
  readonly mode: number;
  readonly size: number;
  readonly digest: string;
  readonly source?: string;
  readonly content?: string;
};

export type ContextFolder = { readonly kind: "directory"; readonly path: string; readonly mode: number };

export type ContextLink = { readonly kind: "link"; readonly path: string; readonly target: string };

export type BuildContextOptions = {
  /** Patterns of an ignore file for paths that are not sent unless they are named. */
  readonly builtinIgnores: readonly string[];
  /** Replaces the names of images in the Dockerfile that is sent. */
  readonly pin?: PinImage;
  /** A reason to send the whole workspace that is not in the Dockerfile, such as the base image's `ONBUILD COPY`. */
  readonly whole?: Unresolved | undefined;
  /** Whether the context is sent as a folder in any case. */
  readonly asFolder?: boolean;
};

/**
 * Reads the build context of a Dockerfile, which is a path relative to the workspace or absolute. When the Dockerfile
 * does not determine what it copies, that is the workspace without what the ignore file and the built-in patterns exclude.
 * Throws a PolycrateError (65) when the Dockerfile or a file of the context cannot be read.
 */
export async function readBuildContext(
  workspace: string,
  dockerfile: string,
  options: BuildContextOptions,
): Promise<BuildContext> {
  const root = realpathSync(workspace);
  const path = resolve(root, dockerfile);
  const paths = findDockerfile(root, path);
  const written = readSmallFile(paths.source);
  const pinned = pinDockerfile(paths.name, written, options.pin);
  const parsed = readDockerfile((pinned?.text ?? written).toString());
  const wholeContextReason = options.whole ?? parsed.unresolved[0];
  const sources = wholeContextReason === undefined ? parsed.sources : [...parsed.sources, wholeWorkspace];
  const ignore = readIgnoreFile(root, path);
  const rules = contextRules(ignore.patterns, options.builtinIgnores.map(builtinPattern));
  const found = findContextFiles(root, sources, rules);
  const { file, ignoreFile, ...delivery } = deliverDockerfile(root, paths, sources, found, ignore);
  const sentAs = options.asFolder === true ? "folder" : delivery.sentAs;
  const isCopied = file === paths.path && found.entries.has(file);
  const files: OwnFiles = {
    dockerfile: dockerfileEntry(paths, file, written, pinned?.text, isCopied),
    ignoreFile: ignoreFile === undefined ? undefined : fileOf(generalIgnoreFile, ignoreFile),
  };
  const entries = await digestEntries(root, sortedByBytes(withOwnFiles(found.entries, files)), files);
  const digests = digestsOf(entries, { ...paths, file }, found.entries, written, pinned);
  return {
    dockerfile: paths.name,
    file,
    sentAs,
    ...(sentAs === delivery.sentAs ? {} : { isExact: true }),
    parsed,
    entries,
    hash: contextHash(file, sentAs, entries),
    digests,
    wholeContextReason,
    warnings: found.warnings,
  };
}

/** A Dockerfile with images by their digests, and the lines that differ. */
type PinnedDockerfile = { readonly text: string; readonly changes: string };

function pinDockerfile(
  name: string,
  written: Buffer,
  pin: PinImage | undefined,
): PinnedDockerfile | undefined {
  if (pin === undefined) return undefined;
  const before = written.toString();
  const text = pinImages(name, before, pin);
  if (text === before) return undefined;
  const lines = before.split("\n");
  const changes = text.split("\n").filter((line, index) => line !== lines[index]);
  return { text, changes: changes.join("\n") };
}

const wholeWorkspace: ContextSource = { line: 0, instruction: "", kind: "path", path: "", excludes: [] };

/** A path that is not a valid pattern excludes itself. */
function builtinPattern(text: string): IgnorePattern {
  return ignorePattern(text) ?? { text, negated: false, matches: (path) => path === text };
}

/** When no instruction copies the Dockerfile, its mode is ignored. */
function dockerfileEntry(
  paths: DockerfilePaths,
  file: string,
  written: Buffer,
  pinned: string | undefined,
  isCopied: boolean,
): OwnFiles["dockerfile"] {
  const mode = isCopied ? statSync(paths.source).mode & 0o7777 : 0o644;
  if (pinned !== undefined) return { ...fileOf(file, pinned), mode };
  return {
    path: file,
    mode,
    size: written.length,
    digest: sha256(written),
    ...(file === paths.path ? {} : { source: paths.source }),
  };
}

/** Files that are sent even if no instruction copies them. */
type OwnFiles = {
  readonly dockerfile: Omit<ContextFile, "kind">;
  readonly ignoreFile: Omit<ContextFile, "kind"> | undefined;
};

function fileOf(path: string, content: string): Omit<ContextFile, "kind"> {
  const bytes = Buffer.from(content);
  return { path, mode: 0o644, size: bytes.length, digest: sha256(bytes), content };
}

function withOwnFiles(
  found: ReadonlyMap<string, FoundEntry>,
  { dockerfile, ignoreFile }: OwnFiles,
): ReadonlyMap<string, FoundEntry> {
  const entries = new Map(found);
  entries.set(dockerfile.path, { kind: "file" });
  if (ignoreFile !== undefined) entries.set(ignoreFile.path, { kind: "file" });
  for (let folder = folderOf(dockerfile.path); folder !== ""; folder = folderOf(folder)) {
    if (!entries.has(folder)) entries.set(folder, { kind: "directory", mode: 0o755 });
  }
  return entries;
}

function sortedByBytes<Value>(entries: ReadonlyMap<string, Value>): readonly (readonly [string, Value])[] {
  return Array.from(entries, ([path, entry]) => ({ path, entry, bytes: Buffer.from(path) }))
    .sort((one, other) => Buffer.compare(one.bytes, other.bytes))
    .map(({ path, entry }) => [path, entry]);
}

/** The Dockerfile is hashed as it was when it was parsed. */
async function digestEntries(
  root: string,
  found: readonly (readonly [string, FoundEntry])[],
  { dockerfile, ignoreFile }: OwnFiles,
): Promise<readonly ContextEntry[]> {
  const entries: ContextEntry[] = [];
  for (const [path, entry] of found) {
    const own = [dockerfile, ignoreFile].find((file) => file?.path === path);
    if (own !== undefined) entries.push({ kind: "file", ...own });
    else if (entry.kind !== "file") entries.push({ ...entry, path });
    else {
      const content = await digestFile(() => openOwnFile(root, path), path);
      if (content !== undefined) entries.push({ kind: "file", path, ...content });
    }
  }
  return entries;
}

/**
 * Files that polycrate adds are left out: the workspace's owner cannot change them. The Dockerfile counts as it is in the
 * workspace, and the digests of its images by themselves, so that the reason of a build names what changed.
 */
function digestsOf(
  entries: readonly ContextEntry[],
  { name, file }: DockerfilePaths & { readonly file: string },
  found: ReadonlyMap<string, FoundEntry>,
  written: Buffer,
  pinned: PinnedDockerfile | undefined,
): ReadonlyMap<string, string> {
  const named = entries.flatMap((entry): readonly (readonly [string, string])[] => {
    if (entry.path === file && entry.kind === "file")
      return [[name, describeEntry({ ...entry, digest: sha256(written) })]];
    const isOwn = entry.path === generalIgnoreFile && !found.has(generalIgnoreFile);
    return isOwn ? [] : [[entry.path, describeEntry(entry)]];
  });
  const images =
    pinned === undefined ? [] : [[lockedImages, describeEntry(fileEntryOf(pinned.changes))] as const];
  return new Map(sortedByBytes(new Map([...named, ...images])));
}

/** What the digests of a Dockerfile's images are called. */
const lockedImages = "images of polycrate.lock";

function fileEntryOf(content: string): ContextEntry {
  return { kind: "file", ...fileOf("", content) };
}

function describeEntry(entry: ContextEntry): string {
  if (entry.kind === "link") return `-> ${entry.target}`;
  const mode = entry.mode.toString(8).padStart(4, "0");
  return entry.kind === "file" ? `${mode} ${entry.digest}` : `${mode} directory`;
}

/** Names and link targets cannot contain a NUL, so different contexts never have the same text. */
function contextHash(file: string, sentAs: Delivery["sentAs"], entries: readonly ContextEntry[]): string {
  const version = { tar: 1, folder: 2 }[sentAs];
  const hasher = new Bun.CryptoHasher("sha256").update(`polycrate build context ${version}\0${file}\0`);
  for (const entry of entries) hasher.update(`${entry.path}\0${describeEntry(entry)}\0`);
  return hasher.digest("hex");
}
