import type { Position, YamlPath, YamlValue } from "./value.ts";

/** A problem in a YAML text, as it is shown to the user. */
export type YamlProblem = {
  readonly message: string;
  readonly hint?: string;
  readonly position: Position;
};

/** A YAML text as read; `value` is only a guess when there are problems. */
export type YamlDocument = {
  readonly value: YamlValue;
  readonly problems: readonly YamlProblem[];
  /**
   * Returns the position of the value at `path`, or of its key; the key's position for an empty value, and that of the
   * nearest parent for a path that does not exist. A step may be a string where the key is a number, and in lower case.
   */
  readonly positionOf: (path: YamlPath, part?: "key" | "value") => Position;
};

/** For which scalars the source text is wanted. */
export type ReadOptions = { readonly verbatim?: (path: YamlPath) => boolean };
