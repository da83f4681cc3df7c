import { textOf, type YamlMap, type YamlPath } from "../../yaml/value.ts";
import type { PolyFile } from "../poly/polyFile.ts";

/** A block as it is written: in its own file (then it has a directory), or inline in the workspace file. */
export type BlockSource = {
  readonly name: string;
  readonly version: string | undefined;
  readonly value: YamlMap;
  readonly file: PolyFile;
  /** The path to the block inside its file; empty for a block with its own file. */
  readonly at: YamlPath;
  /** The block's folder, relative to the workspace. */
  readonly directory: string | undefined;
};

/** Returns the block at a path of the file; its name is empty when the file has none. */
export function blockSource(
  value: YamlMap,
  file: PolyFile,
  at: YamlPath,
  directory: string | undefined,
): BlockSource {
  const version = textOf(value.get("version")) || undefined;
  return { name: textOf(value.get("name")) ?? "", version, value, file, at, directory };
}
