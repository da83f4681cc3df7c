/** The checksums of a download: SHA-256 in hex. */
export type Fetched = { readonly sha256: string; readonly executableSha256: string | undefined };

/**
 * Returns the table of downloads with all rows of one tool for another version: the old version is replaced everywhere in the
 * URLs, and the checksums are those that `fetch` returns. Throws when the table does not contain the tool.
 */
export async function bumpTable(
  table: string,
  tool: string,
  version: string,
  fetch: (address: string, member: string) => Promise<Fetched>,
): Promise<string> {
  const lines: string[] = [];
  let found = false;
  for (const line of table.split("\n")) {
    const [part = "", name, old = "", architecture = "", , address = "", member = ""] = line.split("\t");
    if (line.startsWith("#") || name !== tool) {
      lines.push(line);
      continue;
    }
    found = true;
    const newAddress = address.replaceAll(old, version);
    const { sha256, executableSha256 = "-" } = await fetch(newAddress, member);
    lines.push([part, name, version, architecture, sha256, newAddress, member, executableSha256].join("\t"));
  }
  if (!found) throw new Error(`the table has no ${tool}`);
  return lines.join("\n");
}
