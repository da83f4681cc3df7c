/** A file that is kept encrypted, and that an action finds decrypted at the path that it has without its ending. */
export type SecretFile = {
  /** Without the ending, relative to the workspace. */
  readonly path: string;
  /** Returns the content, which must neither be printed nor written to a disk; empty where nothing was decrypted, as in a dry run. */
  readonly reveal: () => Uint8Array;
};
