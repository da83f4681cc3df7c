/**
 * Builds the files of a release: for each platform `polycrate-PLATFORM.tar.gz` with the executable, SHA256SUMS and install.sh.
 * Builds are reproducible: two runs on the same sources give the same bytes.
 *
 *   bun run release [--out DIR] [PLATFORM…]
 */

import { createHash } from "node:crypto";
import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { endOfTar, tarHeader, tarPadding } from "../src/image/tarHeader.ts";
import { compile } from "./compile.ts";

const platforms = [
  "linux-x64",
  "linux-arm64",
  "linux-x64-musl",
  "linux-arm64-musl",
  "darwin-x64",
  "darwin-arm64",
] as const;

const { values, positionals } = parseArgs({
  options: { out: { type: "string", default: "dist/release" } },
  allowPositionals: true,
});
const unknown = positionals.find((name) => !platforms.some((platform) => platform === name));
if (unknown !== undefined) {
  process.stderr.write(`error: unknown platform \`${unknown}\`\nhint: use one of ${platforms.join(", ")}\n`);
  process.exit(64);
}
await release(platforms.filter((platform) => positionals.length === 0 || positionals.includes(platform)));

async function release(chosen: readonly (typeof platforms)[number][]): Promise<void> {
  const out = resolve(values.out);
  await mkdir(out, { recursive: true });
  const sums: string[] = [];
  for (const platform of chosen) {
    const name = `polycrate-${platform}.tar.gz`;
    const archive = await archiveOf(platform, join(out, `.${platform}`));
    await writeFile(join(out, name), archive);
    sums.push(`${createHash("sha256").update(archive).digest("hex")}  ${name}\n`);
    process.stderr.write(`release: ${name}, ${(archive.length / 1024 / 1024).toFixed(1)} MiB\n`);
  }
  await writeFile(join(out, "SHA256SUMS"), sums.join(""));
  await copyFile("scripts/install.sh", join(out, "install.sh"));
}

/** bun downloads the runtime of another platform from the npm registry, once. */
async function archiveOf(platform: (typeof platforms)[number], folder: string): Promise<Uint8Array> {
  const executable = join(folder, "polycrate");
  await rm(folder, { recursive: true, force: true });
  try {
    await compile(executable, { target: `bun-${platform}` });
    return gzipSync(tarOf(await readFile(executable)), { level: 9 });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function tarOf(executable: Uint8Array): Uint8Array {
  const size = executable.length;
  const header = tarHeader({ path: "polycrate", kind: "file", mode: 0o755, size });
  return Buffer.concat([header, executable, tarPadding(size), endOfTar]);
}
