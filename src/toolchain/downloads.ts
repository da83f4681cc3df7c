import { readdirSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { exitCodes, PolycrateError } from "../errors.ts";
import { openToRead } from "../host/read.ts";
import { digestFile } from "../image/digest.ts";

/** A file of the folder whose content is the pinned one. `source` is absolute; the size is in bytes, the digest SHA-256 in hex. */
export type GivenDownload = {
  readonly name: string;
  readonly source: string;
  readonly size: number;
  readonly digest: string;
};

/**
 * Returns the files of a folder that are expected by name, each checked against its pinned SHA-256. Throws (65) when the
 * folder does not exist or holds none of them, or when one has another content.
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
  throw new PolycrateError(`\`${folder}\` holds none of the toolchain's downloads`, {
    hint: `they are found by these names: ${[...expected.keys()].join(", ")}`,
    exitCode: exitCodes.invalidWorkspace,
  });
}

function downloadNames(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch (cause) {
    throw new PolycrateError(`\`${folder}\` cannot be read`, {
      hint: "`--downloads` wants the folder that the downloads are in",
      exitCode: exitCodes.invalidWorkspace,
      cause,
    });
  }
}

function wrongContent(path: string, found: string, pinned: readonly string[]): PolycrateError {
  return new PolycrateError(`\`${path}\` has sha256 ${found}, but ${pinned.join(" or ")} is pinned`, {
    hint: "get the version that `polycrate toolchain` lists; if it is that one, somebody changed it",
    exitCode: exitCodes.invalidWorkspace,
  });
}
