import type { Workspace } from "../workspace/loadWorkspace.ts";
import { lineageOf } from "../workspace/findBlock.ts";
import { type Block, blocksOf } from "../workspace/overlayBlocks.ts";
import { inheritedValue } from "../workspace/resolveBlock.ts";
import { type BlockPlaces, locateBlock } from "../workspace/runFiles.ts";
import { isYamlMap, type YamlKey, type YamlMap, type YamlValue } from "../workspace/yamlValue.ts";
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
    workspace: withEntries(workspace.file.value, {
      ...pathsOf(workspace, ""),
      blocks: blocksOf(workspace).map((one) => blockInSnapshot(workspace, one)),
    }),
    block: resolvedBlock,
    action: action === undefined ? null : withEntries(action.value, { block: block?.resolved.name ?? null }),
    workflow: workflowIn(workspace, step?.workflow),
    step: step === undefined ? null : record({ name: step.name, workflow: step.workflow }),
    transaction: record({ id: container.transaction }),
    env: new Map(
      container.environment.map(({ name, value, secret }) => [name, secret === undefined ? value : "***"]),
    ),
    mounts: new Map(container.mounts.map(({ source, target }) => [source, target])),
  });
}

/** A block that cannot be resolved stays as it is written: it breaks only what needs it. */
function blockInSnapshot(workspace: Workspace, block: Block): YamlMap {
  try {
    const lineage = lineageOf(workspace, block);
    const value = inheritedValue(lineage);
    return withPaths(workspace, value, locateBlock(workspace, value, lineage));
  } catch {
    return block.value;
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

function workflowIn(workspace: Workspace, name: string | undefined): YamlValue {
  const workflows = workspace.file.value.get("workflows");
  if (name === undefined || !Array.isArray(workflows)) return null;
  return workflows.find((workflow) => isYamlMap(workflow) && workflow.get("name") === name) ?? null;
}

function record(entries: Readonly<Record<string, YamlValue>>): YamlMap {
  return new Map(Object.entries(entries));
}

function withEntries(map: YamlMap, entries: Readonly<Record<string, YamlValue>>): YamlMap {
  const result = new Map<YamlKey, YamlValue>(map);
  for (const [key, value] of Object.entries(entries)) result.set(key, value);
  return result;
}
