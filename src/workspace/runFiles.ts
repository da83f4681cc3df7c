import { lstatSync, realpathSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join, normalize, resolve } from "node:path";
import { exitCodes, PolycrateError } from "../errors.ts";
import { fileStatus } from "../host/fileStatus.ts";
import { sshAgentSocket } from "../host/sshAgent.ts";
import { isYamlMap, textOf, type YamlMap, type YamlValue } from "../yaml/value.ts";
import { findBlocks, lineageOf } from "./blocks/findBlock.ts";
import type { Block } from "./blocks/overlayBlocks.ts";
import { inheritedValue } from "./blocks/resolveBlock.ts";
import type { Workspace } from "./load.ts";

/** The files outside of any block that a container gets to see. Paths are absolute on the host, and without links. */
export type RunFiles = {
  readonly privateKey: KeyFile | undefined;
  readonly publicKey: string | undefined;
  /** Where host keys are remembered; undefined when nothing here speaks ssh, so that no file is made for nothing. */
  readonly knownHosts: string | undefined;
  /** The socket of the caller's ssh agent, when the workspace asks for it. */
  readonly agent: string | undefined;
};

/** A private key: ssh refuses it when its owner uses it and others can read it. */
export type KeyFile = { readonly path: string; readonly uid: number; readonly mode: number };

/**
 * Returns the ssh files of the workspace that exist, and the agent. Throws (65) when there is no agent though the workspace
 * asks for it, and for a file outside of the workspace that is not named by an absolute path: an action or a clone could
 * have made a link to any file of the host.
 */
export function locateRunFiles(workspace: Workspace, host: NodeJS.ProcessEnv): RunFiles {
  const { privateKey, publicKey } = workspace.layout;
  const key = realFile(workspace, privateKey, "set `config.sshprivatekey` to");
  const shared = realFile(workspace, publicKey, "set `config.sshpublickey` to");
  const hosts = realFile(workspace, "known_hosts", "copy");
  const agent = workspace.settings.config.container.ssh_agent ? sshAgentSocket(host) : undefined;
  const speaksSsh = key !== undefined || agent !== undefined;
  return {
    privateKey: key && { path: key.path, uid: key.status.uid, mode: key.status.mode & 0o777 },
    publicKey: shared?.path,
    knownHosts: hosts?.path ?? (speaksSsh ? join(workspace.path, "known_hosts") : undefined),
    agent,
  };
}

/** The file without links on the way to it; undefined when there is none. `cure` is what may be done with its real path. */
function realFile(workspace: Workspace, path: string, cure: string) {
  const named = resolve(workspace.path, path);
  const status = fileStatus(named);
  if (status?.isFile() !== true) {
    if (status === undefined && isLink(named))
      refuseLink(path, "is a link to nothing", "correct the link, or remove it");
    return undefined;
  }
  const real = realpathSync(named);
  if (isAbsolute(path) || real.startsWith(`${workspace.path}/`)) return { path: real, status };
  return refuseLink(path, "leads out of the workspace", `put the file itself there, or ${cure} \`${real}\``);
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
  } catch {
    return false;
  }
}

function refuseLink(path: string, reason: string, hint: string): never {
  throw new PolycrateError(`\`${path}\` ${reason}`, { hint, exitCode: exitCodes.invalidWorkspace });
}

/** The places that belong to one block; paths are relative to the workspace, undefined where there is no such file. */
export type BlockPlaces = {
  readonly directory: string | undefined;
  readonly artifacts: string;
  /** One that the block takes from another block is named even if it is not there yet. */
  readonly inventory: string | undefined;
  readonly kubeconfig: string | undefined;
  /** Files that the block takes from another and that are not there yet; a run refuses, so nothing ever falls back to another host. */
  readonly missing: readonly MissingFile[];
  /** What is wrong with the blocks that it takes them from, so that no file can be named. */
  readonly unknown: readonly Complaint[];
};

/** A file that a run requires, relative to the workspace, and what to report when it is not there. */
export type MissingFile = Complaint & { readonly path: string };

type Complaint = { readonly message: string; readonly hint: string };

/** Returns where the block's folder, artifacts, inventory and kubeconfig are. `value` is the resolved block. */
export function locateBlock(
  workspace: Workspace,
  value: YamlMap,
  lineage: readonly [Block, ...Block[]],
): BlockPlaces {
  const [{ name }] = lineage;
  const inventory = locate(workspace, name, "inventory", value.get("inventory"), []);
  const kubeconfig = locate(workspace, name, "kubeconfig", value.get("kubeconfig"), []);
  return {
    directory: lineage.find((ancestor) => ancestor.directory !== undefined)?.directory,
    artifacts: artifactsOf(workspace, name),
    inventory: inventory.path,
    kubeconfig: kubeconfig.path,
    missing: [inventory.missing, kubeconfig.missing].filter((one) => one !== undefined),
    unknown: [inventory.unknown, kubeconfig.unknown].filter((one) => one !== undefined),
  };
}

/** Throws (65) when the block takes its inventory or kubeconfig from a block that does not exist. */
export function refuseUnknown({ unknown: [first] }: BlockPlaces): void {
  if (first !== undefined) {
    throw new PolycrateError(first.message, { hint: first.hint, exitCode: exitCodes.invalidWorkspace });
  }
}

/** Throws (65) when one of the files is not there. */
export function refuseMissing(workspace: string, files: readonly MissingFile[]): void {
  const missing = files.find(({ path }) => !isFile(join(workspace, path)));
  if (missing !== undefined) {
    throw new PolycrateError(missing.message, { hint: missing.hint, exitCode: exitCodes.invalidWorkspace });
  }
}

type Kind = "inventory" | "kubeconfig";

/** Returns the workspace's own inventory or kubeconfig, relative to it; undefined when it is not there. */
export function locateWorkspaceFile(workspace: Workspace, kind: Kind): string | undefined {
  const path = workspaceFileOf(workspace, kind);
  return isThere(workspace, path) ? path : undefined;
}

/** Returns the file that Ansible and kubectl look for when they are given none; older playbooks read its name in the snapshot. */
export function usualFile(kind: Kind): string {
  return kind === "inventory" ? "/etc/ansible/hosts" : join(homedir(), ".kube", "config");
}

/** Returns where the workspace's own inventory or kubeconfig would be, relative to it. */
export function workspaceFileOf({ settings, layout }: Workspace, kind: Kind): string {
  const { inventory, kubeconfig } = settings;
  return kind === "inventory"
    ? (inventory?.filename ?? "inventory.yml")
    : join(layout.artifactsRoot, "blocks", "k8s", kubeconfig?.filename ?? "kubeconfig.yml");
}

function artifactsOf(workspace: Workspace, block: string): string {
  return join(workspace.layout.artifactsRoot, "blocks", block);
}

type Located = {
  readonly path?: string;
  readonly missing?: MissingFile;
  readonly unknown?: Complaint;
};

/** The block's own file, else the workspace's; with `from`, what the named block has. `borrowers` have been asked already. */
function locate(
  workspace: Workspace,
  block: string,
  kind: Kind,
  settings: YamlValue | undefined,
  borrowers: readonly string[],
): Located {
  const from = textAt(settings, "from");
  if (from !== undefined) return locateBorrowed(workspace, block, kind, settings, borrowers);
  const own = join(artifactsOf(workspace, block), textAt(settings, "filename") ?? `${kind}.yml`);
  const path = isThere(workspace, own) ? own : locateWorkspaceFile(workspace, kind);
  return path === undefined ? {} : { path };
}

/** A file that the borrower names, other than the default, is that file of the lender, or none. */
function locateBorrowed(
  workspace: Workspace,
  block: string,
  kind: Kind,
  settings: YamlValue | undefined,
  borrowers: readonly string[],
): Located {
  const from = textAt(settings, "from") ?? block;
  const message = `block \`${block}\` takes its ${kind} from \`${from}\``;
  const [lender] = findBlocks(workspace, from);
  if (lender === undefined) {
    const unknown = { message: `${message}, which is not a block here`, hint: lenderHint(from) };
    return { unknown };
  }
  const lent = effectiveValue(workspace, lender).get(kind);
  const usual = `${kind}.yml`;
  const wanted = textAt(settings, "filename") ?? usual;
  const isCircle = [lender.name, block, ...borrowers].includes(textAt(lent, "from") ?? "");
  const own = withoutFrom(lent, isCircle);
  const found = wanted === usual ? locate(workspace, lender.name, kind, own, [...borrowers, block]) : {};
  if (found.path !== undefined || found.unknown !== undefined) return found;
  const name = wanted === usual ? (textAt(lent, "filename") ?? usual) : wanted;
  const path = join(artifactsOf(workspace, lender.name), name);
  if (isThere(workspace, path)) return { path };
  const missing = {
    path,
    message: `${message}, but \`${path}\` does not exist`,
    hint: `run the action of \`${from}\` that writes it`,
  };
  return isInside(path) ? { path, missing } : { unknown: missing };
}

/** Returns what to do about a `from` that names no block; the workspace's own file needs none. */
export function lenderHint(from: string): string {
  return from === "workspace"
    ? "leave `from` out: a block without a file of its own uses the workspace's"
    : "`polycrate list` shows the blocks";
}

function withoutFrom(settings: YamlValue | undefined, isCircle: boolean): YamlValue | undefined {
  if (!isCircle || !isYamlMap(settings)) return settings;
  return new Map([...settings].filter(([key]) => key !== "from"));
}

/** A block that cannot be resolved still has what it says itself. */
function effectiveValue(workspace: Workspace, block: Block): YamlMap {
  try {
    return inheritedValue(lineageOf(workspace, block));
  } catch (error) {
    if (error instanceof PolycrateError) return block.value;
    throw error;
  }
}

function textAt(settings: YamlValue | undefined, key: string): string | undefined {
  return isYamlMap(settings) ? textOf(settings.get(key)) : undefined;
}

function isThere(workspace: Workspace, path: string): boolean {
  return isInside(path) && isFile(join(workspace.path, path));
}

/** A name that climbs out of the workspace names a file that the container cannot see. */
function isInside(path: string): boolean {
  return !normalize(path).split("/").includes("..");
}

function isFile(path: string): boolean {
  return fileStatus(path)?.isFile() === true;
}
