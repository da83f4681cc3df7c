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
