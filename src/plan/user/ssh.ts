import { quote } from "../../host/arg.ts";
import type { Variable } from "../../workspace/environment.ts";
import type { HostFiles, KeyFile } from "../../workspace/hostFiles.ts";
import type { BindMount } from "../../workspace/mounts.ts";
import type { ContainerUser } from "./containerUser.ts";

/** A file that ssh reads. The container's entrypoint writes it, because ssh rejects files of other users. */
export type SshConfig = {
  readonly path: string;
  readonly lines: readonly string[];
  /** The files of host keys, the first for new ones, as ssh reads them. */
  readonly knownHosts: string;
};

/** The ssh files that are mounted or written: undefined if the workspace mounts its own, or if there are none. */
export type SshState = {
  /** The workspace's key if it is mounted, and the file of accepted host keys; both on the host. */
  readonly privateKey: KeyFile | undefined;
  readonly knownHosts: string | undefined;
  readonly sshConfig: SshConfig | undefined;
};

/** The mode of a key that is decrypted for a run: ssh refuses one that others can read. */
export const decryptedKeyMode = 0o400;

const agentInContainer = "/run/polycrate-agent";

/** Where ssh looks for the key, regardless of its name in the workspace; ssh detects the kind of key from its content. */
export function keyIn(home: string): string {
  return `${home}/.ssh/id_rsa`;
}

/** Where ssh looks for host keys, and remembers new ones. */
export function knownHostsIn(home: string): string {
  return `${home}/.ssh/known_hosts`;
}

/** Returns the mounts of key, public key, host keys and agent. */
export function sshMounts({ privateKey, publicKey, knownHosts, agent }: HostFiles, home: string) {
  const mount = (source: string | undefined, target: string, readonly: boolean): readonly BindMount[] =>
    source === undefined ? [] : [{ source, target, readonly }];
  return [
    ...mount(privateKey?.path, keyIn(home), true),
    ...mount(publicKey, `${keyIn(home)}.pub`, true),
    ...mount(knownHosts, knownHostsIn(home), false),
    ...mount(agent, agentInContainer, false),
  ];
}

/** Returns the variable by which ssh finds the agent. */
export function agentVariables({ agent }: HostFiles): readonly Variable[] {
  return agent === undefined ? [] : [{ name: "SSH_AUTH_SOCK", value: agentInContainer }];
}

/**
 * Returns the configuration for ssh, and for git over ssh. Host keys are checked: an unknown one is accepted once and stored
 * in the workspace. ssh replaces the file to update keys, which is not possible for a mounted file. The image's own file of
 * host keys is read too, unless the workspace's is mounted over it.
 */
export function sshConfigOf(containerRoot: string, home: string, isMounted: boolean): SshConfig {
  const path = `${containerRoot}/known_hosts`.replaceAll("%", "%%"); // ssh expands `%` (ssh_config(5))
  const first = /^[\w./%-]+$/.test(path) ? path : `"${path}"`;
  const knownHosts = isMounted ? first : `${first} ~/.ssh/known_hosts`;
  return {
    path: `${home}/.ssh/config`,
    lines: [
      "# written by polycrate",
      "Host *",
      "  StrictHostKeyChecking accept-new",
      `  UserKnownHostsFile ${knownHosts}`,
      "  UpdateHostKeys no",
      "  HashKnownHosts no",
    ],
    knownHosts,
  };
}

/** Returns the same as arguments for Ansible, which splits them like a shell. */
export function sshArguments(config: SshConfig | undefined): string {
  return [
    "-o StrictHostKeyChecking=accept-new",
    "-o UpdateHostKeys=no",
    ...(config === undefined ? [] : [`-o ${quote(`UserKnownHostsFile=${config.knownHosts}`)}`]),
  ].join(" ");
}

/** What is wrong with a key, and how to fix it; `refused` when ssh would reject it. */
export type KeyProblem = { readonly message: string; readonly hint: string; readonly refused: boolean };

/** Returns what is wrong with the key for this user. ssh checks its mode only when it is the user's own. */
export function checkPrivateKey(
  { path, uid, mode }: KeyFile,
  { uidOnHost }: ContainerUser,
): KeyProblem | undefined {
  const isOwn = uid === uidOnHost;
  if (!isOwn && uidOnHost !== 0 && (mode & 0o044) === 0) {
    return {
      message: `the ssh key \`${path}\` belongs to another user (uid ${uid}); the action (uid ${uidOnHost}) cannot read it`,
      hint: `run \`sudo chown ${uidOnHost} ${quote(path)}\`, or run actions as root with \`user: image\``,
      refused: false,
    };
  }
  if ((mode & 0o077) === 0) return undefined;
  const octal = mode.toString(8).padStart(4, "0");
  return {
    message: `the ssh key \`${path}\` is readable by others (mode ${octal})${isOwn ? ", so ssh refuses it" : ""}`,
    hint: `run \`chmod 600 ${quote(path)}\``,
    refused: isOwn,
  };
}
