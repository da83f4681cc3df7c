import { expect, test } from "bun:test";
import { installationAt, updateHint } from "../../../src/host/installation.ts";

const npmPath = "node_modules/@polycrate/linux-x64/bin/polycrate";

test.each<[string, string, string]>([
  ["npm", `/usr/local/lib/${npmPath}`, "`npm install --global 'polycrate@>=0.2'` installs it"],
  ["npm, in a project", `/home/me/app/${npmPath}`, "`npm install 'polycrate@>=0.2'` installs it"],
  [
    "pnpm, in a project",
    `/home/me/app/node_modules/.pnpm/@polycrate+linux-x64@0.1.0/${npmPath}`,
    "`pnpm add 'polycrate@>=0.2'` installs it",
  ],
  [
    "pnpm",
    `/home/me/.local/share/pnpm/global/5/.pnpm/@polycrate+linux-x64@0.1.0/${npmPath}`,
    "`pnpm add --global 'polycrate@>=0.2'` installs it",
  ],
  ["bun", `/home/me/.bun/install/global/${npmPath}`, "`bun add --global 'polycrate@>=0.2'` installs it"],
  ["npx", `/home/me/.npm/_npx/0a1b/${npmPath}`, "`npx 'polycrate@>=0.2'` runs it"],
  [
    "brew",
    "/opt/homebrew/Cellar/polycrate/0.1.0/bin/polycrate",
    "`brew update && brew upgrade polycrate` installs the newest version",
  ],
  [
    "nix",
    "/nix/store/0a1b-polycrate-0.1.0/bin/polycrate",
    "install it with the `polycrate.nix` of the newest release",
  ],
  [
    "the Debian package",
    "/usr/bin/polycrate",
    "download the newest `polycrate_*.deb` from the release page, then `sudo apt install ./polycrate_*.deb`",
  ],
  [
    "a clone",
    "/home/me/poly crate/dist/renamed",
    "`cd '/home/me/poly crate' && git pull && bun run build` builds the newest version",
  ],
  [
    "install.sh",
    "/home/me/.local/bin/polycrate",
    "`curl -fsSL https://PAGE/install.sh | sh -s -- --url https://PAGE --prefix /home/me/.local` installs the newest version",
  ],
])("an executable of %s is updated as it was installed", (_, path, hint) => {
  expect(updateHint(installationAt(path, true, undefined), ">=0.2", true)).toBe(hint);
});

test("the release page of the environment is the one to update from", () => {
  const installation = installationAt("/opt/bin/polycrate", false, "https://example.org/polycrate");
  expect(updateHint(installation, ">=0.2", true)).toContain(
    "--url https://example.org/polycrate --prefix /opt",
  );
});

test("/usr/bin/polycrate is Debian's only if dpkg knows it, and no file of install.sh", () => {
  const installation = installationAt("/usr/bin/polycrate", false, undefined);
  expect(updateHint(installation, ">=0.2", true)).toBe(
    "update it with the package manager, or the container image, that it came with",
  );
});

test("what brings only the newest version is no advice for a workspace that requires an older one", () => {
  const brew = installationAt("/usr/local/Cellar/polycrate/0.1.0/bin/polycrate", false, undefined);
  expect(updateHint(brew, "<0.1", false)).toBe("install an older version, from its release page");
  const npm = installationAt(`/usr/local/lib/${npmPath}`, false, undefined);
  expect(updateHint(npm, "<0.1", false)).toBe("`npm install --global 'polycrate@<0.1'` installs it");
});
