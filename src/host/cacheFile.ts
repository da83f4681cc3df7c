import { deserialize, serialize } from "bun:jsc";
import {
  appendPrivateFile,
  cacheFolder,
  type PrivateFolder,
  readPrivateFile,
  writePrivateFile,
} from "./privateFolder.ts";

// What commands keep for the next one, to save time only. Without it, and with one that fails a check, everything works.

/** Where values are kept: a private folder of this user, which is made when it is missing. */
export type CacheFolder = PrivateFolder & {
  /** Identifies the build of polycrate, so that another build never reads its values. */
  readonly program: string;
  /** Whether files are recognized by their content alone, never by their times. */
  readonly verify: boolean;
};

/** Returns the user's folder for what is kept, as `cacheFolder` does; undefined also for a build without an id. */
export function cacheFolderOf(
  environment: NodeJS.ProcessEnv,
  uid: number,
  program: string | undefined,
): CacheFolder | undefined {
  const folder = cacheFolder(environment, uid);
  if (folder === undefined || program === undefined) return undefined;
  return { ...folder, program, verify: environment.POLYCRATE_CACHE === "verify" };
}

/** A file of the folder, with entries by name. */
export type CacheFile<Entry> = {
  /** What the same build wrote; nothing of a file that fails a check. */
  readonly entries: ReadonlyMap<string, Entry>;
  /** Keeps these entries; of those that are the same as before nothing is written. Never throws. */
  readonly keep: (entries: ReadonlyMap<string, Entry>) => void;
};

/**
 * Opens the file for a purpose (`parsed`) and what it is about (the path of a workspace). What changed since is added to it, so that
 * it costs as much as has changed; the file is written anew when more than a fifth of it is out of use.
 */
export function openCacheFile<Entry>(
  folder: CacheFolder,
  purpose: string,
  subject: string,
): CacheFile<Entry> {
  const name = digestOf([folder.program, purpose, subject].join("\0")).toString("hex");
  const bytes = readPrivateFile(folder, name, mostBytesInFile);
  const { entries, written, isWhole } = cachedParts<Entry>(bytes ?? Buffer.alloc(0), folder.program);
  return {
    entries,
    keep: (current) => {
      const added = new Map([...current].filter(([key, entry]) => entries.get(key) !== entry));
      const isInOrder = isWhole && written + added.size <= current.size * 1.25;
      if (isInOrder && added.size === 0) return;
      if (isInOrder && written > 0) {
        appendPrivateFile(folder, name, partOf(added, folder.program), mostBytesInFile);
      } else {
        const all = partOf(current, folder.program);
        if (all.length <= mostBytesInFile) writePrivateFile(folder, name, all, limits);
      }
    },
  };
}

type Parts<Entry> = {
  readonly entries: ReadonlyMap<string, Entry>;
  /** The number of entries in all parts, also of those that a later part replaces. */
  readonly written: number;
  /** False if something that is no part follows, such as one that could not be written to its end. */
  readonly isWhole: boolean;
};

function cachedParts<Entry>(bytes: Buffer, program: string): Parts<Entry> {
  const entries = new Map<string, Entry>();
  let [written, at] = [0, 0];
  while (at < bytes.length) {
    const content = partContentAt(bytes, at, program);
    const part: unknown = content === undefined ? undefined : deserialize(content);
    if (content === undefined || !isPart<Entry>(part)) return { entries, written, isWhole: false };
    for (const [key, entry] of part) entries.set(key, entry);
    written += part.size;
    at += headLength + content.length;
  }
  return { entries, written, isWhole: true };
}

/** Needs no more: the hash proves that the same build wrote it. */
function isPart<Entry>(part: unknown): part is ReadonlyMap<string, Entry> {
  return part instanceof Map;
}

/** A part is the hash of the program, the length and the content, the length, and the content. */
const hashLength = 32;
const headLength = hashLength + 4;

function partContentAt(bytes: Buffer, at: number, program: string): Buffer | undefined {
  const start = at + headLength;
  if (start > bytes.length) return undefined;
  const length = bytes.subarray(at + hashLength, start);
  const content = bytes.subarray(start, start + length.readUInt32LE());
  const hash = bytes.subarray(at, at + hashLength);
  return digestOf(program, length, content).equals(hash) ? content : undefined;
}

function partOf(entries: ReadonlyMap<string, unknown>, program: string): Buffer {
  const content = serialize(entries, { binaryType: "nodebuffer" });
  const length = Buffer.alloc(4);
  length.writeUInt32LE(content.length);
  return Buffer.concat([digestOf(program, length, content), length, content]);
}

/** Enough for about 20,000 blocks of 20 actions in one workspace, and for any number of small workspaces. */
const mostBytesInFile = 64 * 1024 * 1024;
const limits = { files: 200, bytes: 256 * 1024 * 1024 };

function digestOf(...parts: readonly (string | Uint8Array)[]): Buffer {
  const hasher = new Bun.CryptoHasher("sha256");
  for (const part of parts) hasher.update(part);
  return hasher.digest();
}
