import { lstatSync, realpathSync } from "node:fs";
import { isAbsolute, join, resolve } from "node:path";
import { exitCodes, PolycrateError } from "../errors.ts";
import { fileStatus, isFile } from "../host/fileStatus.ts";
import { sshAgentSocket } from "../host/sshAgent.ts";
import type { Workspace } from "./load.ts";
import { encryptedEnding, secretFilesFolder } from "./secrets/encryptedFiles.ts";

/** The files outside of any block that are mounted into a container. Paths are absolute on the host, links resolved. */
export type HostFiles = {
  readonly privateKey: KeyFile | undefined;
  readonly publicKey: string | undefined;
  /** The file of known host keys; undefined without a key and an agent, so that it is only created when needed. */
  readonly knownHosts: string | undefined;
  /** The socket of the caller's ssh agent, when `config.container.ssh_agent` is on. */
  readonly agent: string | undefined;
};

/** A private key. ssh rejects it when its owner uses it and others can read it. */
export type KeyFile = { readonly path: string; readonly uid: number; readonly mode: number };

/**
 * Returns the ssh files of the workspace that exist, and the agent. Throws (65) when the workspace requires an agent and there
 * is none, and for a file outside of the workspace that is not named by an absolute path: an action or a clone could
 * link to any file of the host.
 */
export function hostFiles(workspace: Workspace, host: NodeJS.ProcessEnv): HostFiles {
  const { privateKey, publicKey } = workspace.layout;
  // What the decrypted key is mounted over is empty.
  const key = hasEncryptedKey(workspace)
    ? undefined
    : fileWithoutLinks(
        workspace,
        privateKey,
        "replace the link with the file, or set `config.sshprivatekey` to",
      );
  const shared = fileWithoutLinks(
    workspace,
    publicKey,
    "replace the link with the file, or set `config.sshpublickey` to",
  );
  const hosts = fileWithoutLinks(workspace, "known_hosts", "replace the link with a copy of");
  const agent = workspace.settings.config.container.ssh_agent ? sshAgentSocket(host) : undefined;
  const usesSsh = key !== undefined || agent !== undefined || hasEncryptedKey(workspace);
  return {
    privateKey: key && { path: key.path, uid: key.status.uid, mode: key.status.mode & 0o777 },
    publicKey: shared?.path,
    knownHosts: hosts?.path ?? (usesSsh ? join(workspace.path, "known_hosts") : undefined),
    agent,
  };
}

/** True if the workspace's ssh key is a file that is kept encrypted. */
export function hasEncryptedKey({ path, layout, secretFiles }: Workspace): boolean {
  const { artifactsRoot, privateKey } = layout;
  const isOnDisk = () => isFile(join(path, `${privateKey}${encryptedEnding}`));
  return (
    secretFiles.some((file) => file.path === privateKey) ||
    (privateKey.startsWith(`${secretFilesFolder(artifactsRoot)}/`) && isOnDisk())
  );
}

/** The file with links resolved; undefined when there is none. `fix` is the beginning of a hint about its real path. */
function fileWithoutLinks(workspace: Workspace, path: string, fix: string) {
  const named = resolve(workspace.path, path);
  const status = fileStatus(named);
  if (status?.isFile() !== true) {
    if (status === undefined && isLink(named))
      throw linkError(path, "is a broken link", "correct the link, or remove it");
    return undefined;
  }
  const real = realpathSync(named);
  if (isAbsolute(path) || real.startsWith(`${workspace.path}/`)) return { path: real, status };
  throw linkError(path, "is a link to a path outside of the workspace", `${fix} \`${real}\``);
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
  } catch {
    return false;
  }
}

function linkError(path: string, reason: string, hint: string): PolycrateError {
  return new PolycrateError(`\`${path}\` ${reason}`, { hint, exitCode: exitCodes.invalidWorkspace });
}
