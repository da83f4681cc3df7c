import { contentsTable, downloadsTable } from "./files.ts";

/** A tool of the image. Its source is a package of Debian, which chooses the version, or downloads of one pinned version. */
export type Tool = {
  readonly part: string;
  readonly name: string;
  readonly source: { readonly debian: string } | { readonly downloads: readonly Download[] };
};

/** A pinned download. Checksums are SHA-256 in hex. */
export type Download = {
  readonly part: string;
  readonly tool: string;
  readonly version: string;
  /** As Debian and docker name it: `amd64`, `arm64`. */
  readonly architecture: string;
  readonly sha256: string;
  readonly address: string;
  /** The checksum of the bare executable; undefined when it is not known. */
  readonly executableSha256: string | undefined;
};

export const downloads: readonly Download[] = rowsOf(downloadsTable).map(
  ([
    part = "",
    tool = "",
    version = "",
    architecture = "",
    sha256 = "",
    address = "",
    ,
    executable = "-",
  ]) => ({
    part,
    tool,
    version,
    architecture,
    sha256,
    address,
    executableSha256: executable === "-" ? undefined : executable,
  }),
);

export const tools: readonly Tool[] = rowsOf(contentsTable).map(([part = "", name = "", source = ""]) => ({
  part,
  name,
  source:
    source === "download" ? { downloads: downloads.filter(({ tool }) => tool === name) } : { debian: source },
}));

/** The part that every toolchain image has. */
export const fixedPart = "shell";

/** The parts that can be left out. */
export const optionalParts: readonly string[] = [...new Set(tools.map(({ part }) => part))]
  .filter((part) => part !== fixedPart)
  .sort();

/**
 * Returns the file names by which downloads are found in a folder, each with its possible checksums: addresses of several
 * architectures may end alike.
 */
export function fileNamesOf(wanted: readonly Download[]): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, readonly string[]>();
  const add = (name: string, checksum: string) => names.set(name, [...(names.get(name) ?? []), checksum]);
  for (const { address, sha256, executableSha256, tool, version, architecture } of wanted) {
    add(address.slice(address.lastIndexOf("/") + 1), sha256);
    if (executableSha256 !== undefined) add(`${tool}-${version}-linux-${architecture}`, executableSha256);
  }
  return names;
}

function rowsOf(table: string): readonly (readonly string[])[] {
  return table
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.split("\t"));
}
