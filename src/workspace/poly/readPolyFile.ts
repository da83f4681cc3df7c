import type { PolyCache } from "./polyCache.ts";
import type { PolyFile } from "./polyFile.ts";
import type { PolyKind } from "./polyKind.ts";
import { readPolyText } from "./readPolyText.ts";

/** Reads and parses the file at a path relative to the workspace; a file that cannot be read has only a problem. */
export function readPolyFile(kind: PolyKind, workspace: string, path: string, cache: PolyCache): PolyFile {
  const read = readPolyText(workspace, path);
  if ("text" in read) return cache.parse(kind, path, read.text);
  return { path, text: "", value: new Map(), problems: [read.problem] };
}
