import { normalize, resolve } from "node:path";
import type { YamlPath } from "../../yaml/value.ts";
import type { BindMount } from "../mounts.ts";
import type { PolyFinding } from "../poly/problems.ts";

/** Returns the finding for a value that gives actions access to the host. */
export function hostRights(message: string, at: YamlPath): PolyFinding {
  return {
    severity: "warning",
    code: "privileged",
    at,
    message,
    hint: "remove it if no action needs it",
  };
}

/** The message for a mount of the docker socket. */
export const socketMessage = "the docker socket gives every action root access to the host";

/** True for the socket of a container engine. */
export function isSocket(source: string): boolean {
  return /\/(?:docker|podman|containerd)\.sock$/.test(source);
}

/**
 * Returns the message for a mount that gives actions access to the host: a folder that contains the system, the devices or
 * a whole home, something below the devices, or a writable part of `/etc`. Undefined for other folders, and for those of
 * the workspace.
 */
export function hostFolderMessage(
  { source, readonly }: Pick<BindMount, "source" | "readonly">,
  workspace: string,
  home: string,
): string | undefined {
  if (!/^[/.~]/.test(source)) return undefined;
  const path = resolve(workspace, source.replace(/^~(?=\/|$)/, home));
  if (isBelowFolder(path, workspace)) return undefined;
  const given =
    [...systemFolders, home].some((folder) => isBelowFolder(folder, path)) ||
    deviceFolders.some((folder) => isBelowFolder(path, folder)) ||
    (!readonly && isBelowFolder(path, "/etc"));
  return given
    ? `the mount of \`${normalize(source)}\` gives every action access to that part of the host`
    : undefined;
}

const deviceFolders = ["/proc", "/sys", "/dev", "/boot"];

const systemFolders = [
  ...deviceFolders,
  "/bin",
  "/etc",
  "/home",
  "/lib",
  "/root",
  "/run",
  "/sbin",
  "/usr",
  "/var/lib/docker",
  "/var/log",
  "/var/run",
];

function isBelowFolder(path: string, folder: string): boolean {
  return path === folder || folder === "/" || path.startsWith(`${folder}/`);
}
