import { chmodSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { exitCodes, PolycrateError } from "../errors.ts";
import { wrapFileError } from "./fileErrors.ts";
import { createFiles } from "./files.ts";
import { readOwnFile } from "./filesBelow.ts";

/** A file that is being edited in clear text, in a folder of its own that is removed at the end, and is kept when the editor fails. */
export type EditSession = {
  readonly folder: string;
  readonly name: string;
  /** The content before the first edit. */
  readonly before: Buffer;
  /** What was edited: the hash of the encrypted file, empty for a new one. */
  readonly base: string;
  /** Whether an earlier edit is continued. */
  readonly isResumed: boolean;
};

/** The files of a session beside the one that is edited, which may have any other name. */
const baseFile = ".polycrate-base";
const beforeFile = ".polycrate-before";

/** In bytes. */
const largestEdited = 16_000_000;

/**
 * Begins to edit, or continues an edit that ended without its end. `memory` is a folder of this user alone; `id` names what is
 * edited. Throws (73).
 */
export function beginEdit(
  memory: string,
  id: string,
  { name, content, base }: { readonly name: string; readonly content: Uint8Array; readonly base: string },
): EditSession {
  const own = `polycrate-edit-${new Bun.CryptoHasher("sha256").update(id).digest("hex").slice(0, 16)}`;
  const folder = join(memory, own);
  const [oldBase, oldBefore] = [baseFile, beforeFile].map((file) => readOwnFile(folder, file, largestEdited));
  const isKept = typeof readOwnFile(folder, name, largestEdited) !== "string";
  if (isKept && oldBase instanceof Buffer && oldBefore instanceof Buffer) {
    return { folder, name, before: oldBefore, base: oldBase.toString(), isResumed: true };
  }
  // A folder is there with all of its files, or not at all.
  const unfinished = `${folder}.new`;
  wrapFileError(folder, () => {
    for (const path of [folder, unfinished]) rmSync(path, { recursive: true, force: true });
    mkdirSync(unfinished, { mode: 0o700 });
    chmodSync(unfinished, 0o700);
  });
  const before = Buffer.from(content);
  const files = [
    { path: baseFile, content: base, mode: 0o600 },
    { path: beforeFile, content: before, mode: 0o600 },
    { path: name, content: before, mode: 0o600 },
  ];
  createFiles(unfinished, ".", files, 0o700);
  wrapFileError(folder, () => renameSync(unfinished, folder));
  return { folder, name, before, base, isResumed: false };
}

/** Returns what the file has now. Throws (73) when the editor removed it. */
export function editedContent({ folder, name }: EditSession): Buffer {
  const content = readOwnFile(folder, name, largestEdited);
  if (typeof content !== "string") return content;
  throw new PolycrateError(`the edited file is gone, or is no file of at most 16 MB: ${content}`, {
    hint: `look into \`${folder}\`, which is in memory`,
    exitCode: exitCodes.cannotWrite,
  });
}

/** Removes the file, and all that the editor has left beside it. Throws (73). */
export function endEdit({ folder }: Pick<EditSession, "folder">): void {
  wrapFileError(folder, () => rmSync(folder, { recursive: true, force: true }), "remove");
}
