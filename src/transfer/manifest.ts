import { parseJson } from "../host/json.ts";

/** What a path of the workspace was when it was sent; a change of it here is found by these. */
export type SentEntry = {
  readonly kind: "file" | "directory" | "link";
  readonly size: number;
  /** In nanoseconds since 1970. */
  readonly mtime: bigint;
  readonly inode: bigint;
  /** The twelve permission bits. */
  readonly mode: number;
};

/** What was sent, by its path relative to the workspace, as `decodeName` returns it; the workspace's own is `.`. */
export type Manifest = ReadonlyMap<string, SentEntry>;

/** Returns the manifest as text, for the files of a run: what a run has sent must be known also when another process fetches it. */
export function writeManifest(manifest: Manifest): string {
  const lines = [...manifest].map(([path, { kind, size, mtime, inode, mode }]) =>
    JSON.stringify([path, kind, size, String(mtime), String(inode), mode]),
  );
  return `${lines.join("\n")}\n`;
}

/** Returns the manifest in such a text; undefined for one that is not complete. */
export function readManifest(text: string): Manifest | undefined {
  const lines = text.split("\n");
  if (lines.pop() !== "") return undefined;
  const entries = lines.map((line) => sentEntry(parseJson(line)));
  const isWhole = (entry: (typeof entries)[number]) => entry !== undefined;
  return entries.every(isWhole) ? new Map(entries.filter(isWhole)) : undefined;
}

function sentEntry(value: unknown): readonly [string, SentEntry] | undefined {
  if (!Array.isArray(value)) return undefined;
  const [path, kind, size, mtime, inode, mode]: readonly unknown[] = value;
  const isKind = kind === "file" || kind === "directory" || kind === "link";
  if (typeof path !== "string" || !isKind || typeof size !== "number" || typeof mode !== "number")
    return undefined;
  if (!isIntegerText(mtime) || !isIntegerText(inode)) return undefined;
  return [path, { kind, size, mtime: BigInt(mtime), inode: BigInt(inode), mode }];
}

function isIntegerText(value: unknown): value is string {
  return typeof value === "string" && /^-?\d{1,20}$/.test(value);
}
