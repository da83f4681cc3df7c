import { exitCodes, type FilePosition, PolycrateError } from "../errors.ts";
import { isRegistryName, splitReference } from "../workspace/blocks/findBlock.ts";
import { isImageReference } from "../workspace/lint/lintImage.ts";
import { isBlockName } from "../workspace/poly/schema/names.ts";

/** A block of a registry: `REGISTRY/NAME`, which is also its folder below the blocks' folder, and the version. */
export type BlockReference = {
  readonly reference: string;
  readonly name: string;
  /** Undefined means the newest one, which is tagged `latest`. */
  readonly version: string | undefined;
};

/** Returns the block that a text names; undefined for a name without the host of a registry. */
export function readBlockReference(text: string): BlockReference | undefined {
  const { name, version } = splitReference(text);
  if (!isRegistryName(name)) return undefined;
  return { reference: text, name, version: version === "latest" ? undefined : version };
}

/** Returns the block that a text names. Throws (65, 64 without a position) for one that a registry cannot have. */
export function blockReference(text: string, position?: FilePosition): BlockReference {
  const exitCode = position === undefined ? exitCodes.wrongCommandLine : exitCodes.invalidWorkspace;
  const read = readBlockReference(text);
  if (read === undefined) {
    throw new PolycrateError(`\`${text}\` does not name a registry`, {
      hint: "write it as `registry.example.com/infra/web:1.2.0`",
      exitCode,
      position,
    });
  }
  const isPath = isBlockName(read.name) && !read.name.split("/").some((part) => part.startsWith("."));
  if (isPath && isImageReference(text) && !text.includes("@")) return read;
  throw new PolycrateError(`\`${text}\` is not a valid reference of a block`, {
    hint: "write it as `registry.example.com/infra/web:1.2.0`, in lower case",
    exitCode,
    position,
  });
}
