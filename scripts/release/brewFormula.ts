import type { ReleasedArchive } from "./platforms.ts";
import type { ReleaseInfo } from "./releaseInfo.ts";

/** Returns the formula for brew. Its archives for Linux are those for glibc, which brew brings itself. */
export function brewFormula(archives: readonly ReleasedArchive[], info: ReleaseInfo): string {
  const systems = [
    ["on_macos", archives.filter(({ platform }) => platform.os === "darwin")],
    ["on_linux", archives.filter(({ platform }) => platform.libc === "glibc")],
  ] as const;
  const sources = systems.flatMap(([block, ofSystem]) =>
    ofSystem.length === 0
      ? []
      : [`  ${block} do\n${ofSystem.map((one) => sourceOf(one, info)).join("")}  end\n`],
  );
  return `class Polycrate < Formula
  desc ${rubyText(info.description)}
  homepage ${rubyText(info.page)}
  version ${rubyText(info.version)}

${sources.join("\n")}
  def install
    bin.install "polycrate"
    man1.install Dir["share/man/man1/*"]
    man7.install Dir["share/man/man7/*"]
    bash_completion.install "share/bash-completion/completions/polycrate"
    fish_completion.install "share/fish/vendor_completions.d/polycrate.fish"
    zsh_completion.install "share/zsh/site-functions/_polycrate"
  end

  test do
    assert_equal version.to_s, shell_output("#{bin}/polycrate version").strip
  end
end
`;
}

function sourceOf({ platform, name, sha256 }: ReleasedArchive, { page }: ReleaseInfo): string {
  return `    ${platform.cpu === "arm64" ? "on_arm" : "on_intel"} do
      url ${rubyText(`${page}/${name}`)}
      sha256 "${sha256}"
    end
`;
}

function rubyText(text: string): string {
  return JSON.stringify(text).replaceAll("#", "\\#");
}
