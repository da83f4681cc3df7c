import { lstatSync, realpathSync } from "node:fs";
import { isAbsolute, join, normalize, resolve } from "node:path";
import { exitCodes, PolycrateError } from "../errors.ts";
import { locateAgent } from "./agent.ts";
import { findBlocks, lineageOf } from "./blocks/findBlock.ts";
import type { Block } from "./blocks/overlayBlocks.ts";
import { inheritedValue } from "./blocks/resolveBlock.ts";
import { fileStatus } from "./fileStatus.ts";
import type { Workspace } from "./loadWorkspace.ts";
import { isYamlMap, textOf, type YamlMap, type YamlValue } from "./yaml/yamlValue.ts";

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
  const agent = locateAgent(workspace, host);
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
    return lstatSync(path).isSymbolicLink();
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
  readonly inventory: string | undefined;
  readonly kubeconfig: string | undefined;
  /** Files that the block asks for and that are not there; a run refuses them, so nothing ever falls back to another host. */
  readonly missing: readonly { readonly message: string; readonly hint: string }[];
};

/** Returns where the block's folder, artifacts, inventory and kubeconfig are. `value` is the resolved block. */
export function locateBlock(
  workspace: Workspace,
  value: YamlMap,
  lineage: readonly [Block, ...Block[]],
): BlockPlaces {
  const [{ name }] = lineage;
  const inventory = locate(workspace, name, {
    kind: "inventory",
    settings: value.get("inventory"),
    fallback: workspace.settings.inventory?.filename ?? "inventory.yml",
  });
  const kubeconfig = locate(workspace, name, {
    kind: "kubeconfig",
    settings: value.get("kubeconfig"),
    fallback: join(
      artifactsOf(workspace, "k8s"),
      workspace.settings.kubeconfig?.filename ?? "kubeconfig.yml",
    ),
  });
  return {
    directory: lineage.find((ancestor) => ancestor.directory !== undefined)?.directory,
    artifacts: artifactsOf(workspace, name),
    inventory: inventory.path,
    kubeconfig: kubeconfig.path,
    missing: [inventory.missing, kubeconfig.missing].filter((one) => one !== undefined),
  };
}

/** Throws (65) when the block asks for an inventory or kubeconfig that is not there. */
export function refuseMissing({ missing }: BlockPlaces): void {
  const [first] = missing;
  if (first !== undefined) {
    throw new PolycrateError(first.message, { hint: first.hint, exitCode: exitCodes.invalidWorkspace });
  }
}

function artifactsOf(workspace: Workspace, block: string): string {
  return join(workspace.layout.artifactsRoot, "blocks", block);
}

type Wanted = {
  readonly kind: "inventory" | "kubeconfig";
  readonly settings: YamlValue | undefined;
  /** The workspace's own file, relative to it. */
  readonly fallback: string;
};

type Located = { readonly path?: string; readonly missing?: BlockPlaces["missing"][number] };

function locate(workspace: Workspace, block: string, wanted: Wanted): Located {
  const { kind, settings, fallback } = wanted;
  if (textAt(settings, "from") !== undefined) return locateBorrowed(workspace, block, wanted, []);
  const own = join(artifactsOf(workspace, block), textAt(settings, "filename") ?? `${kind}.yml`);
  const path = [own, fallback].find((one) => isThere(workspace, one));
  return path === undefined ? {} : { path };
}

/** The file of the block that `from` names, which may itself borrow it; `borrowers` have been asked already. */
function locateBorrowed(
  workspace: Workspace,
  block: string,
  { kind, settings, fallback }: Wanted,
  borrowers: readonly string[],
): Located {
  const from = textAt(settings, "from") ?? block;
  const message = `block \`${block}\` takes its ${kind} from \`${from}\``;
  const [lender] = findBlocks(workspace, from);
  if (lender === undefined) {
    return {
      missing: { message: `${message}, which is no block here`, hint: "`polycrate list` shows the blocks" },
    };
  }
  const lent = effectiveValue(workspace, lender).get(kind);
  const isBorrowing = ![undefined, lender.name, block, ...borrowers].includes(textAt(lent, "from"));
  if (isBorrowing) {
    return locateBorrowed(workspace, lender.name, { kind, settings: lent, fallback }, [...borrowers, block]);
  }
  const name = textAt(settings, "filename") ?? textAt(lent, "filename") ?? `${kind}.yml`;
  const path = join(artifactsOf(workspace, lender.name), name);
  if (isThere(workspace, path)) return { path };
  return {
    missing: {
      message: `${message}, but \`${path}\` does not exist`,
      hint: `run the action of \`${from}\` that writes it`,
    },
  };
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
