import { deserialize, serialize } from "bun:jsc";
import { isAbsolute, join } from "node:path";
import { ownerAt, type PrivateFolder, readPrivateFile, writePrivateFile } from "../../host/privateFolder.ts";
import { type PolyFile, type PolyKind, parsePolyFile } from "./polyFile.ts";

/** Parses `.poly` files, and remembers what they were parsed to from one command to the next. */
export type PolyCache = {
  readonly parse: (kind: PolyKind, path: string, text: string) => PolyFile;
  /** Keeps what `parse` was asked for since the cache was opened, and nothing else. Never throws. */
  readonly save: () => void;
};

/** Where parsed files may be kept: a folder of this user alone, which is made when it is missing. */
export type CacheFolder = PrivateFolder & {
  /** Names the program that parses, down to its sources: another one never sees this one's values. */
  readonly program: string;
};

/** Parses every file anew, and keeps nothing. */
export const noCache: PolyCache = { parse: parsePolyFile, save: () => {} };

/**
 * Returns the user's folder for parsed files: `polycrate` in `XDG_CACHE_HOME` or `~/.cache`; undefined where there is no
 * such place that is the user's own, as for root with the home of the caller (`sudo -E`), or a program that has no name.
 */
export function cacheFolderOf(
  environment: NodeJS.ProcessEnv,
  uid: number,
  program: string | undefined,
): CacheFolder | undefined {
  const { XDG_CACHE_HOME: named = "", HOME: home = "" } = environment;
  const base = isAbsolute(named) ? named : isAbsolute(home) ? join(home, ".cache") : undefined;
  if (base === undefined || program === undefined) return undefined;
  return ownerAt(base) === uid ? { path: join(base, "polycrate"), uid, program } : undefined;
}

/**
 * Opens the cache for one workspace. A value is found by the hash of the very text that is being parsed, so it cannot be
 * stale; the whole file is hashed, and belongs to the user in a folder that nobody else may enter, so it cannot be
 * another's. Whatever is not as it should be counts as not there.
 */
export function openPolyCache(folder: CacheFolder, workspace: string): PolyCache {
  const file = hashOf(folder.program, workspace);
  const known = readEntries(file, folder);
  const used = new Map<string, Entry>();
  return {
    parse: (kind, path, text) => {
      const key = hashOf(kind, path, text);
      const entry = known.get(key) ?? entryOf(parsePolyFile(kind, path, text));
      used.set(key, entry);
      return { path, text, ...entry };
    },
    save: () => {
      const isKept = used.size === known.size && [...used.keys()].every((key) => known.has(key));
      if (!isKept) writeEntries(file, folder, used);
    },
  };
}

/** What a parsed file has besides its path and text. */
type Entry = Pick<PolyFile, "value" | "problems">;

function entryOf({ value, problems }: PolyFile): Entry {
  return { value, problems };
}

function hashOf(...parts: readonly string[]): string {
  return sha256(parts.join("\0")).toString("hex");
}

function sha256(...parts: readonly (string | Uint8Array)[]): Buffer {
  const hasher = new Bun.CryptoHasher("sha256");
  for (const part of parts) hasher.update(part);
  return hasher.digest();
}

/** A file is the hash of the program's name and the values, then the values. */
const hashLength = 32;

/** Enough for about 20,000 blocks of 20 actions in one workspace, and for any number of small workspaces. */
const mostBytesInFile = 64 * 1024 * 1024;
const limits = { files: 200, bytes: 256 * 1024 * 1024 };

function readEntries(file: string, folder: CacheFolder): ReadonlyMap<string, Entry> {
  const bytes = readPrivateFile(folder, file, hashLength + mostBytesInFile);
  const values = bytes?.subarray(hashLength);
  if (bytes === undefined || values === undefined) return new Map();
  const isWhole = sha256(folder.program, values).equals(bytes.subarray(0, hashLength));
  const entries: unknown = isWhole ? deserialize(values) : undefined;
  return isEntries(entries) ? entries : new Map();
}

/** The hash has shown that these are values which `writeEntries` of this very program wrote. */
function isEntries(value: unknown): value is ReadonlyMap<string, Entry> {
  return value instanceof Map;
}

function writeEntries(file: string, folder: CacheFolder, entries: ReadonlyMap<string, Entry>): void {
  const values = serialize(entries, { binaryType: "nodebuffer" });
  if (values.length > mostBytesInFile) return;
  writePrivateFile(folder, file, Buffer.concat([sha256(folder.program, values), values]), limits);
}
