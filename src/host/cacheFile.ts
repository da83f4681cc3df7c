import { deserialize, serialize } from "bun:jsc";
import { cacheFolder, type PrivateFolder, readPrivateFile, writePrivateFile } from "./privateFolder.ts";

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

/** A file of the folder. */
export type CacheFile = {
  /** Returns the value that the same build wrote; undefined when there is none, or it fails a check. */
  readonly read: () => unknown;
  /** Replaces the value; one that is too large is not kept. Never throws. */
  readonly write: (value: unknown) => void;
};

/** Returns the file for a purpose (`parsed`) and what it is about (the path of a workspace). */
export function cacheFile(folder: CacheFolder, purpose: string, subject: string): CacheFile {
  const name = digestOf([folder.program, purpose, subject].join("\0")).toString("hex");
  const hash = (value: Uint8Array) => digestOf(folder.program, value);
  return {
    read: () => {
      const bytes = readPrivateFile(folder, name, hashLength + mostBytesInFile);
      const value = bytes?.subarray(hashLength);
      if (bytes === undefined || value === undefined) return undefined;
      return hash(value).equals(bytes.subarray(0, hashLength)) ? deserialize(value) : undefined;
    },
    write: (value) => {
      const bytes = serialize(value, { binaryType: "nodebuffer" });
      if (bytes.length > mostBytesInFile) return;
      writePrivateFile(folder, name, Buffer.concat([hash(bytes), bytes]), limits);
    },
  };
}

/** A file is the hash of the program and the value, followed by the value. */
const hashLength = 32;

/** Enough for about 20,000 blocks of 20 actions in one workspace, and for any number of small workspaces. */
const mostBytesInFile = 64 * 1024 * 1024;
const limits = { files: 200, bytes: 256 * 1024 * 1024 };

function digestOf(...parts: readonly (string | Uint8Array)[]): Buffer {
  const hasher = new Bun.CryptoHasher("sha256");
  for (const part of parts) hasher.update(part);
  return hasher.digest();
}
