import { readdirSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { exitCodes, PolycrateError } from "../errors.ts";
import { openToRead } from "../host/read.ts";
import { digestFile } from "../image/digest.ts";

/** A download in the folder, with the pinned content. `source` is absolute; the size is in bytes, the digest SHA-256 in hex. */
export type GivenDownload = {
  readonly name: string;
  readonly source: string;
  readonly size: number;
  readonly digest: string;
};

/**
 * Returns the files of a folder that are expected by name, each checked against its pinned SHA-256. Throws (65) when the
 * folder does not exist or contains none of them, or when the content of one differs.
 */
export async function readDownloads(
  folder: string,
  expected: ReadonlyMap<string, readonly string[]>,
): Promise<readonly GivenDownload[]> {
  const given: GivenDownload[] = [];
  for (const name of downloadNames(folder).filter((one) => expected.has(one))) {
    const source = realpathSync(join(folder, name));
    const file = await digestFile(() => openToRead(source, "refuse"), name);
    if (file === undefined) continue;
    const { size, digest } = file;
    const pinned = expected.get(name) ?? [];
    if (!pinned.includes(digest)) throw wrongContent(join(folder, name), digest, pinned);
    given.push({ name, source, size, digest });
  }
  if (given.length > 0) return given;
  throw new PolycrateError(`\`${folder}\` contains none of the toolchain's downloads`, {
    hint: `expected file names: ${[...expected.keys()].join(", ")}`,
    exitCode: exitCodes.invalidWorkspace,
  });
}

function downloadNames(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch (cause) {
    throw new PolycrateError(`\`${folder}\` cannot be read`, {
      hint: "`--downloads` requires the folder of the downloads",
      exitCode: exitCodes.invalidWorkspace,
      cause,
    });
  }
}

function wrongContent(path: string, found: string, pinned: readonly string[]): PolycrateError {
  return new PolycrateError(`\`${path}\` has SHA-256 ${found}, expected ${pinned.join(" or ")}`, {
    hint: "download the version that `polycrate toolchain` lists; if it is that version, the file was modified",
    exitCode: exitCodes.invalidWorkspace,
  });
}
