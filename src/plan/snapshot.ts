import { configuredImage } from "../image/imageSource.ts";
import type { FileKind } from "../workspace/blockPaths.ts";
import type { Input } from "../workspace/inputs/values.ts";
import type { Workspace } from "../workspace/load.ts";
import type { LocatedFiles } from "../workspace/locateFiles.ts";
import type { Combination } from "../workspace/matrix.ts";
import { mapOf, record, withDefaults, withEntries } from "../yaml/entries.ts";
import { isYamlList, isYamlMap, textOf, type YamlKey, type YamlMap, type YamlValue } from "../yaml/value.ts";
import type { Writable, WritableMap } from "../yaml/write.ts";
import { blockInSnapshot, filePaths, pathsOf, surroundingsOf } from "./blockInSnapshot.ts";
import type { Container } from "./container.ts";
import { variablesOfOccasion } from "./environment.ts";
import type { ContainerFacts } from "./hostFacts.ts";
import type { Target } from "./target.ts";

/** The data that an action can read: the roots `workspace block action workflow step transaction env mounts`. */
export type Snapshot = WritableMap;

/**
 * Returns the snapshot of a run: every block resolved, names and values as in the files, secrets as `***`. It depends on the
 * workspace and the transaction, not on the terminal.
 */
export function takeSnapshot(
  workspace: Workspace,
  target: Target,
  container: Container,
  { snapshot: { files, blocks, checksum }, inputs }: Pick<ContainerFacts, "snapshot" | "inputs">,
): Snapshot {
  const { block, action, step } = target;
  return record<Writable>({
    workspace: workspaceWith(workspace, files, blocks),
    block:
      block === undefined
        ? null
        : withEntries(blockInSnapshot(surroundingsOf(workspace, files), block.resolved.value, block.places), {
            ...(checksum === undefined ? {} : { checksum }),
          }),
    action:
      action === undefined
        ? null
        : withEntries(withInputs(action.value, inputs), { block: block?.resolved.name ?? null }),
    workflow: workflowIn(workspace, step?.workflow),
    step: stepIn(workspace, step),
    transaction: record({ id: container.transaction }),
    env: new Map(
      container.environment
        .filter(({ name }) => !variablesOfOccasion.has(name))
        .map(({ name, value, secret }) => [name, secret === undefined ? value : "***"]),
    ),
    mounts: new Map([
      ...container.mounts.map(({ source, target }) => [source, target] as const),
      ...container.volumes.map(({ name, target }) => [name, target] as const),
    ]),
  });
}

/** The values of the inputs in place of their declarations, which are in `block.actions`. */
function withInputs(action: YamlMap, inputs: readonly Input[]): YamlMap {
  if (!action.has("inputs")) return action;
  return withEntries(action, { inputs: new Map(inputs.map(({ name, value }) => [name, value])) });
}

/** Returns the workspace as a snapshot has it, with every block resolved. */
export function workspaceInSnapshot(workspace: Workspace, files: LocatedFiles): YamlMap {
  const around = surroundingsOf(workspace, files);
  return workspaceWith(
    workspace,
    files,
    files.blocks.map(({ value, paths }) => blockInSnapshot(around, value, paths)),
  );
}

/** The workspace's file with paths and defaults added, and these blocks. */
function workspaceWith<Blocks extends Writable>(
  workspace: Workspace,
  files: Pick<LocatedFiles, "workspace" | "toolDefaults">,
  blocks: Blocks,
): ReadonlyMap<YamlKey, YamlValue | Blocks> {
  const { value } = workspace.file;
  const around = surroundingsOf(workspace, files);
  const paths = (kind: FileKind) =>
    withEntries(mapOf(value.get(kind)), filePaths(around, kind, files.workspace[kind]));
  return withEntries<YamlValue | Blocks>(value, {
    ...pathsOf(around, ""),
    config: configInSnapshot(workspace),
    events: value.get("events") ?? new Map(),
    inventory: paths("inventory"),
    kubeconfig: paths("kubeconfig"),
    blocks,
  });
}

/** Includes defaults, because older playbooks read settings that the file may leave out. */
function configInSnapshot(workspace: Workspace): YamlMap {
  const { settings, layout } = workspace;
  const written = mapOf(workspace.file.value.get("config"));
  const image = written.get("image");
  const config = isYamlMap(image)
    ? withEntries(written, { image: withDefaults(image, record({ version: "latest" })) })
    : written;
  const defaults = record({
    image: record(configuredImage(workspace)),
    blocksroot: layout.blocksRoot,
    logsroot: layout.logsRoot,
    blocksconfig: settings.config.blocksconfig,
    workspaceconfig: "workspace.poly",
    workflowsroot: "workflows",
    artifactsroot: layout.artifactsRoot,
    containerroot: layout.containerRoot,
    sshprivatekey: layout.privateKey,
    sshpublickey: layout.publicKey,
    remoteroot: "/polycrate",
    dockerfile: settings.config.container.dockerfile ?? "Dockerfile.poly",
    globals: new Map(),
  });
  return withDefaults(config, defaults);
}

function workflowIn(workspace: Workspace, name: string | undefined): YamlMap | null {
  const workflows = workspace.file.value.get("workflows");
  return name === undefined ? null : named(workflows, name);
}

/** The step as it is written, and the workflow that it belongs to. */
function stepIn(workspace: Workspace, step: Target["step"]): YamlMap | null {
  if (step === undefined) return null;
  const steps = workflowIn(workspace, step.workflow)?.get("steps");
  const written = step.index === undefined ? named(steps, step.name) : itemAt(steps, step.index);
  const matrix =
    step.matrix === undefined || step.matrix.length === 0 ? {} : { matrix: matrixIn(written, step.matrix) };
  return withEntries(written ?? new Map(), { ...matrix, name: step.name, workflow: step.workflow });
}

function itemAt(list: YamlValue | undefined, index: number): YamlMap | null {
  const item = isYamlList(list) ? list[index] : undefined;
  return isYamlMap(item) ? item : null;
}

/** The combination, each value as it is written: a number stays a number. */
function matrixIn(step: YamlMap | null, matrix: Combination): YamlMap {
  const lists = mapOf(step?.get("matrix"));
  return new Map(
    matrix.map(({ name, value }) => {
      const list = lists.get(name);
      const isWritten = (item: YamlValue) =>
        (typeof item === "boolean" ? String(item) : textOf(item)) === value;
      return [name, (isYamlList(list) ? list.find(isWritten) : undefined) ?? value];
    }),
  );
}

function named(list: YamlValue | undefined, name: string): YamlMap | null {
  if (!isYamlList(list)) return null;
  return list.filter(isYamlMap).find((item) => item.get("name") === name) ?? null;
}
