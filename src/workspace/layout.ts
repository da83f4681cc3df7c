import { relative, resolve, sep } from "node:path";
import type { WorkspaceSettings } from "./poly/schema/workspace.ts";
import { defaultConfig } from "./poly/schema/workspaceConfig.ts";

/** Where the parts of a workspace are: folders relative to the workspace, `containerRoot` absolute in the container. */
export type Layout = {
  readonly blocksRoot: string;
  readonly artifactsRoot: string;
  readonly logsRoot: string;
  readonly containerRoot: string;
  readonly privateKey: string;
  readonly publicKey: string;
};

/** Returns the layout by the settings; a path outside of the workspace is reported, and the default used. */
export function layoutOf(settings: WorkspaceSettings, workspace: string, report: ReportKey): Layout {
  const { config } = settings;
  const inside = (key: "blocksroot" | "artifactsroot" | "logsroot") => {
    const clean = relative(workspace, resolve(workspace, config[key]));
    const isInside = clean !== "" && clean !== ".." && !clean.startsWith(`..${sep}`);
    if (isInside && !clean.includes("\0")) return clean;
    const message = `\`config.${key}\` is not a folder in the workspace: \`${config[key]}\``;
    report(key, message, "use a path below the workspace");
    return defaultConfig[key];
  };
  const { containerroot: containerRoot, sshprivatekey: privateKey } = config;
  const isAbsolute = /^\/[^/\0][^\0]*$/.test(containerRoot) && !containerRoot.split("/").includes("..");
  if (!isAbsolute) {
    const message = `\`config.containerroot\` is not an absolute path: \`${containerRoot}\``;
    report("containerroot", message, "use a path like `/workspace`");
  }
  return {
    blocksRoot: inside("blocksroot"),
    artifactsRoot: inside("artifactsroot"),
    logsRoot: inside("logsroot"),
    containerRoot: isAbsolute ? containerRoot.replace(/\/+$/, "") : defaultConfig.containerroot,
    privateKey,
    publicKey: config.sshpublickey ?? `${privateKey}.pub`,
  };
}

/** Reports what is wrong with a key of `config`. */
type ReportKey = (key: string, message: string, hint: string) => void;
