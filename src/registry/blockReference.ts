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

/**
 * Returns the block that a text names; undefined for anything that is not a valid reference with the host of a registry. Anyone may
 * have written the text: what passes here is neither a flag nor a path that leaves the blocks' folder.
 */
export function readBlockReference(text: string): BlockReference | undefined {
  const { name, version } = splitReference(text);
  const isPath = isBlockName(name) && !name.split("/").some((part) => part.startsWith("."));
  if (!isRegistryName(name) || !isPath || !isImageReference(text) || text.includes("@")) return undefined;
  return { reference: text, name, version: version === "latest" ? undefined : version };
}

/** Returns the block that a text names. Throws (65, 64 without a position) for one that a registry cannot have. */
export function blockReference(text: string, position?: FilePosition): BlockReference {
  const read = readBlockReference(text);
  if (read !== undefined) return read;
  throw new PolycrateError(
    isRegistryName(splitReference(text).name)
      ? `\`${text}\` is not a valid reference of a block`
      : `\`${text}\` does not name a registry`,
    {
      hint: "write it as `registry.example.com/infra/web:1.2.0`, in lower case",
      exitCode: position === undefined ? exitCodes.wrongCommandLine : exitCodes.invalidWorkspace,
      position,
    },
  );
}
