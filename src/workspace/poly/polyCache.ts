import { deserialize, serialize } from "bun:jsc";
import { type CacheFolder, cacheFile } from "../../host/cacheFile.ts";
import { type FileStamp, fileStamp } from "../../host/fileStatus.ts";
import type { YamlKey, YamlMap, YamlValue } from "../../yaml/value.ts";
import { fileWithProblem, type PolyFile, parsePolyFile, textDigest } from "./polyFile.ts";
import type { PolyKind } from "./polyKind.ts";
import { readPolyText } from "./readPolyText.ts";

/** Reads `.poly` files, and keeps the parsed values from one command to the next. */
export type PolyCache = {
  /** Returns the file at a path relative to the workspace; one that cannot be read has only a problem. */
  readonly read: (kind: PolyKind, path: string) => PolyFile;
  /** Keeps the files that were read since the cache was opened, and no others. Never throws. */
  readonly save: () => void;
};

/** Reads and parses every file of the workspace each time, and keeps nothing. */
export function noPolyCache(workspace: string): PolyCache {
  return {
    read: (kind, path) => {
      const read = readPolyText(workspace, path);
      return "text" in read ? parsePolyFile(kind, path, read.text) : fileWithProblem(read.problem);
    },
    save: () => {},
  };
}

/**
 * Opens the cache for one workspace. A file with the stamp it had when it was read is not read again; it is recognized by the
 * hash of its text otherwise. The file of the cache has a hash and is in a private folder of the user, so it cannot be another
 * user's.
 */
export function openPolyCache(folder: CacheFolder, workspace: string): PolyCache {
  const opened = Date.now();
  const file = cacheFile(folder, "parsed", workspace);
  const known = keptEntries(file.read());
  const used = new Map<string, KeptFile>();
  const read = (kind: PolyKind, path: string): Read => {
    const entry = known.get(path);
    const kept = entry?.kind === kind ? entry : undefined;
    // Before the file is read: a later change gives it another stamp.
    const stamp = fileStamp(`${workspace}/${path}`);
    if (kept?.identity !== undefined && kept.identity === stamp?.identity && !folder.verify)
      return { file: polyFileOf(kept, path, () => laterText(workspace, path)), entry: kept };
    const found = readPolyText(workspace, path);
    if ("problem" in found) return { file: fileWithProblem(found.problem), entry: undefined };
    const { text } = found;
    const identity = settledIdentity(stamp, opened);
    if (kept?.digest === textDigest(text)) {
      const entry = kept.identity === identity ? kept : { ...kept, identity };
      return { file: polyFileOf(kept, path, () => text), entry };
    }
    const parsed = parsePolyFile(kind, path, text);
    return { file: parsed, entry: keptEntry(kind, identity, parsed) };
  };
  return {
    read: (kind, path) => {
      const { file, entry } = read(kind, path);
      if (entry !== undefined) used.set(path, entry);
      return file;
    },
    save: () => {
      const isKept =
        used.size === known.size && [...used].every(([path, entry]) => known.get(path) === entry);
      if (!isKept) file.write(used);
    },
  };
}

type Read = { readonly file: PolyFile; readonly entry: KeptFile | undefined };

/** A file as it is kept, by its path. The value is deserialized only if it is needed. */
type KeptFile = Pick<PolyFile, "head" | "hasSources" | "digest" | "problems"> & {
  readonly kind: PolyKind;
  /** The file is what it was while its stamp has this identity; undefined when that would not be certain. */
  readonly identity: string | undefined;
  readonly value: Uint8Array;
};

/**
 * A file that was changed right before it was read could be changed again without another time (git calls it racily clean). The
 * time is that of the cache's opening, and with coarse clocks up to two seconds off.
 */
function settledIdentity(stamp: FileStamp | undefined, opened: number): string | undefined {
  return stamp !== undefined && stamp.changed < opened - 2_000 ? stamp.identity : undefined;
}

function keptEntry(kind: PolyKind, identity: string | undefined, file: PolyFile): KeptFile {
  const { head, hasSources, digest, problems } = file;
  const value = serialize(file.value, { binaryType: "nodebuffer" });
  return { kind, identity, head, hasSources, digest, problems, value };
}

function polyFileOf(entry: KeptFile, path: string, readText: () => string): PolyFile {
  let [text, value]: [string?, YamlMap?] = [];
  return {
    path,
    get text() {
      text ??= readText();
      return text;
    },
    get value() {
      value ??= yamlMapOf(deserialize(entry.value));
      return value;
    },
    head: entry.head,
    hasSources: entry.hasSources,
    digest: entry.digest,
    problems: entry.problems,
  };
}

/** Only positions in messages need the text again; they are wrong if the file changes during the command. */
function laterText(workspace: string, path: string): string {
  const read = readPolyText(workspace, path);
  return "text" in read ? read.text : "";
}

/** Needs no more checks: the hash of the cache's file proves that the same build wrote it. */
function keptEntries(kept: unknown): ReadonlyMap<string, KeptFile> {
  return isMap<string, KeptFile>(kept) ? kept : new Map();
}

function yamlMapOf(kept: unknown): YamlMap {
  return isMap<YamlKey, YamlValue>(kept) ? kept : new Map();
}

function isMap<Key, Value>(kept: unknown): kept is ReadonlyMap<Key, Value> {
  return kept instanceof Map;
}
