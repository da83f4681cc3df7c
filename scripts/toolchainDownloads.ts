/**
 * Pins another version of a tool that the toolchain image downloads: fetches it for every architecture, and rewrites its rows.
 *
 *   bun scripts/toolchainDownloads.ts TOOL VERSION
 *
 * If the publisher has a list of checksums, the downloads are verified against it; otherwise a note is printed.
 */

import { bumpTable, type Fetched } from "./toolchainTable.ts";

const table = `${import.meta.dir}/../src/toolchain/downloads.tsv`;

/** The publishers' lists of checksums, by URL. */
const published: Readonly<Record<string, (address: string) => string>> = {
  helm: (address) => `${address}.sha256sum`,
  kubectl: (address) => `${address}.sha256`,
  terraform: (address) => address.replace(/_linux_\w+\.zip$/, "_SHA256SUMS"),
};

const [tool = "", version = ""] = process.argv.slice(2);
if (tool === "" || version === "") {
  process.stderr.write("usage: bun scripts/toolchainDownloads.ts TOOL VERSION\n");
  process.exit(64);
}
await Bun.write(table, await bumpTable(await Bun.file(table).text(), tool, version, fetchDownload));

async function fetchDownload(address: string, member: string): Promise<Fetched> {
  process.stderr.write(`fetching ${address}\n`);
  const bytes = await bytesOf(address);
  const sha256 = digest(bytes);
  await checkPublished(address, sha256);
  const executable = await executableIn(bytes, address, member);
  return { sha256, executableSha256: executable === undefined ? undefined : digest(executable) };
}

async function bytesOf(address: string): Promise<Uint8Array> {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${address} responded with ${answer.status}`);
  return new Uint8Array(await answer.arrayBuffer());
}

function digest(bytes: Uint8Array): string {
  return new Bun.CryptoHasher("sha256").update(bytes).digest("hex");
}

async function checkPublished(address: string, sha256: string): Promise<void> {
  const list = published[tool];
  if (list === undefined) {
    process.stderr.write(`${tool} has no known list of checksums; compare ${sha256} yourself\n`);
  } else if (!new TextDecoder().decode(await bytesOf(list(address))).includes(sha256)) {
    throw new Error(`${sha256} of ${address} is not in ${list(address)}`);
  }
}

/** Returns the executable in an archive; undefined if the member is a folder. */
async function executableIn(
  archive: Uint8Array,
  address: string,
  member: string,
): Promise<Uint8Array | undefined> {
  if (member === "-") return archive;
  if (member.endsWith("/")) return undefined;
  const file = await temporaryFile(archive);
  const argv = address.endsWith(".zip") ? ["unzip", "-p", file, member] : ["tar", "-xzOf", file, member];
  const child = Bun.spawn(argv, { stdout: "pipe" });
  const bytes = new Uint8Array(await new Response(child.stdout).arrayBuffer());
  if ((await child.exited) !== 0) throw new Error(`${address} has no ${member}`);
  await Bun.file(file).delete();
  return bytes;
}

async function temporaryFile(bytes: Uint8Array): Promise<string> {
  const path = `${process.env.TMPDIR ?? "/tmp"}/toolchain-download-${crypto.randomUUID()}`;
  await Bun.write(path, bytes);
  return path;
}
