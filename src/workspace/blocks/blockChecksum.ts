import { readdirSync } from "node:fs";
import { openToRead, readOpened } from "../../host/read.ts";

/** More than blocks of scripts, playbooks and charts have; what an action left in the folder may be larger. */
const mostEntries = 1_000;
const mostBytes = 8 * 1024 * 1024;

/**
 * Returns the MD5 that the Go program gave to a block's folder: of the absolute paths and contents of its files, folded as
 * github.com/gosimple/hashdir does. Links are left out. Undefined for a folder that cannot be read or holds too much.
 */
export function blockChecksum(folder: string): string | undefined {
  const left = { entries: mostEntries, bytes: mostBytes };
  try {
    return md5(foldFolder("", folder, left));
  } catch {
    return undefined;
  }
}

type Left = { entries: number; bytes: number };

/** The hash is hashed anew at each file and folder, in the order of their names. */
function foldFolder(hash: string, folder: string, left: Left): string {
  let folded = md5(hash);
  const entries = readdirSync(folder, { withFileTypes: true });
  for (const entry of entries.sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)))) {
    const path = `${folder}/${entry.name}`;
    left.entries -= 1;
    if (left.entries < 0) throw new Error(`${folder} holds too much`);
    if (entry.isDirectory()) folded = foldFolder(folded, path, left);
    else if (entry.isFile()) folded = md5(folded) + md5(path) + md5(readWithin(path, left));
  }
  return folded;
}

function readWithin(path: string, left: Left): Buffer {
  const content = readOpened(openToRead(path, "refuse"), left.bytes);
  if (typeof content === "string") throw new Error(`${path} is ${content}`);
  left.bytes -= content.length;
  return content;
}

function md5(data: string | Uint8Array): string {
  return new Bun.CryptoHasher("md5").update(data).digest("hex");
}
