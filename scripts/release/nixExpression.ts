import type { ReleasedArchive } from "./platforms.ts";
import type { ReleaseInfo } from "./releaseInfo.ts";

/** Returns the expression for nix: `nix-env --install --file polycrate.nix`, or `pkgs.callPackage ./polycrate.nix { }`. */
export function nixExpression(archives: readonly ReleasedArchive[], info: ReleaseInfo): string {
  const sources = archives.flatMap(({ platform, name, sha256 }) =>
    platform.nix === undefined
      ? []
      : [
          `    ${platform.nix} = {
      url = ${nixText(`${info.page}/${name}`)};
      sha256 = "${sha256}";
    };
`,
        ],
  );
  return `{ pkgs ? import <nixpkgs> { }
, lib ? pkgs.lib
, stdenv ? pkgs.stdenv
, fetchurl ? pkgs.fetchurl
, autoPatchelfHook ? pkgs.autoPatchelfHook
}:

let
  sources = {
${sources.join("")}  };
  system = stdenv.hostPlatform.system;
in
stdenv.mkDerivation {
  pname = "polycrate";
  version = ${nixText(info.version)};
  src = fetchurl (sources.\${system} or (throw "polycrate has no release for \${system}"));
  sourceRoot = ".";

  nativeBuildInputs = lib.optional stdenv.hostPlatform.isLinux autoPatchelfHook;

  # Stripping would remove the program that follows the runtime in the executable.
  dontStrip = true;

  installPhase = ''
    runHook preInstall
    install -D -m 755 polycrate $out/bin/polycrate
    cp -R share $out/share
    runHook postInstall
  '';

  meta = {
    description = ${nixText(info.description)};
    homepage = ${nixText(info.page)};
    mainProgram = "polycrate";
    platforms = builtins.attrNames sources;
  };
}
`;
}

function nixText(text: string): string {
  return JSON.stringify(text).replaceAll("${", "\\${");
}
