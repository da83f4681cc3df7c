import { parseJson } from "../host/json.ts";
import type { Manifest, SentEntry } from "./manifest.ts";

/** Returns the manifest as text, a line an entry. */
export function writeManifest(manifest: Manifest): string {
  const lines = Array.from(manifest, ([path, { kind, size, mtime, inode, mode }]) =>
    JSON.stringify([path, kind, size, String(mtime), String(inode), mode]),
  );
  return `${lines.join("\n")}\n`;
}

/** Returns the manifest of such a text. A line that is not one is left out: its path counts as never sent. */
export function readManifest(text: string): Manifest {
  return new Map(text.split("\n").flatMap((line) => entryIn(parseJson(line))));
}

function entryIn(line: unknown): readonly [string, SentEntry][] {
  if (!Array.isArray(line)) return [];
  const [path, kind, size, mtime, inode, mode]: readonly unknown[] = line;
  const known = kinds.find((one) => one === kind);
  const isNumber = (value: unknown): value is number => Number.isSafeInteger(value);
  const isDigits = (value: unknown): value is string =>
    typeof value === "string" && /^-?\d{1,30}$/.test(value);
  return typeof path === "string" &&
    known !== undefined &&
    isNumber(size) &&
    isNumber(mode) &&
    isDigits(mtime) &&
    isDigits(inode)
    ? [[path, { kind: known, size, mtime: BigInt(mtime), inode: BigInt(inode), mode }]]
    : [];
}

const kinds = ["file", "directory", "link"] as const;
