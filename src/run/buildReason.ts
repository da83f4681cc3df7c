import { createFileUnlessThere, readOwnText, replaceFile } from "../host/files.ts";
import type { BuildContext } from "../image/buildContext.ts";
import { changesBetween } from "../image/changes.ts";

/** What the workspace's last image was built from; only an explanation hangs on it. */
const builtFile = ".polycrate/cache/built.json";

/** Returns why the image of a context has to be built, as a clause: what changed since the one it built last. */
export function buildReason(workspace: string, context: BuildContext): string {
  const before = lastBuilt(workspace);
  if (before === undefined) return "this workspace has no image yet";
  return changesBetween(before, context) ?? "the engine does not have it";
}

/** Remembers what an image was built from. Throws (73). */
export function rememberBuilt(workspace: string, { digests }: BuildContext): void {
  createFileUnlessThere(workspace, ".polycrate/.gitignore", "*\n", 0o644);
  replaceFile(workspace, builtFile, `${JSON.stringify(Object.fromEntries(digests))}\n`, 0o644);
}

function lastBuilt(workspace: string): ReadonlyMap<string, string> | undefined {
  try {
    const value: unknown = JSON.parse(readOwnText(workspace, builtFile, largest) ?? "");
    if (typeof value !== "object" || value === null) return undefined;
    return new Map(Object.entries(value).map(([path, digest]) => [path, String(digest)]));
  } catch {
    return undefined;
  }
}

/** The digests of half a million files. */
const largest = 64_000_000;
