import { deserialize, serialize } from "bun:jsc";
import {
  cacheFolder,
  type PrivateFolder,
  readPrivateFile,
  writePrivateFile,
} from "../../host/privateFolder.ts";
import { type PolyFile, parsePolyFile } from "./polyFile.ts";
import type { PolyKind } from "./polyKind.ts";

/** Parses `.poly` files, and keeps the parsed values from one command to the next. */
export type PolyCache = {
  readonly parse: (kind: PolyKind, path: string, text: string) => PolyFile;
  /** Writes the values that `parse` returned since the cache was opened, and no others. Never throws. */
  readonly save: () => void;
};

/** Where parsed files are kept: a private folder of this user, which is made when it is missing. */
export type CacheFolder = PrivateFolder & {
  /** Identifies the build of polycrate, so that another build never reads its values. */
  readonly program: string;
};

/** Parses every file each time, and keeps nothing. */
export const noCache: PolyCache = { parse: parsePolyFile, save: () => {} };

/** Returns the user's folder for parsed files, as `cacheFolder` does; undefined also for a build without an id. */
export function cacheFolderOf(
  environment: NodeJS.ProcessEnv,
  uid: number,
  program: string | undefined,
): CacheFolder | undefined {
  const folder = cacheFolder(environment, uid);
  return folder === undefined || program === undefined ? undefined : { ...folder, program };
}

/**
 * Opens the cache for one workspace. A value is found by the hash of the text that is being parsed, so it cannot be
 * stale; the cache file has a hash and is in a private folder of the user, so it cannot be another user's. A cache file
 * that fails a check is ignored.
 */
export function openPolyCache(folder: CacheFolder, workspace: string): PolyCache {
  const file = cacheKey(folder.program, workspace);
  const known = readEntries(file, folder);
  const used = new Map<string, CacheEntry>();
  return {
    parse: (kind, path, text) => {
      const key = cacheKey(kind, path, text);
      const entry = known.get(key) ?? cacheEntry(parsePolyFile(kind, path, text));
      used.set(key, entry);
      return { path, text, ...entry };
    },
    save: () => {
      const isKept = used.size === known.size && [...used.keys()].every((key) => known.has(key));
      if (!isKept) writeEntries(file, folder, used);
    },
  };
}

/** A parsed file without its path and text. */
type CacheEntry = Pick<PolyFile, "value" | "problems">;

function cacheEntry({ value, problems }: PolyFile): CacheEntry {
  return { value, problems };
}

function cacheKey(...parts: readonly string[]): string {
  return digestOf(parts.join("\0")).toString("hex");
}

function digestOf(...parts: readonly (string | Uint8Array)[]): Buffer {
  const hasher = new Bun.CryptoHasher("sha256");
  for (const part of parts) hasher.update(part);
  return hasher.digest();
}

/** A cache file is the hash of the program and the values, followed by the values. */
const hashLength = 32;

/** Enough for about 20,000 blocks of 20 actions in one workspace, and for any number of small workspaces. */
const mostBytesInFile = 64 * 1024 * 1024;
const limits = { files: 200, bytes: 256 * 1024 * 1024 };

function readEntries(file: string, folder: CacheFolder): ReadonlyMap<string, CacheEntry> {
  const bytes = readPrivateFile(folder, file, hashLength + mostBytesInFile);
  const values = bytes?.subarray(hashLength);
  if (bytes === undefined || values === undefined) return new Map();
  const isWhole = digestOf(folder.program, values).equals(bytes.subarray(0, hashLength));
  const entries: unknown = isWhole ? deserialize(values) : undefined;
  return isEntries(entries) ? entries : new Map();
}

/** Needs no more: the hash proves that `writeEntries` of the same build wrote the values. */
function isEntries(value: unknown): value is ReadonlyMap<string, CacheEntry> {
  return value instanceof Map;
}

function writeEntries(file: string, folder: CacheFolder, entries: ReadonlyMap<string, CacheEntry>): void {
  const values = serialize(entries, { binaryType: "nodebuffer" });
  if (values.length > mostBytesInFile) return;
  writePrivateFile(folder, file, Buffer.concat([digestOf(folder.program, values), values]), limits);
}
