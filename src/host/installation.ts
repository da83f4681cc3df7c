import { existsSync, realpathSync } from "node:fs";
import { dirname } from "node:path";
import { quote } from "./arg.ts";

/** How this polycrate was installed, as far as it can be told from where it is. */
export type Installation =
  | { readonly kind: "npm"; readonly manager: "npm" | "pnpm" | "bun"; readonly isGlobal: boolean }
  | { readonly kind: "npx" }
  | { readonly kind: "brew" }
  | { readonly kind: "nix" }
  | { readonly kind: "debian" }
  | { readonly kind: "system" }
  | { readonly kind: "script"; readonly prefix: string; readonly page?: string | undefined }
  | { readonly kind: "clone"; readonly folder: string };

/** Returns how this process's executable was installed. Reads only whether dpkg knows a file, so it is for messages. */
export function installationOf(): Installation {
  return installationAt(
    realpathSync(process.execPath),
    existsSync("/var/lib/dpkg/info/polycrate.list"),
    process.env.POLYCRATE_RELEASE_URL,
  );
}

/**
 * Returns how an executable at that path, without links, was installed. `isDebian` is true when dpkg has a package of
 * polycrate, and `page` is a release page that the environment names.
 */
export function installationAt(path: string, isDebian: boolean, page: string | undefined): Installation {
  if (path.includes("/node_modules/")) return npmInstallation(path);
  if (path.includes("/Cellar/")) return { kind: "brew" };
  if (path.startsWith("/nix/store/")) return { kind: "nix" };
  if (path.startsWith("/usr/bin/")) return { kind: isDebian ? "debian" : "system" };
  const [, folder] = /^(.+)\/dist\/[^/]+$/.exec(path) ?? [];
  if (folder !== undefined) return { kind: "clone", folder };
  return { kind: "script", prefix: dirname(dirname(path)), page };
}

function npmInstallation(path: string): Installation {
  if (path.includes("/_npx/")) return { kind: "npx" };
  if (path.includes("/.bun/install/global/")) return { kind: "npm", manager: "bun", isGlobal: true };
  if (path.includes("/.pnpm/"))
    return { kind: "npm", manager: "pnpm", isGlobal: path.includes("/pnpm/global/") };
  return { kind: "npm", manager: "npm", isGlobal: path.includes("/lib/node_modules/") };
}

/**
 * Returns how to get a version in the range, which is valid: the command, for the way in which polycrate was installed. What
 * installs only the newest version cannot bring an older one.
 */
export function updateHint(installation: Installation, range: string, isNewer: boolean): string {
  if (installation.kind === "npm") {
    const { manager, isGlobal } = installation;
    const words = [manager, manager === "npm" ? "install" : "add", ...(isGlobal ? ["--global"] : [])];
    return `\`${words.join(" ")} ${quote(`polycrate@${range}`)}\` installs it`;
  }
  if (installation.kind === "npx") return `\`npx ${quote(`polycrate@${range}`)}\` runs it`;
  if (!isNewer) return "install an older version, from its release page";
  return newestHint(installation);
}

function newestHint(installation: Exclude<Installation, { kind: "npm" } | { kind: "npx" }>): string {
  switch (installation.kind) {
    case "brew":
      return "`brew update && brew upgrade polycrate` installs the newest version";
    case "nix":
      return "install it with the `polycrate.nix` of the newest release";
    case "debian":
      return "download the newest `polycrate_*.deb` from the release page, then `sudo apt install ./polycrate_*.deb`";
    case "system":
      return "update it with the package manager, or the container image, that it came with";
    case "clone":
      return `\`cd ${quote(installation.folder)} && git pull && bun run build\` builds the newest version`;
    case "script":
      return `\`${installerCommand(installation)}\` installs the newest version`;
  }
}

function installerCommand({
  prefix,
  page = "https://PAGE",
}: Extract<Installation, { kind: "script" }>): string {
  const url = quote(page);
  return `curl -fsSL ${url}/install.sh | sh -s -- --url ${url} --prefix ${quote(prefix)}`;
}
