import { PolycrateError, printable } from "../errors.ts";
import { type CacheFolder, cacheFolderOf } from "../host/cacheFile.ts";
import { forbidCoreDumps } from "../host/coreDumps.ts";
import { buildId } from "../version.ts";
import { blocksWithoutLineage, findBlocks, parentBlock } from "../workspace/blocks/findBlock.ts";
import type { Block } from "../workspace/blocks/overlayBlocks.ts";
import { loadWorkspace, type Workspace } from "../workspace/load.ts";
import { locateWorkspace, type WorkspaceLocation, workspaceLocation } from "../workspace/locate.ts";
import { describeProblem, type Problem, type WorkspaceEntry } from "../workspace/poly/problems.ts";
import { isYamlList, isYamlMap, textOf } from "../yaml/value.ts";
import { decryptSecrets, readSecretFiles, type SecretsNeed } from "./openSecrets.ts";
import type { Messages } from "./output/messages.ts";

/**
 * Loads the workspace that the command line selects, and prints its warnings on standard error. Errors in the block or
 * workflow that the command uses are not printed here: the command itself fails with them.
 */
export function openWorkspace(messages: Messages, flag: string | undefined, subject?: string): Workspace {
  const workspace = loadWorkspace(locationOfCaller(flag), { cacheFolder: ownCache(), withoutSecrets: true });
  printProblems(messages, workspace, subject);
  return workspace;
}

/** How a workspace is opened with its secrets. */
export type SecretsOptions = {
  readonly need: SecretsNeed;
  /** Whether the encrypted files for actions are decrypted too: for a run, not for what is only printed. */
  readonly reveals?: boolean;
};

/** As `openWorkspace`, with the secrets of the workspace, decrypted if they are encrypted. Throws (65) without a required identity. */
export async function openWithSecrets(
  messages: Messages,
  flag: string | undefined,
  subject: string | undefined,
  { need, reveals = false }: SecretsOptions,
): Promise<Workspace> {
  const path = locateWorkspace(locationOfCaller(flag));
  const secrets = await decryptSecrets(path, need, messages);
  const workspace = loadWorkspace({ named: path }, { cacheFolder: ownCache(), ...secrets });
  printProblems(messages, workspace, subject);
  const secretFiles = await readSecretFiles(path, workspace.layout.artifactsRoot, { reveals });
  if (workspace.secrets !== undefined || secretFiles.length > 0) await forbidCoreDumps();
  return { ...workspace, secretFiles };
}

function locationOfCaller(flag: string | undefined): WorkspaceLocation {
  return workspaceLocation(flag, process.env, process.cwd(), process.getuid?.() ?? 0);
}

function ownCache(): CacheFolder | undefined {
  return cacheFolderOf(process.env, process.getuid?.() ?? 0, buildId);
}

/** Prints warnings in full, and one line for each broken entry that the command does not use. */
function printProblems({ notice }: Messages, workspace: Workspace, subject: string | undefined): void {
  const { problems } = workspace;
  const family = subject === undefined ? [] : blocksBehind(workspace, subject);
  const sources = family.flatMap((block) => block.sources);
  const isOfSubject = ({ file, entry }: Problem) =>
    (entry?.list === "workflows" && nameIn(workspace, entry) === subject) ||
    sources.some(
      ({ file: { path }, at }) =>
        path === file &&
        (entry === undefined ? at.length === 0 : at[0] === entry.list && at[1] === entry.index),
    );
  const errors = problems.filter((problem) => problem.severity === "error" && !isOfSubject(problem));
  const files = errors.filter(({ entry }) => entry === undefined).map(({ file }) => printable(file));
  const entries = errors.flatMap(({ entry }) => (entry === undefined ? [] : [nameOfEntry(workspace, entry)]));
  const blocks = blocksWithoutLineage(workspace)
    .filter((block) => !family.includes(block))
    .map(({ name }) => `block \`${printable(name)}\``);
  for (const broken of new Set([...files, ...entries, ...blocks])) {
    notice(`warning: ${broken} is broken; \`polycrate validate\` shows details`);
  }
  for (const problem of problems) {
    if (problem.severity === "warning") notice(`warning: ${describeProblem(problem)}`);
  }
}

function nameOfEntry(workspace: Workspace, entry: WorkspaceEntry): string {
  const { list, index } = entry;
  const name = nameIn(workspace, entry);
  if (name === undefined) return `\`${list}[${index}]\` in ${printable(workspace.file.path)}`;
  return `${list === "blocks" ? "block" : "workflow"} \`${printable(name)}\``;
}

function nameIn({ file }: Workspace, { list, index }: WorkspaceEntry): string | undefined {
  const entries = file.value.get(list);
  const entry = isYamlList(entries) ? entries[index] : undefined;
  return isYamlMap(entry) ? textOf(entry.get("name")) : undefined;
}

/** The block of that name and its ancestors, or those of the steps of the workflow. */
function blocksBehind(workspace: Workspace, subject: string): readonly Block[] {
  const workflow = (workspace.settings.workflows ?? []).find(({ name }) => name === subject);
  const references = [subject, ...(workflow?.steps ?? []).map(({ block }) => block)];
  return references.flatMap((reference) => familyOf(workspace, reference));
}

/** The block and those of its ancestors that exist. */
function familyOf(workspace: Workspace, reference: string): readonly Block[] {
  const family: Block[] = [];
  for (
    let [block] = findBlocks(workspace, reference);
    block !== undefined && !family.includes(block);
    block = parentIn(workspace, block)
  ) {
    family.push(block);
  }
  return family;
}

function parentIn(workspace: Workspace, block: Block): Block | undefined {
  try {
    return parentBlock(workspace, block);
  } catch (error) {
    if (error instanceof PolycrateError) return undefined;
    throw error;
  }
}
