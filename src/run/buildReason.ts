import { createFileUnlessThere, replaceFile } from "../host/files.ts";
import { readOwnFile } from "../host/filesBelow.ts";
import type { BuildContext } from "../image/buildContext.ts";
import { changesBetween } from "../image/changes.ts";

/** What the workspace's last image was built from; used only to explain a build. */
const builtFile = ".polycrate/cache/built.json";

/** Returns why the image of a context has to be built, as a clause: what changed since the one it built last. */
export function buildReason(workspace: string, context: BuildContext): string {
  const text = readOwnFile(workspace, builtFile, largest);
  if (text === "missing") return "this workspace has no image yet";
  const before = typeof text === "string" ? undefined : digestsIn(text.toString());
  return (before && changesBetween(before, context)) ?? "the engine does not have the image";
}

/** Remembers what an image was built from. Throws (73). */
export function rememberBuilt(workspace: string, { digests }: BuildContext): void {
  createFileUnlessThere(workspace, ".polycrate/.gitignore", "*\n", 0o644);
  replaceFile(workspace, builtFile, `${JSON.stringify(Object.fromEntries(digests))}\n`, 0o644);
}

function digestsIn(text: string): ReadonlyMap<string, string> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return undefined;
    return new Map(Object.entries(value).map(([path, digest]) => [path, String(digest)]));
  } catch {
    return undefined;
  }
}

/** In bytes: enough for the digests of tens of thousands of files, and still parsed in seconds whatever the file contains. */
const largest = 8_000_000;
