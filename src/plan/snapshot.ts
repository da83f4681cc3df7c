import { PolycrateError } from "../errors.ts";
import { lineageOf } from "../workspace/blocks/findBlock.ts";
import { type Block, blocksOf } from "../workspace/blocks/overlayBlocks.ts";
import { inheritedValue } from "../workspace/blocks/resolveBlock.ts";
import type { Workspace } from "../workspace/loadWorkspace.ts";
import { type BlockPlaces, locateBlock } from "../workspace/runFiles.ts";
import {
  isYamlList,
  isYamlMap,
  type YamlKey,
  type YamlMap,
  type YamlValue,
} from "../workspace/yaml/yamlValue.ts";
import { type Container, containerPath, type Subject } from "./container.ts";

/** What the action gets to see: the roots `workspace block action workflow step transaction env mounts`. */
export type Snapshot = YamlMap;

/**
 * Returns the snapshot of a run: every block resolved, names and values as the files have them, secrets as `***`. It is a
 * function of the workspace and the transaction, never of the terminal.
 */
export function takeSnapshot(workspace: Workspace, subject: Subject, container: Container): Snapshot {
  const { block, action, step } = subject;
  const resolvedBlock = block === undefined ? null : withPaths(workspace, block.resolved.value, block.places);
  return record({
    workspace: workspaceInSnapshot(workspace),
    block: resolvedBlock,
    action: action === undefined ? null : withEntries(action.value, { block: block?.resolved.name ?? null }),
    workflow: workflowIn(workspace, step?.workflow),
    step: stepIn(workspace, step),
    transaction: record({ id: container.transaction }),
    env: new Map(
      container.environment.map(({ name, value, secret }) => [name, secret === undefined ? value : "***"]),
    ),
    mounts: new Map(container.mounts.map(({ source, target }) => [source, target])),
  });
}

/** Returns the workspace as a snapshot has it: its file, its paths, and every block resolved. */
export function workspaceInSnapshot(workspace: Workspace): YamlMap {
  return withEntries(workspace.file.value, {
    ...pathsOf(workspace, ""),
    blocks: blocksOf(workspace).map((one) => blockInSnapshot(workspace, one)),
  });
}

/** A block that cannot be resolved stays as it is written: it breaks only what needs it. */
function blockInSnapshot(workspace: Workspace, block: Block): YamlMap {
  try {
    const lineage = lineageOf(workspace, block);
    const value = inheritedValue(lineage);
    return withPaths(workspace, value, locateBlock(workspace, value, lineage));
  } catch (error) {
    if (error instanceof PolycrateError) return block.value;
    throw error;
  }
}

function withPaths(workspace: Workspace, value: YamlMap, places: BlockPlaces): YamlMap {
  const place = (path: string | undefined) => (path === undefined ? null : record(pathsOf(workspace, path)));
  const extended = (key: string, path: string | undefined) => {
    const settings = value.get(key);
    if (path === undefined) return settings ?? null;
    return withEntries(isYamlMap(settings) ? settings : new Map(), pathsOf(workspace, path));
  };
  return withEntries(value, {
    workdir: place(places.directory ?? ""),
    artifacts: place(places.artifacts),
    inventory: extended("inventory", places.inventory),
    kubeconfig: extended("kubeconfig", places.kubeconfig),
  });
}

/** `path` is the path in the container, as older playbooks expect; `localpath` is the host's. */
function pathsOf(workspace: Workspace, path: string): Readonly<Record<string, string>> {
  const inContainer = containerPath(workspace.layout.containerRoot, path);
  const onHost = path === "" ? workspace.path : `${workspace.path}/${path}`;
  return { path: inContainer, localpath: onHost, containerpath: inContainer };
}

function workflowIn(workspace: Workspace, name: string | undefined): YamlMap | null {
  const workflows = workspace.file.value.get("workflows");
  return name === undefined ? null : named(workflows, name);
}

/** The step as it is written, and the workflow that it belongs to. */
function stepIn(workspace: Workspace, step: Subject["step"]): YamlMap | null {
  if (step === undefined) return null;
  const written = named(workflowIn(workspace, step.workflow)?.get("steps"), step.name);
  return withEntries(written ?? new Map(), { name: step.name, workflow: step.workflow });
}

function named(list: YamlValue | undefined, name: string): YamlMap | null {
  if (!isYamlList(list)) return null;
  return list.filter(isYamlMap).find((item) => item.get("name") === name) ?? null;
}

function record(entries: Readonly<Record<string, YamlValue>>): YamlMap {
  return new Map(Object.entries(entries));
}

function withEntries(map: YamlMap, entries: Readonly<Record<string, YamlValue>>): YamlMap {
  const result = new Map<YamlKey, YamlValue>(map);
  for (const [key, value] of Object.entries(entries)) result.set(key, value);
  return result;
}
