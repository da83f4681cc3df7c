import { posix } from "node:path";
import { exitCodes, PolycrateError } from "../errors.ts";

/**
 * A file, folder or link of a block; its path is relative to the block's folder, with slashes. A file keeps only whether it can be
 * executed: everything else of its mode belongs to the machine that it is on.
 */
export type BlockEntry =
  | {
      readonly path: string;
      readonly kind: "file";
      readonly executable: boolean;
      readonly content: Uint8Array;
    }
  | { readonly path: string; readonly kind: "directory" }
  | { readonly path: string; readonly kind: "link"; readonly target: string };

/** A block is scripts, playbooks and charts; more is a mistake, or an attack. In bytes, of all files together. */
export const largestBlock = 100_000_000;

/** The most files, folders and links of a block. */
export const mostEntries = 10_000;

/** The file in a block's folder that says where it comes from; it is no part of the block. */
export const originFile = ".polycrate-block";

/** Returns the error (65) for something that no block may have; `what` is the image or folder that has it. */
export function badBlock(what: string, message: string): PolycrateError {
  return new PolycrateError(`${what}: ${message}`, {
    hint: "nothing was written; a block has plain files, folders, and relative links inside of it",
    exitCode: exitCodes.invalidWorkspace,
  });
}

/** Returns why a path cannot be one of a block, as a clause; undefined when it can. */
export function wrongPath(path: string): string | undefined {
  if (path.startsWith("/")) return `\`${path}\` is an absolute path`;
  const parts = path.split("/");
  if (parts.some((part) => part === "..")) return `\`${path}\` leaves the block's folder`;
  if (parts.some((part) => part === "" || part === ".")) return `\`${path}\` is not a plain path`;
  if (unsafe.test(path)) return `the name \`${path}\` has control or invisible characters, or is not UTF-8`;
  if (path.length > 1000 || parts.length > 50 || parts.some((part) => Buffer.byteLength(part) > 255))
    return `the path \`${path.slice(0, 100)}…\` is too long`;
  return undefined;
}

const unsafe = /[\\\uFFFD\p{Cs}\p{Cc}\p{Cf}\p{DI}\p{Zl}\p{Zp}]/u;

/**
 * Returns why a link may lead out of the block, as a clause; undefined when it cannot. After a name a `..` could leave by way of
 * another link, so it may only be at the beginning.
 */
export function wrongLink(path: string, target: string): string | undefined {
  const shown = `the link \`${path}\` leads to \`${target}\``;
  const [, up = "", rest = ""] = /^((?:\.\.\/)*(?:\.\.$)?)(.*)$/.exec(target) ?? [];
  const depth = path.split("/").length - 1;
  const leaves =
    target.startsWith("/") || up.split("..").length - 1 > depth || rest.split("/").includes("..");
  if (leaves) return `${shown}, out of the block's folder`;
  return target === "" || unsafe.test(target) || target.length > 1000
    ? `${shown}, which is not a path`
    : undefined;
}

/**
 * Adds an entry to those of the layers below, and the folders above it; what it replaces goes. Throws (65) for one below a file or a
 * link, and when there are too many.
 */
export function addEntry(entries: Map<string, BlockEntry>, entry: BlockEntry, what: string): void {
  for (let above = posix.dirname(entry.path); above !== "."; above = posix.dirname(above)) {
    const found = entries.get(above);
    if (found !== undefined && found.kind !== "directory")
      throw badBlock(what, `\`${entry.path}\` is below \`${above}\`, which is a ${found.kind}`);
    if (found === undefined) entries.set(above, { path: above, kind: "directory" });
  }
  const before = entries.get(entry.path);
  if (entry.kind !== "directory" && before?.kind === "directory") removeBelow(entries, entry.path);
  entries.set(entry.path, entry);
  if (entries.size > mostEntries) throw tooMany(what);
}

/** Returns the error (65) for a block with too many files and folders. */
export function tooMany(what: string): PolycrateError {
  return badBlock(what, `it has more than ${mostEntries} files and folders`);
}

/** Removes what is below a folder, as a whiteout does; `.` is all. */
export function removeBelow(entries: Map<string, BlockEntry>, folder: string): void {
  for (const path of [...entries.keys()]) {
    if (folder === "." || path.startsWith(`${folder}/`)) entries.delete(path);
  }
}
