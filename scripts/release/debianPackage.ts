import { archiveWithFolders, compressed, type ReleaseFile } from "./archive.ts";
import type { ReleaseInfo } from "./releaseInfo.ts";

/** What goes into a package for Debian. */
export type DebianContent = {
  readonly architecture: string;
  readonly executable: Uint8Array;
  /** Below `/usr/share`, as other packages have them. */
  readonly share: readonly ReleaseFile[];
};

/**
 * Returns a `.deb`: an `ar` archive of its version, its control files and its files. Written here and not by dpkg-deb, so that
 * every machine makes the same bytes.
 */
export async function debianPackage(content: DebianContent, info: ReleaseInfo): Promise<Uint8Array> {
  const files = await filesOf(content, info);
  const control = [
    { path: "control", content: controlText(content.architecture, files, info) },
    { path: "md5sums", content: md5sums(files) },
  ];
  const [controlArchive, data] = await Promise.all([archiveWithFolders(control), archiveWithFolders(files)]);
  return Buffer.concat([
    Buffer.from("!<arch>\n"),
    ...memberOf("debian-binary", Buffer.from("2.0\n")),
    ...memberOf("control.tar.gz", controlArchive),
    ...memberOf("data.tar.gz", data),
  ]);
}

async function filesOf(
  { executable, share }: DebianContent,
  info: ReleaseInfo,
): Promise<readonly ReleaseFile[]> {
  const documentation = [
    { path: "doc/polycrate/changelog.gz", content: await compressed(Buffer.from(changelogText(info))) },
    { path: "doc/polycrate/copyright", content: copyrightText(info) },
    { path: "lintian/overrides/polycrate", content: overrides },
  ];
  const shared = await Promise.all([...documentation, ...share].map(asInDebian));
  return [
    { path: "usr/bin/polycrate", content: executable, mode: 0o755 },
    ...shared
      .map((file) => ({ ...file, path: `usr/share/${file.path}` }))
      .toSorted((one, other) => (one.path < other.path ? -1 : 1)),
  ];
}

/** Debian's manual pages are compressed, and its own completions of zsh are in a folder of their own. */
async function asInDebian(file: ReleaseFile): Promise<ReleaseFile> {
  if (file.path.startsWith("man/")) {
    return { ...file, path: `${file.path}.gz`, content: await compressed(Buffer.from(file.content)) };
  }
  return { ...file, path: file.path.replace("zsh/site-functions/", "zsh/vendor-completions/") };
}

/** The executable has bun's runtime, which was linked elsewhere, and its code after it, which stripping would remove. */
const overrides = `polycrate: embedded-library
polycrate: unstripped-binary-or-object [usr/bin/polycrate]
`;

function controlText(
  architecture: string,
  files: readonly ReleaseFile[],
  { version, author, description, page }: ReleaseInfo,
): string {
  const bytes = files.reduce((sum, { content }) => sum + content.length, 0);
  return `Package: polycrate
Version: ${version}
Architecture: ${architecture}
Maintainer: ${author}
Installed-Size: ${Math.ceil(bytes / 1024)}
Depends: libc6 (>= ${oldestLibc})
Recommends: docker-cli | docker-ce-cli | docker.io, git
Suggests: openssh-client
Section: admin
Priority: optional
Homepage: ${page}
Description: ${description.charAt(0).toLowerCase()}${description.slice(1)}
 polycrate runs the scripts and Ansible playbooks of a workspace in containers
 of the workspace's own image, on a laptop and in CI alike. A dry run prints
 the commands as a shell script, and every run leaves a record.
`;
}

/** The newest version of a symbol that bun's runtime asks of glibc. */
const oldestLibc = "2.17";

function md5sums(files: readonly ReleaseFile[]): string {
  return files
    .map(({ path, content }) => `${new Bun.CryptoHasher("md5").update(content).digest("hex")}  ${path}\n`)
    .join("");
}

function changelogText({ version, date, changes, author }: ReleaseInfo): string {
  const day = new Date(`${date}T00:00:00Z`).toUTCString().replace("GMT", "+0000");
  const lines = changes.map((change) => `  * ${Bun.wrapAnsi(change, 74).replaceAll("\n", "\n    ")}\n`);
  return `polycrate (${version}) unstable; urgency=medium\n\n${lines.join("")}\n -- ${author}  ${day}\n`;
}

/** The terms are those of package.json, so that the owner states them in one place. */
function copyrightText({ author, license, date, page }: ReleaseInfo): string {
  const terms =
    license === "UNLICENSED"
      ? " The owner has not stated the terms of use yet. Until then all rights are reserved."
      : ` See ${page}`;
  return `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: polycrate
Source: ${page}

Files: *
Copyright: ${date.slice(0, 4)} ${author}
License: ${license}

License: ${license}
${terms}
`;
}

/** A member of an `ar` archive, which begins at an even offset. */
function memberOf(name: string, content: Uint8Array): readonly Uint8Array[] {
  const fields = [name.padEnd(16), "0".padEnd(12), "0".padEnd(6), "0".padEnd(6), "100644".padEnd(8)];
  const header = `${fields.join("")}${String(content.length).padEnd(10)}\`\n`;
  return [Buffer.from(header), content, Buffer.from(content.length % 2 === 0 ? "" : "\n")];
}
