import type { ReadOptions, YamlDocument } from "./document.ts";
import { readSimpleYaml } from "./simpleYaml.ts";

/**
 * Reads one YAML document; never throws. Scalars have the values that Go's yaml.v3 gives them. A map has its own keys first, then
 * those that it merges with `<<`. Where `verbatim` is true for the path of an unquoted scalar that is not null, its value
 * is the source text; the path is only valid during the call.
 */
export function readYaml(text: string, options?: ReadOptions): YamlDocument {
  const value = readSimpleYaml(text, options?.verbatim);
  if (value === undefined) return readExactly(text, options);
  let exact: YamlDocument | undefined;
  return {
    value,
    problems: [],
    positionOf: (path, part) => {
      exact ??= readExactly(text, options);
      return exact.positionOf(path, part);
    },
  };
}

/** Most commands find what they read in the cache, and most files are simple. */
function readExactly(text: string, options: ReadOptions | undefined): YamlDocument {
  const { parseDocument }: typeof import("./parseDocument.ts") = require("./parseDocument.ts");
  return parseDocument(text, options);
}
