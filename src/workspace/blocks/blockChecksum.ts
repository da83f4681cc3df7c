import { readdirSync } from "node:fs";
import { openToRead, readOpened } from "../../host/read.ts";

/** More than blocks of scripts, playbooks and charts have; files that an action wrote there may be larger. */
const mostEntries = 1_000;
const mostBytes = 8 * 1024 * 1024;

/**
 * Returns the MD5 that the Go program computed of a block's folder: of the absolute paths and contents of its files, as
 * github.com/gosimple/hashdir does. Links are left out. Undefined for a folder that cannot be read or is too large.
 */
export function blockChecksum(folder: string): string | undefined {
  const remaining = { entries: mostEntries, bytes: mostBytes };
  try {
    return md5(foldFolder("", folder, remaining));
  } catch {
    return undefined;
  }
}

type Remaining = { entries: number; bytes: number };

/** Each file and folder, in the order of their names, hashes the hash so far again. */
function foldFolder(hash: string, folder: string, remaining: Remaining): string {
  let folded = md5(hash);
  const entries = readdirSync(folder, { withFileTypes: true });
  for (const entry of entries.sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)))) {
    const path = `${folder}/${entry.name}`;
    remaining.entries -= 1;
    if (remaining.entries < 0) throw new Error(`${folder} is too large`);
    if (entry.isDirectory()) folded = foldFolder(folded, path, remaining);
    else if (entry.isFile()) folded = md5(folded) + md5(path) + md5(readWithin(path, remaining));
  }
  return folded;
}

function readWithin(path: string, remaining: Remaining): Buffer {
  const content = readOpened(openToRead(path, "refuse"), remaining.bytes);
  if (typeof content === "string") throw new Error(`${path} is ${content}`);
  remaining.bytes -= content.length;
  return content;
}

function md5(data: string | Uint8Array): string {
  return new Bun.CryptoHasher("md5").update(data).digest("hex");
}
