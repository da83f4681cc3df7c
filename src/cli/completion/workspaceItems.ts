import { printable } from "../../errors.ts";
import { cacheFolderOf } from "../../host/cacheFile.ts";
import { readLock } from "../../registry/lock.ts";
import { readHistory, timeOfId } from "../../transactions/history.ts";
import { buildId } from "../../version.ts";
import { isRegistryName } from "../../workspace/blocks/findBlock.ts";
import { blocksOf } from "../../workspace/blocks/overlayBlocks.ts";
import { resolveAction, resolveBlock } from "../../workspace/blocks/resolveBlock.ts";
import { findWorkflow } from "../../workspace/blocks/resolveWorkflow.ts";
import { type InputDeclaration, inputsOf } from "../../workspace/inputs/declarations.ts";
import { loadWorkspace, type Workspace } from "../../workspace/load.ts";
import { workspaceLocation } from "../../workspace/locate.ts";

/** A word that completes the command line, and its description. */
export type CompletionItem = { readonly value: string; readonly description: string };

/**
 * Returns the names that the workspace has for an argument of a command; `values` are the arguments given so far. Throws
 * what loading the workspace throws.
 */
export function namesFor(
  command: string,
  argument: string,
  values: ReadonlyMap<string, string>,
): readonly CompletionItem[] {
  const find = sources[argument];
  if (find === undefined) return [];
  return find(workspaceOf(values), values.get("block") ?? "", command, values).filter(
    // A name with characters that a terminal would interpret is left out.
    ({ value }) => value === printable(value),
  );
}

/** Returns the inputs of the action that the arguments name. Throws what loading the workspace and finding the action throw. */
export function inputsNamedBy(values: ReadonlyMap<string, string>): readonly InputDeclaration[] {
  const block = resolveBlock(workspaceOf(values), values.get("block") ?? "");
  return inputsOf(resolveAction(block, values.get("action") ?? "").value);
}

function workspaceOf(values: ReadonlyMap<string, string>): Workspace {
  const uid = process.getuid?.() ?? 0;
  const location = workspaceLocation(values.get("workspace"), process.env, process.cwd(), uid);
  return loadWorkspace(location, {
    cacheFolder: cacheFolderOf(process.env, uid, buildId),
    withoutSecrets: true,
  });
}

/** Returns the first line of a description, as text that is safe to show. */
export function oneLine(text: string | null | undefined): string {
  return printable((text ?? "").trim().split("\n")[0] ?? "");
}

type Source = (
  workspace: Workspace,
  block: string,
  command: string,
  values: ReadonlyMap<string, string>,
) => readonly CompletionItem[];

const blockNames: Source = (workspace) =>
  blocksOf(workspace).map(({ name, version, head }) => {
    const description = head.get("description");
    const from = head.get("from");
    const text =
      typeof description === "string" ? description : typeof from === "string" ? `from ${from}` : "";
    return { value: version === undefined ? name : `${name}:${version}`, description: oneLine(text) };
  });

/** Blocks with the host of a registry in their names. */
const registryBlockNames: Source = (workspace) =>
  [...new Set(blocksOf(workspace).map(({ name }) => name))]
    .filter(isRegistryName)
    .map((value) => ({ value, description: "block of a registry" }));

const lockedNames: Source = ({ path }) =>
  (readLock(path) ?? [])
    .filter(({ kind }) => kind === "image" || kind === "block")
    .map(({ kind, name, digest }) => ({ value: name, description: `${kind} ${digest.slice(0, 19)}` }));

const workflowNames: Source = ({ settings }) =>
  settings.workflows.map(({ name, description }) => ({
    value: name,
    description: oneLine(description ?? "workflow"),
  }));

const actionNames: Source = (workspace, block) =>
  resolveBlock(workspace, block).settings.actions.map(({ name, description }) => ({
    value: name,
    description: oneLine(description),
  }));

const stepNames: Source = (workspace, workflow) =>
  (findWorkflow(workspace, workflow)?.steps ?? []).map(({ name, block, action }) => ({
    value: name,
    description: oneLine(`${block} ${action}`),
  }));

/** The values of the matrix of the step that is named. */
const matrixValues: Source = (workspace, workflow, _, values) => {
  const steps = findWorkflow(workspace, workflow)?.steps ?? [];
  const matrix = steps.find(({ name }) => name === values.get("step"))?.matrix ?? {};
  return Object.entries(matrix).flatMap(([name, all]) =>
    all.map((value) => ({ value: `${name}=${value}`, description: "" })),
  );
};

/** In milliseconds; older runs are in `polycrate ps`. */
const aWeek = 7 * 86_400_000;

/** For `stop` only running transactions. */
const transactionIds: Source = ({ path, layout }, _, command) => {
  const found: CompletionItem[] = [];
  const filter = command === "stop" ? { status: "running", since: new Date(Date.now() - aWeek) } : {};
  for (const { id, status, record } of readHistory(path, layout.logsRoot, filter, "head")) {
    const started = new Date(timeOfId(id)).toISOString().slice(0, 16).replace("T", " ");
    const description = `${record.get("block")} ${record.get("action")} ${status}, ${started} UTC`;
    found.push({ value: id, description: oneLine(description) });
    if (found.length === 20) break;
  }
  return found;
};

const sources: Readonly<Record<string, Source>> = {
  block: (workspace, block, command, values) => [
    ...blockNames(workspace, block, command, values),
    ...(command === "run" ? workflowNames(workspace, block, command, values) : []),
  ],
  from: blockNames,
  ref: registryBlockNames,
  name: (workspace, block, command, values) =>
    (command === "lock" ? lockedNames : registryBlockNames)(workspace, block, command, values),
  action: actionNames,
  workflow: workflowNames,
  step: stepNames,
  "from-step": stepNames,
  matrix: matrixValues,
  id: transactionIds,
  other: transactionIds,
  transaction: transactionIds,
};
