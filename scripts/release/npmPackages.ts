import { readFileSync } from "node:fs";
import { archive, type ReleaseFile } from "./archive.ts";
import type { Platform } from "./platforms.ts";
import type { ReleaseInfo } from "./releaseInfo.ts";

/** The npm package that has the executable for one platform; package managers install the one that fits. */
export async function npmPlatformPackage(
  { name, os, cpu, libc }: Platform,
  executable: Uint8Array,
  info: ReleaseInfo,
): Promise<Uint8Array> {
  const manifest = {
    name: scopedName(name),
    ...sharedKeys(info),
    description: `The executable of polycrate for ${name}`,
    os: [os],
    cpu: [cpu],
    ...(libc === undefined ? {} : { libc: [libc] }),
    // A package manager that keeps packages zipped could not run it.
    preferUnplugged: true,
  };
  return npmArchive(manifest, [{ path: "bin/polycrate", content: executable, mode: 0o755 }]);
}

/**
 * The npm package `polycrate`: a launcher, the manual pages and completions, and no install script. It depends on the packages
 * of the platforms, each of which is optional.
 */
export async function npmPackage(
  platforms: readonly Platform[],
  share: readonly ReleaseFile[],
  info: ReleaseInfo,
): Promise<Uint8Array> {
  const shared = share.map((file) => ({ ...file, path: `share/${file.path}` }));
  const manifest = {
    name: "polycrate",
    ...sharedKeys(info),
    description: info.description,
    keywords: ["docker", "containers", "ansible", "infrastructure"],
    bin: { polycrate: "bin/polycrate" },
    man: shared.flatMap(({ path }) => (path.startsWith("share/man/") ? [`./${path}`] : [])),
    optionalDependencies: Object.fromEntries(platforms.map(({ name }) => [scopedName(name), info.version])),
  };
  const launcher = readFileSync("scripts/release/launcher.sh");
  return npmArchive(manifest, [
    { path: "bin/polycrate", content: launcher, mode: 0o755 },
    { path: "README.md", content: readFileSync("README.md") },
    ...shared,
  ]);
}

/** The file name of a package's archive, as `npm pack` names it. */
export function npmArchiveName(platform: Platform | undefined, version: string): string {
  return `polycrate-${platform === undefined ? "" : `${platform.name}-`}${version}.tgz`;
}

function scopedName(platform: string): string {
  return `@polycrate/${platform}`;
}

function sharedKeys({ version, author, license, page }: ReleaseInfo) {
  return { version, author, license, homepage: page };
}

function npmArchive(manifest: object, files: readonly ReleaseFile[]): Promise<Uint8Array> {
  const all = [{ path: "package.json", content: `${JSON.stringify(manifest, null, 2)}\n` }, ...files];
  return archive(all.map((file) => ({ ...file, path: `package/${file.path}` })));
}
