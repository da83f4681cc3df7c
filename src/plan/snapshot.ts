import { configuredImage } from "../image/imageSource.ts";
import type { BlockPaths, FileKind } from "../workspace/blockPaths.ts";
import type { Input } from "../workspace/inputs/values.ts";
import type { Workspace } from "../workspace/load.ts";
import type { LocatedFiles } from "../workspace/locateFiles.ts";
import type { Combination } from "../workspace/matrix.ts";
import { isYamlList, isYamlMap, textOf, type YamlKey, type YamlMap, type YamlValue } from "../yaml/value.ts";
import type { Container } from "./container.ts";
import { variablesOfOccasion } from "./environment.ts";
import type { ContainerFacts } from "./hostFacts.ts";
import { containerPath } from "./runPaths.ts";
import type { Target } from "./target.ts";

/** The data that an action can read: the roots `workspace block action workflow step transaction env mounts`. */
export type Snapshot = YamlMap;

/**
 * Returns the snapshot of a run: every block resolved, names and values as in the files, secrets as `***`. It depends on the
 * workspace and the transaction, not on the terminal.
 */
export function takeSnapshot(
  workspace: Workspace,
  target: Target,
  container: Container,
  { snapshot: { files, checksum }, inputs }: Pick<ContainerFacts, "snapshot" | "inputs">,
): Snapshot {
  const { block, action, step } = target;
  return record({
    workspace: workspaceInSnapshot(workspace, files),
    block:
      block === undefined
        ? null
        : withEntries(withPaths(workspace, files, block.resolved.value, block.places), {
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

/** Returns the workspace for a snapshot: its file with paths and defaults added, and every block resolved. */
export function workspaceInSnapshot(workspace: Workspace, files: LocatedFiles): YamlMap {
  const { value } = workspace.file;
  const paths = (kind: FileKind) =>
    withEntries(mapOf(value.get(kind)), filePaths(workspace, files, kind, files.workspace[kind]));
  return withEntries(value, {
    ...pathsOf(workspace, ""),
    config: configInSnapshot(workspace),
    events: mapOrEmpty(value.get("events")),
    inventory: paths("inventory"),
    kubeconfig: paths("kubeconfig"),
    blocks: files.blocks.map((block) =>
      block.paths === undefined ? block.value : withPaths(workspace, files, block.value, block.paths),
    ),
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

function withPaths(workspace: Workspace, files: LocatedFiles, value: YamlMap, places: BlockPaths): YamlMap {
  const place = (path: string) => record(pathsOf(workspace, path));
  const file = (kind: FileKind) =>
    withEntries(mapOf(value.get(kind)), filePaths(workspace, files, kind, places[kind]));
  const actions = value.get("actions");
  return withEntries(value, {
    ...(isYamlList(actions) ? { actions: actions.map((action) => ofBlock(action, value)) } : {}),
    labels: withDefaults(mapOf(value.get("labels")), labelsOf(workspace, value)),
    workdir: place(places.directory ?? ""),
    artifacts: place(places.artifacts),
    inventory: file("inventory"),
    kubeconfig: file("kubeconfig"),
    events: mapOrEmpty(value.get("events")),
  });
}

function ofBlock(action: YamlValue, block: YamlMap): YamlValue {
  return isYamlMap(action) ? withEntries(action, { block: block.get("name") ?? null }) : action;
}

/** The labels that the Go program added to a block. */
function labelsOf({ settings }: Workspace, block: YamlMap): YamlMap {
  return record({
    "workspaces.polycrate.io/name": settings.name,
    "blocks.polycrate.io/name": textOf(block.get("name")) ?? "",
    "blocks.polycrate.io/kind": textOf(block.get("kind")) ?? "",
    "polycrate.io/managed-by": "cli",
    "organizations.polycrate.io/name": settings.organization ?? "",
  });
}

/** Without a file, the path that the programs use by default. */
function filePaths(
  workspace: Workspace,
  { toolDefaults }: LocatedFiles,
  kind: FileKind,
  path: string | undefined,
): Readonly<Record<string, string>> {
  if (path !== undefined) return pathsOf(workspace, path);
  const usual = toolDefaults[kind];
  return { path: usual, localpath: usual, containerpath: usual };
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

function record(entries: Readonly<Record<string, YamlValue>>): YamlMap {
  return new Map(Object.entries(entries));
}

/** Adds the keys that are missing or null; new keys come last. */
function withDefaults(map: YamlMap, defaults: YamlMap): YamlMap {
  const result = new Map<YamlKey, YamlValue>(map);
  for (const [key, value] of defaults) if ((map.get(key) ?? null) === null) result.set(key, value);
  return result;
}

function mapOf(value: YamlValue | undefined): YamlMap {
  return isYamlMap(value) ? value : new Map();
}

function mapOrEmpty(value: YamlValue | undefined): YamlValue {
  return value ?? new Map();
}

function withEntries(map: YamlMap, entries: Readonly<Record<string, YamlValue>>): YamlMap {
  const result = new Map<YamlKey, YamlValue>(map);
  for (const [key, value] of Object.entries(entries)) result.set(key, value);
  return result;
}
