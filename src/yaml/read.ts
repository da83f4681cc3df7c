import { normalizeLines } from "./linePositions.ts";
import { nodeOffset } from "./nodeOffset.ts";
import { newState, readNode } from "./nodes.ts";
import { parseYaml } from "./syntax.ts";
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

/**
 * Reads one YAML document; never throws. Scalars have the values that Go's yaml.v3 gives them. A map has its own keys first, then
 * those that it merges with `<<`. Where `verbatim` is true for the path of an unquoted scalar that is not null, its value
 * is the source text; the path is only valid during the call.
 */
export function readYaml(text: string, options?: { verbatim?: (path: YamlPath) => boolean }): YamlDocument {
  const source = normalizeLines(text);
  const { root, problem } = parseYaml(source);
  const state = newState(source, options?.verbatim);
  const { positionAt } = state;
  const value = readNode(state, root, 0);
  const problems = problem ? [problem] : [...state.problems.values()];
  return {
    value,
    problems: problems.map(({ message, hint, offset }) => ({ message, hint, position: positionAt(offset) })),
    positionOf: (path, part = "value") => positionAt(nodeOffset(state, root, path, part)),
  };
}
