import type { BlockPaths, FileKind } from "../workspace/blockPaths.ts";
import type { Workspace } from "../workspace/load.ts";
import type { LocatedFiles } from "../workspace/locateFiles.ts";
import { mapOf, record, withDefaults, withEntries } from "../yaml/entries.ts";
import { isYamlList, isYamlMap, textOf, type YamlMap, type YamlValue } from "../yaml/value.ts";
import { writeItem } from "../yaml/write.ts";
import { containerPath } from "./runPaths.ts";

/** All that blocks in a snapshot are made of besides themselves: plain data, so that two can be compared. */
export type BlockSurroundings = {
  /** Of the workspace. */
  readonly path: string;
  readonly name: string;
  readonly organization: string;
  readonly containerRoot: string;
  /** What Ansible and kubectl use by default. */
  readonly toolDefaults: Readonly<Record<FileKind, string>>;
};

/** Returns the surroundings of the workspace's blocks. */
export function surroundingsOf(
  { path, settings, layout }: Workspace,
  { toolDefaults }: Pick<LocatedFiles, "toolDefaults">,
): BlockSurroundings {
  const { name, organization } = settings;
  return { path, name, organization: organization ?? "", containerRoot: layout.containerRoot, toolDefaults };
}

/** Returns the text of a block in the list of the workspace's blocks, which is only read, never a secret. */
export function blockText(around: BlockSurroundings, value: YamlMap, paths: BlockPaths | undefined): string {
  return writeItem(blockInSnapshot(around, value, paths), depthOfBlocks);
}

/** The list is at `workspace.blocks`. */
const depthOfBlocks = 2;

/** Returns a block for a snapshot, with its paths and labels; as it is when it could not be resolved and has no paths. */
export function blockInSnapshot(
  around: BlockSurroundings,
  value: YamlMap,
  paths: BlockPaths | undefined,
): YamlMap {
  if (paths === undefined) return value;
  const place = (path: string) => record(pathsOf(around, path));
  const file = (kind: FileKind) => withEntries(mapOf(value.get(kind)), filePaths(around, kind, paths[kind]));
  const actions = value.get("actions");
  return withEntries(value, {
    ...(isYamlList(actions) ? { actions: actions.map((action) => ofBlock(action, value)) } : {}),
    labels: withDefaults(mapOf(value.get("labels")), labelsOf(around, value)),
    workdir: place(paths.directory ?? ""),
    artifacts: place(paths.artifacts),
    inventory: file("inventory"),
    kubeconfig: file("kubeconfig"),
    events: value.get("events") ?? new Map(),
  });
}

function ofBlock(action: YamlValue, block: YamlMap): YamlValue {
  return isYamlMap(action) ? withEntries(action, { block: block.get("name") ?? null }) : action;
}

/** The labels that the Go program added to a block. */
function labelsOf({ name, organization }: BlockSurroundings, block: YamlMap): YamlMap {
  return record({
    "workspaces.polycrate.io/name": name,
    "blocks.polycrate.io/name": textOf(block.get("name")) ?? "",
    "blocks.polycrate.io/kind": textOf(block.get("kind")) ?? "",
    "polycrate.io/managed-by": "cli",
    "organizations.polycrate.io/name": organization,
  });
}

/** Returns the paths of a file; without one, the path that the programs use by default. */
export function filePaths(
  around: BlockSurroundings,
  kind: FileKind,
  path: string | undefined,
): Readonly<Record<string, string>> {
  if (path !== undefined) return pathsOf(around, path);
  const usual = around.toolDefaults[kind];
  return { path: usual, localpath: usual, containerpath: usual };
}

/** Returns the paths of a place in the workspace: `path` is in the container, as older playbooks expect; `localpath` is the host's. */
export function pathsOf(around: BlockSurroundings, path: string): Readonly<Record<string, string>> {
  const inContainer = containerPath(around.containerRoot, path);
  const onHost = path === "" ? around.path : `${around.path}/${path}`;
  return { path: inContainer, localpath: onHost, containerpath: inContainer };
}
