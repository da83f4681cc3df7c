import { deserialize, serialize } from "bun:jsc";
import { type CacheFolder, openCacheFile } from "../../host/cacheFile.ts";
import { type FileStamp, fileStamp } from "../../host/fileStatus.ts";
import type { YamlMap } from "../../yaml/value.ts";
import { fileWithProblem, type PolyFile, parsePolyFile, textDigest } from "./polyFile.ts";
import type { PolyKind } from "./polyKind.ts";
import { readPolyText } from "./readPolyText.ts";

/** Reads `.poly` files, and keeps the parsed values from one command to the next. */
export type PolyCache = {
  /** Returns the file at a path relative to the workspace; one that cannot be read has only a problem. */
  readonly read: (kind: PolyKind, path: string) => PolyFile;
  /** Keeps the files that were read since the cache was opened. Never throws. */
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
  const file = openCacheFile<KeptFile>(folder, "parsed", workspace);
  const used = new Map<string, KeptFile>();
  const read = (kind: PolyKind, path: string): Read => {
    const entry = file.entries.get(path);
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
    save: () => file.keep(used),
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
      value ??= keptValue(entry.value);
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

function keptValue(value: Uint8Array): YamlMap {
  const kept: unknown = deserialize(value);
  return isKeptMap(kept) ? kept : new Map();
}

/** Needs no more: what is kept was a map. */
function isKeptMap(kept: unknown): kept is YamlMap {
  return kept instanceof Map;
}
