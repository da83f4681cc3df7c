/**
 * Builds the files of a release, for all platforms or those that are named: archives, packages for npm, Debian, brew and nix,
 * a Dockerfile, the installer, the manual, a bill of materials, and the checksums of all of them. Builds are reproducible: two
 * runs on the same sources give the same bytes.
 *
 *   bun run release [--out DIR] [--page URL] [PLATFORM…]
 *
 * --page is the address that the files will have, without their names.
 */

import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { compile } from "./compile.ts";
import { archive, type ReleaseFile } from "./release/archive.ts";
import { brewFormula } from "./release/brewFormula.ts";
import { debianPackage } from "./release/debianPackage.ts";
import { manualPage } from "./release/manualPage.ts";
import { nixExpression } from "./release/nixExpression.ts";
import { npmArchiveName, npmPackage, npmPlatformPackage } from "./release/npmPackages.ts";
import { type Platform, platforms, type ReleasedArchive } from "./release/platforms.ts";
import { type ReleaseInfo, readReleaseInfo } from "./release/releaseInfo.ts";
import { sbom } from "./release/sbom.ts";
import { shareFiles } from "./release/shareFiles.ts";

const { values, positionals } = parseArgs({
  options: {
    out: { type: "string", default: "dist/release" },
    page: { type: "string", default: "https://PAGE" },
  },
  allowPositionals: true,
});
const unknown = positionals.find((name) => !platforms.some((platform) => platform.name === name));
if (unknown !== undefined) {
  const names = platforms.map(({ name }) => name).join(", ");
  process.stderr.write(`error: unknown platform \`${unknown}\`\nhint: use one of ${names}\n`);
  process.exit(64);
}
await release(platforms.filter(({ name }) => positionals.length === 0 || positionals.includes(name)));

async function release(chosen: readonly Platform[]): Promise<void> {
  const out = resolve(values.out);
  await mkdir(out, { recursive: true });
  await removeRelease(out);
  const info = readReleaseInfo(values.page);
  const share = await shareFiles(info);
  const sums = new Map<string, string>();
  const write = async (name: string, content: string | Uint8Array) => {
    await writeFile(join(out, name), content);
    sums.set(name, new Bun.CryptoHasher("sha256").update(content).digest("hex"));
    process.stderr.write(`release: ${name}, ${sizeOf(content.length)}\n`);
  };
  for (const platform of chosen) {
    for (const [name, content] of await filesOf(platform, share, info)) await write(name, content);
  }
  await write(npmArchiveName(undefined, info.version), await npmPackage(chosen, share, info));
  const archives = chosen.map((platform): ReleasedArchive => {
    const name = archiveName(platform);
    return { platform, name, sha256: sums.get(name) ?? "" };
  });
  await write("polycrate.rb", brewFormula(archives, info));
  await write("polycrate.nix", nixExpression(archives, info));
  await write("polycrate.cdx.json", sbom(info, Bun.version));
  await write("manual.html", manualPage(info));
  await write("Dockerfile", await readFile("scripts/release/Dockerfile"));
  await write("install.sh", await installer(info.page));
  await writeFile(join(out, "SHA256SUMS"), [...sums].map(([name, sum]) => `${sum}  ${name}\n`).join(""));
}

/** Files of an earlier release would be published with this one. */
async function removeRelease(folder: string): Promise<void> {
  const sums = await readFile(join(folder, "SHA256SUMS"), "utf8").catch(() => "");
  const names = [...sums.matchAll(/^[0-9a-f]{64} {2}([^/\n]+)$/gm)].map(([, name = ""]) => name);
  for (const name of names) await rm(join(folder, name), { force: true });
}

type NamedFile = readonly [name: string, content: Uint8Array];

/** The files that hold the executable of a platform. */
async function filesOf(
  platform: Platform,
  share: readonly ReleaseFile[],
  info: ReleaseInfo,
): Promise<readonly NamedFile[]> {
  const executable = await executableFor(platform);
  const shared = share.map((file) => ({ ...file, path: `share/${file.path}` }));
  const name = npmArchiveName(platform, info.version);
  return Promise.all([
    archive([{ path: "polycrate", content: executable, mode: 0o755 }, ...shared]).then(
      (content): NamedFile => [archiveName(platform), content],
    ),
    npmPlatformPackage(platform, executable, info).then((content): NamedFile => [name, content]),
    ...(platform.debian === undefined ? [] : [debianFile(platform.debian, executable, share, info)]),
  ]);
}

async function debianFile(
  architecture: string,
  executable: Uint8Array,
  share: readonly ReleaseFile[],
  info: ReleaseInfo,
): Promise<NamedFile> {
  const content = await debianPackage({ architecture, executable, share }, info);
  return [`polycrate_${info.version}_${architecture}.deb`, content];
}

/** bun downloads the runtime of another platform from the npm registry, once. */
async function executableFor({ name }: Platform): Promise<Uint8Array> {
  await mkdir("dist", { recursive: true });
  const folder = await mkdtemp("dist/.release-");
  try {
    await compile(join(folder, "polycrate"), { target: `bun-${name}` });
    return await readFile(join(folder, "polycrate"));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function archiveName({ name }: Platform): string {
  return `polycrate-${name}.tar.gz`;
}

/** The installer of a page knows its address. */
async function installer(page: string): Promise<string> {
  const script = await readFile("scripts/install.sh", "utf8");
  return script.replace("${POLYCRATE_RELEASE_URL:-}", `\${POLYCRATE_RELEASE_URL:-${page}}`);
}

function sizeOf(bytes: number): string {
  return bytes < 1024 * 1024 ? `${Math.ceil(bytes / 1024)} KiB` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
