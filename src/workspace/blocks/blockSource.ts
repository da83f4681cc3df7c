import { textOf, type YamlMap, type YamlPath } from "../../yaml/value.ts";
import { blockHeadOf } from "../poly/blockHead.ts";
import type { PolyFile } from "../poly/polyFile.ts";

/** A block as it is written: in its own file (then it has a directory), or inline in the workspace file. */
export type BlockSource = {
  readonly name: string;
  readonly version: string | undefined;
  readonly head: YamlMap;
  /** Read when it is first used. */
  readonly value: YamlMap;
  /** The same for the same value; undefined for secrets: nothing that is made of them may be kept. */
  readonly digest: string | undefined;
  readonly file: PolyFile;
  /** The path to the block inside its file; empty for a block with its own file. */
  readonly at: YamlPath;
  /** The block's folder, relative to the workspace. */
  readonly directory: string | undefined;
};

/** Returns the block of its own file, in that folder. */
export function installedSource(file: PolyFile, directory: string): BlockSource {
  return newSource(file, [], directory, file.head, () => file.value);
}

/** Returns a block whose value is not that of the file at the path, or only a part of it; its name is empty when it has none. */
export function blockSource(
  value: YamlMap,
  file: PolyFile,
  at: YamlPath,
  directory: string | undefined,
): BlockSource {
  return newSource(file, at, directory, blockHeadOf(value), () => value);
}

function newSource(
  file: PolyFile,
  at: YamlPath,
  directory: string | undefined,
  head: YamlMap,
  value: () => YamlMap,
): BlockSource {
  return {
    name: textOf(head.get("name")) ?? "",
    version: textOf(head.get("version")) || undefined,
    head,
    get value() {
      return value();
    },
    digest: file.digest === undefined ? undefined : [file.digest, ...at].join("/"),
    file,
    at,
    directory,
  };
}
