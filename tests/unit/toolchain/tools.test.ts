import { expect, test } from "bun:test";
import { toolchainDockerfile } from "../../../src/toolchain/files.ts";
import { downloads, fixedPart, optionalParts, tools } from "../../../src/toolchain/tools.ts";

test("every tool has a package that the Dockerfile installs, or downloads for both processors and a stage that fetches them", () => {
  const installed =
    toolchainDockerfile
      .replaceAll("\\\n", " ")
      .match(/apt-get install[^&]*/g)
      ?.join(" ") ?? "";
  for (const { name, source: from } of tools) {
    if ("debian" in from) expect(installed.split(/\s+/)).toContain(from.debian);
    else {
      expect([name, ...from.downloads.map(({ architecture }) => architecture)]).toEqual([
        name,
        "amd64",
        "arm64",
      ]);
      expect(toolchainDockerfile).toMatch(new RegExp(`^FROM fetch AS ${name}$`, "m"));
      expect(toolchainDockerfile).toMatch(new RegExp(`^COPY --from=${name} /out/ /$`, "m"));
    }
  }
});

test.each(downloads.map((one) => [`${one.tool} for ${one.architecture}`, one] as const))(
  "the pinned %s is one version of one address",
  (_, { address, version, sha256, executableSha256 }) => {
    expect(address).toMatch(/^https:\/\/\S+$/);
    expect(address).toContain(version);
    for (const checksum of [sha256, executableSha256 ?? sha256]) expect(checksum).toMatch(/^[0-9a-f]{64}$/);
  },
);

test("every part but the shell has a build argument, which is written down for the check", () => {
  expect(optionalParts).not.toContain(fixedPart);
  for (const part of optionalParts) {
    const name = part.toUpperCase();
    expect(toolchainDockerfile).toMatch(new RegExp(`^ARG ${name}=yes$`, "m"));
    expect(toolchainDockerfile).toContain(`"${part}=$${name}"`);
  }
});
