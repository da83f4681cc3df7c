/** What a download was found to be. Checksums are SHA-256 in hex. */
export type Fetched = { readonly sha256: string; readonly executableSha256: string | undefined };

/**
 * Returns the table of downloads with all rows of one tool for another version: the old version is replaced wherever it stands in
 * an address, and the checksums are those of what `fetch` finds there. Throws when the table has no such tool.
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
