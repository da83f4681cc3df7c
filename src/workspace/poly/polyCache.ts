import { deserialize, serialize } from "bun:jsc";
import {
  chmodSync,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import { type PolyFile, type PolyKind, parsePolyFile } from "./polyFile.ts";

/** Parses `.poly` files, and remembers what they were parsed to from one command to the next. */
export type PolyCache = {
  readonly parse: (kind: PolyKind, path: string, text: string) => PolyFile;
  /** Keeps what `parse` was asked for since the cache was opened, and nothing else. Never throws. */
  readonly save: () => void;
};

/** Where parsed files may be kept: a folder of this user alone, which is made when it is missing. */
export type CacheFolder = {
  readonly path: string;
  readonly uid: number;
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
  const owner = ownerOf(base) ?? ownerOf(dirname(base));
  return owner === uid ? { path: join(base, "polycrate"), uid, program } : undefined;
}

function ownerOf(path: string): number | undefined {
  return attempt(() => statSync(path).uid);
}

/** Whatever goes wrong here, the cache does without. */
function attempt<Value>(step: () => Value): Value | undefined {
  try {
    return step();
  } catch {
    return undefined;
  }
}

/**
 * Opens the cache for one workspace. A value is found by the hash of the very text that is being parsed, so it cannot be
 * stale; the whole file is hashed, and belongs to the user in a folder that nobody else may enter, so it cannot be
 * another's. Whatever is not as it should be counts as not there.
 */
export function openPolyCache(folder: CacheFolder, workspace: string): PolyCache {
  const file = join(folder.path, hashOf(folder.program, workspace));
  const known = isPrivate(folder) ? readEntries(file, folder) : new Map<string, Entry>();
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

/** A folder that is a link, another's, or open to others could hold anything. */
function isPrivate({ path, uid }: CacheFolder): boolean {
  const status = attempt(() => lstatSync(path));
  return status?.isDirectory() === true && status.uid === uid && (status.mode & 0o077) === 0;
}

/** A file is the hash of the program's name and the values, then the values. */
const hashLength = 32;

function readEntries(file: string, folder: CacheFolder): ReadonlyMap<string, Entry> {
  const entries: unknown = attempt(() => {
    const bytes = readOwn(file, folder.uid);
    const values = bytes.subarray(hashLength);
    const isWhole = sha256(folder.program, values).equals(bytes.subarray(0, hashLength));
    return isWhole ? deserialize(values) : undefined;
  });
  return isEntries(entries) ? entries : new Map();
}

/** The hash has shown that these are values which `writeEntries` of this very program wrote. */
function isEntries(value: unknown): value is ReadonlyMap<string, Entry> {
  return value instanceof Map;
}

/** Reads a file of this user; throws on a link, a pipe, or another's. */
function readOwn(file: string, uid: number): Buffer {
  const descriptor = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const status = fstatSync(descriptor);
    if (!status.isFile() || status.uid !== uid) throw new Error(`${file} is no file of uid ${uid}`);
    return readFileSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Enough for about 20,000 blocks of 20 actions in one workspace, and for any number of small workspaces. */
const mostBytesInFile = 64 * 1024 * 1024;
const mostBytes = 256 * 1024 * 1024;
const mostFiles = 200;

/** Writes a new file and renames it, so that readers find a whole one; no more when this fails than the old one is left. */
function writeEntries(file: string, folder: CacheFolder, entries: ReadonlyMap<string, Entry>): void {
  const values = serialize(entries, { binaryType: "nodebuffer" });
  if (values.length > mostBytesInFile) return;
  attempt(() => makeFolder(folder));
  if (!isPrivate(folder)) return;
  const unfinished = `${file}.${process.pid}`;
  const bytes = Buffer.concat([sha256(folder.program, values), values]);
  attempt(() => {
    writeFileSync(unfinished, bytes, { flag: "wx", mode: 0o600 });
    renameSync(unfinished, file);
  });
  attempt(() => rmSync(unfinished, { force: true }));
  attempt(() => removeOldest(folder));
}

/** The XDG specification wants 0700 for a folder that is missing; the umask may have taken from it. */
function makeFolder({ path }: CacheFolder): void {
  if (mkdirSync(path, { recursive: true, mode: 0o700 }) !== undefined) chmodSync(path, 0o700);
}

function removeOldest({ path }: CacheFolder): void {
  const files = readdirSync(path).flatMap((name) => attempt(() => fileIn(path, name)) ?? []);
  let bytes = 0;
  for (const [index, file] of files.sort((one, other) => other.mtimeMs - one.mtimeMs).entries()) {
    bytes += file.size;
    if (index >= mostFiles || bytes > mostBytes) rmSync(file.path, { force: true });
  }
}

function fileIn(folder: string, name: string) {
  const path = join(folder, name);
  const { size, mtimeMs } = lstatSync(path);
  return { path, size, mtimeMs };
}
