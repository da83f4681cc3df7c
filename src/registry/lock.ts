import { exitCodes, PolycrateError } from "../errors.ts";
import { replaceFile } from "../host/files.ts";
import { readOwnFile } from "../host/filesBelow.ts";
import { isImageReference } from "../workspace/lint/lintImage.ts";

/** The lock file, relative to the workspace. */
export const lockFile = "polycrate.lock";

/**
 * What a lock file names: images and blocks of a registry; and, for information, the toolchain image, which is built from pinned
 * downloads, and these.
 */
export type LockKind = "block" | "image" | "tool" | "toolchain";

const kinds: readonly LockKind[] = ["block", "image", "tool", "toolchain"];

/** One line of a lock file: a name, and the SHA-256 of what it means. */
export type LockEntry = { readonly kind: LockKind; readonly name: string; readonly digest: string };

/** The lines of a lock file. A kind and name occur once. */
export type Lock = readonly LockEntry[];

/** Returns the text of a lock file: sorted, a line for each entry, so that changes merge and nothing else differs. */
export function formatLock(lock: Lock): string {
  const lines = lock.map(({ kind, name, digest }) => `${kind} ${name} ${digest}\n`);
  return head + lines.sort((one, other) => (one < other ? -1 : 1)).join("");
}

const head =
  "# The images and blocks of this workspace by their content. Written by `polycrate lock`; commit this file.\n";

/** Reads the text of a lock file. Throws (65) at the first line that is not understood, or that contradicts an earlier one. */
export function parseLock(text: string): Lock {
  const entries = new Map<string, LockEntry>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line === "" || line.startsWith("#")) continue;
    const fail = (message: string, hint: string) =>
      new PolycrateError(message, {
        hint,
        exitCode: exitCodes.invalidWorkspace,
        position: { file: lockFile, line: index + 1, column: 1 },
      });
    if (/^(?:<{7}|={7}|>{7}|\|{7})(?: |$)/.test(line)) {
      throw fail("the lock file has a merge conflict", "resolve it, or run `polycrate lock --update`");
    }
    const entry = readLine(line);
    if (entry === undefined) {
      throw fail(
        "expected `KIND NAME sha256:DIGEST`",
        "`polycrate lock --update` writes the file anew; a newer polycrate may have written it",
      );
    }
    const key = `${entry.kind} ${entry.name}`;
    if (entries.has(key)) {
      throw fail(`${entry.kind} \`${entry.name}\` is locked twice`, "keep one of the two lines");
    }
    entries.set(key, entry);
  }
  return [...entries.values()];
}

function readLine(line: string): LockEntry | undefined {
  const [, word, name = "", digest = ""] = /^(\S+) (\S+) (sha256:[0-9a-f]{64})$/.exec(line) ?? [];
  const kind = kinds.find((one) => one === word);
  return kind === undefined || !isImageReference(name) ? undefined : { kind, name, digest };
}

/** Returns the workspace's lock; undefined when it has none. Throws (65) when the file cannot be read or understood. */
export function readLock(workspace: string): Lock | undefined {
  const content = readOwnFile(workspace, lockFile, largestLock);
  if (content === "missing") return undefined;
  if (typeof content !== "string") return parseLock(content.toString());
  throw new PolycrateError(`\`${lockFile}\` cannot be read: it is ${content}`, {
    hint: "it has to be a file of at most 4 MB in the workspace; links are not followed",
    exitCode: exitCodes.invalidWorkspace,
  });
}

const largestLock = 4_000_000;

/** Writes the lock file by renaming a complete one. Throws (73). */
export function writeLock(workspace: string, lock: Lock): void {
  replaceFile(workspace, lockFile, formatLock(lock), 0o644);
}

/** Returns the digest that a name is locked to; undefined when it is not locked. */
export function lockedDigest(lock: Lock, kind: LockKind, name: string): string | undefined {
  return lock.find((entry) => entry.kind === kind && entry.name === name)?.digest;
}
