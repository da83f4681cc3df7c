import type { ReadOptions, YamlDocument } from "./document.ts";
import { normalizeLines } from "./linePositions.ts";
import { nodeOffset } from "./nodeOffset.ts";
import { newState, readNode } from "./nodes.ts";
import { parseYaml } from "./syntax.ts";

/** Parses a document: what `readYaml` does, with the parser, which takes milliseconds to load. */
export function parseDocument(text: string, options?: ReadOptions): YamlDocument {
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
