import { readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join, normalize } from "node:path";
import { exitCodes, PolycrateError } from "../errors.ts";
import { isFile } from "../host/fileStatus.ts";
import { isYamlMap, type YamlMap, type YamlValue, yamlTextAt } from "../yaml/value.ts";
import { findBlocks } from "./blocks/findBlock.ts";
import type { Block } from "./blocks/overlayBlocks.ts";
import { lenientHead } from "./blocks/resolveBlock.ts";
import type { Workspace } from "./load.ts";
import { once } from "./once.ts";

/** The paths that belong to one block, relative to the workspace; undefined when the file does not exist. */
export type BlockPaths = {
  readonly directory: string | undefined;
  readonly artifacts: string;
  /** The inventory; one that the block takes from another block is set even if it does not exist yet. */
  readonly inventory: string | undefined;
  readonly kubeconfig: string | undefined;
  /** Files that the block takes from another block and that do not exist yet. A run then fails: it must not use other hosts. */
  readonly missing: readonly MissingFile[];
  /** Why the path of a file that it takes from another block is unknown. */
  readonly unresolved: readonly PathProblem[];
};

/** A file that a run requires, relative to the workspace, and the error when it does not exist. */
export type MissingFile = PathProblem & { readonly path: string };

type PathProblem = { readonly message: string; readonly hint: string };

/** Returns the paths of the block's folder, artifacts, inventory and kubeconfig. `head` is that of the resolved block. */
export function blockPaths(
  workspace: Workspace,
  head: YamlMap,
  lineage: readonly [Block, ...Block[]],
  isThere = fileTest(workspace),
): BlockPaths {
  const [{ name }] = lineage;
  const place = { workspace, isThere };
  const inventory = filePath(place, name, "inventory", head.get("inventory"), []);
  const kubeconfig = filePath(place, name, "kubeconfig", head.get("kubeconfig"), []);
  return {
    directory: lineage.find((ancestor) => ancestor.directory !== undefined)?.directory,
    artifacts: artifactsOf(workspace, name),
    inventory: inventory.path,
    kubeconfig: kubeconfig.path,
    missing: [inventory.missing, kubeconfig.missing].filter((one) => one !== undefined),
    unresolved: [inventory.unresolved, kubeconfig.unresolved].filter((one) => one !== undefined),
  };
}

/** Throws (65) when the block takes its inventory or kubeconfig from a block that does not exist. */
export function assertResolved({ unresolved: [first] }: BlockPaths): void {
  if (first !== undefined) {
    throw new PolycrateError(first.message, { hint: first.hint, exitCode: exitCodes.invalidWorkspace });
  }
}

/** Throws (65) when one of the files does not exist. */
export function assertFilesExist(workspace: string, files: readonly MissingFile[]): void {
  const missing = files.find(({ path }) => !isFile(join(workspace, path)));
  if (missing !== undefined) {
    throw new PolycrateError(missing.message, { hint: missing.hint, exitCode: exitCodes.invalidWorkspace });
  }
}

/** A file that a block can take from another block. */
export type FileKind = "inventory" | "kubeconfig";

/** Returns the file that Ansible and kubectl use by default; older playbooks read its name from the snapshot. */
export function toolDefaultFile(kind: FileKind): string {
  return kind === "inventory" ? "/etc/ansible/hosts" : join(homedir(), ".kube", "config");
}

/** Returns where the workspace's own inventory or kubeconfig would be, relative to it. */
export function workspaceFilePath({ settings, layout }: Workspace, kind: FileKind): string {
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
  readonly unresolved?: PathProblem;
};

type Place = { readonly workspace: Workspace; readonly isThere: FileTest };

/** The block's own file, else the workspace's; with `from`, the file of that block. `borrowers` are the blocks whose `from` was followed. */
function filePath(
  place: Place,
  block: string,
  kind: FileKind,
  settings: YamlValue | undefined,
  borrowers: readonly string[],
): Located {
  const from = yamlTextAt(settings, "from");
  if (from !== undefined) return lenderFilePath(place, block, kind, settings, borrowers);
  const { workspace, isThere } = place;
  const own = join(artifactsOf(workspace, block), yamlTextAt(settings, "filename") ?? `${kind}.yml`);
  const path = [own, workspaceFilePath(workspace, kind)].find(isThere);
  return path === undefined ? {} : { path };
}

/** A file name that is not the default can only be a file of the lender itself. */
function lenderFilePath(
  place: Place,
  block: string,
  kind: FileKind,
  settings: YamlValue | undefined,
  borrowers: readonly string[],
): Located {
  const { workspace, isThere } = place;
  const from = yamlTextAt(settings, "from") ?? block;
  const message = `block \`${block}\` takes its ${kind} from \`${from}\``;
  const [lender] = findBlocks(workspace, from);
  if (lender === undefined) {
    return {
      unresolved: { message: `${message}, which is not a block of this workspace`, hint: lenderHint(from) },
    };
  }
  const lent = lenientHead(workspace, lender).get(kind);
  const usual = `${kind}.yml`;
  const wanted = yamlTextAt(settings, "filename") ?? usual;
  const isCircle = [lender.name, block, ...borrowers].includes(yamlTextAt(lent, "from") ?? "");
  const own = withoutFrom(lent, isCircle);
  const found = wanted === usual ? filePath(place, lender.name, kind, own, [...borrowers, block]) : {};
  if (found.path !== undefined || found.unresolved !== undefined) return found;
  const name = wanted === usual ? (yamlTextAt(lent, "filename") ?? usual) : wanted;
  const path = join(artifactsOf(workspace, lender.name), name);
  if (isThere(path)) return { path };
  const missing = {
    path,
    message: `${message}, but \`${path}\` does not exist`,
    hint: `run the action of \`${from}\` that writes it`,
  };
  return staysInside(path) ? { path, missing } : { unresolved: missing };
}

/** Returns the hint for a `from` that is not the name of a block. */
export function lenderHint(from: string): string {
  return from === "workspace"
    ? "remove `from`: a block without its own file uses that of the workspace"
    : "`polycrate list` shows the blocks";
}

function withoutFrom(settings: YamlValue | undefined, isCircle: boolean): YamlValue | undefined {
  if (!isCircle || !isYamlMap(settings)) return settings;
  return new Map([...settings].filter(([key]) => key !== "from"));
}

/** Tells whether there is a file at a path relative to the workspace. */
export type FileTest = (path: string) => boolean;

/**
 * Returns a test for many files: each is looked for once, and the folder with the artifacts of all blocks is listed, because most
 * blocks have none. It does not see what is created later.
 */
export function fileTest({ path: root, layout }: Workspace): FileTest {
  const artifacts = join(layout.artifactsRoot, "blocks");
  const listed = once(() => listedIn(join(root, artifacts)));
  const known = new Map<string, boolean>();
  const look = (path: string) => {
    if (!staysInside(path)) return false;
    const [folder = ""] = path.startsWith(`${artifacts}/`) ? path.slice(artifacts.length + 1).split("/") : [];
    return (folder === "" || listed()?.has(foldedName(folder)) !== false) && isFile(join(root, path));
  };
  return (path) => {
    const found = known.get(path) ?? look(path);
    known.set(path, found);
    return found;
  };
}

/** The names in a folder; undefined when it cannot be listed, although files in it may be found. */
function listedIn(folder: string): ReadonlySet<string> | undefined {
  try {
    return new Set(readdirSync(folder).map(foldedName));
  } catch {
    return undefined;
  }
}

/** Some file systems find a file by another spelling of its name. */
function foldedName(name: string): string {
  return name.normalize("NFC").toLowerCase();
}

/** Files outside of the workspace do not exist in the container. */
function staysInside(path: string): boolean {
  return !path.includes("..") || !normalize(path).split("/").includes("..");
}
