import { didYouMean, PolycrateError } from "../../errors.ts";
import {
  isYamlList,
  isYamlMap,
  textOf,
  type YamlMap,
  type YamlPath,
  yamlMapAt,
  yamlTextAt,
} from "../../yaml/value.ts";
import { lenderHint } from "../blockPaths.ts";
import type { BlockSource } from "../blocks/blockSource.ts";
import { findBlocks, lineageOf, parentBlock } from "../blocks/findBlock.ts";
import { type Block, blocksOf, sourcesOf } from "../blocks/overlayBlocks.ts";
import { inheritedValue, writes } from "../blocks/resolveBlock.ts";
import { inputProblems } from "../inputs/problems.ts";
import type { Workspace } from "../load.ts";
import { hasCommand, nothingToRunMessage, runsNothing } from "../poly/actionCommand.ts";
import { problemIn, problemsIn } from "../poly/polyFile.ts";
import { type Problem, problemOf } from "../poly/problems.ts";
import { lintFiles } from "./lintFiles.ts";
import { lintScript } from "./lintScript.ts";
import { lintEnv } from "./lintVariables.ts";
import { lintVersion } from "./lintVersions.ts";

/** Returns the problems between blocks: parents, files of other blocks, actions after inheritance. */
export function lintBlocks(workspace: Workspace): readonly Problem[] {
  const found = blocksOf(workspace).flatMap((block) => {
    const parent = parentProblem(workspace, block);
    if (parent !== undefined) return [parent];
    const own = sourcesOf(block).flatMap((source) => lintSource(workspace, source));
    const lineage = lineageIn(workspace, block);
    if (lineage === undefined) return [...cycleProblem(workspace, block), ...own];
    return [...own, ...lintActions(lineage), ...lintFiles(workspace, lineage), ...lintInputs(lineage)];
  });
  return withoutRepetition(found);
}

/** The inputs of a block are those of every block that inherits from it. */
function withoutRepetition(problems: readonly Problem[]): readonly Problem[] {
  const known = new Set<string>();
  return problems.filter((problem) => {
    if (problem.code !== "wrong-input" && problem.code !== "input-flag") return true;
    const { file, position, message } = problem;
    const key = JSON.stringify([file, position, message]);
    return !known.has(key) && known.add(key);
  });
}

/** Undefined when an ancestor is missing or there is a cycle. */
function lineageIn(workspace: Workspace, block: Block): readonly [Block, ...Block[]] | undefined {
  const found = resultOrError(() => lineageOf(workspace, block));
  return found instanceof PolycrateError ? undefined : found;
}

function resultOrError<Result>(work: () => Result): Result | PolycrateError {
  try {
    return work();
  } catch (error) {
    if (error instanceof PolycrateError) return error;
    throw error;
  }
}

function parentProblem(workspace: Workspace, block: Block): Problem | undefined {
  const parent = resultOrError(() => parentBlock(workspace, block));
  return parent instanceof PolycrateError
    ? problemOf(parent, "wrong-parent", block.sources[0].file.path)
    : undefined;
}

/** A cycle is reported once, at the first of its blocks. */
function cycleProblem(workspace: Workspace, block: Block): readonly Problem[] {
  const members = [block];
  for (let next = knownParent(workspace, block); next !== block; next = knownParent(workspace, next)) {
    if (next === undefined || members.includes(next)) return [];
    members.push(next);
  }
  const [first] = blocksOf(workspace).filter((one) => members.includes(one));
  const error = resultOrError(() => lineageOf(workspace, block));
  return first === block && error instanceof PolycrateError
    ? [problemOf(error, "inheritance-cycle", block.sources[0].file.path)]
    : [];
}

function knownParent(workspace: Workspace, block: Block): Block | undefined {
  const parent = resultOrError(() => parentBlock(workspace, block));
  return parent instanceof PolycrateError ? undefined : parent;
}

function lintSource(workspace: Workspace, source: BlockSource): readonly Problem[] {
  return [
    ...borrowedFrom(workspace, source, "inventory"),
    ...borrowedFrom(workspace, source, "kubeconfig"),
    ...problemsIn(source.file, lintVersion(textOf(source.value.get("from")), [...source.at, "from"])),
    ...problemsIn(source.file, lintEnv(source.value, source.at)),
    ...actionsIn(source).flatMap(({ action, at }) => [
      ...problemsIn(source.file, lintEnv(action, at)),
      ...lintScript(source.file, action, at),
    ]),
  ];
}

function borrowedFrom(
  workspace: Workspace,
  source: BlockSource,
  kind: "inventory" | "kubeconfig",
): readonly Problem[] {
  const settings = source.value.get(kind);
  const from = yamlTextAt(settings, "from");
  if (from === undefined || findBlocks(workspace, from).length > 0) return [];
  const names = blocksOf(workspace).map(({ name }) => name);
  return [
    problemIn(source.file, {
      severity: "error",
      code: "unknown-block",
      at: [...source.at, kind, "from"],
      message: `block \`${source.name}\` takes its ${kind} from \`${from}\`, which is not a block of this workspace`,
      hint: didYouMean(from, names) ?? lenderHint(from),
    }),
  ];
}

/** The problems of actions after inheritance, at the block that writes them, else at the nearest ancestor that does. */
function lintActions(lineage: readonly [Block, ...Block[]]): readonly Problem[] {
  const [block, ...ancestors] = lineage;
  const value = inheritedValue(lineage);
  const actions = value.get("actions");
  if (!isYamlList(actions)) return [];
  return actions.flatMap((action): readonly Problem[] => {
    const name = isYamlMap(action) ? action.get("name") : undefined;
    if (!isYamlMap(action) || typeof name !== "string") return [];
    if (runsNothing(action)) return value.get("template") === true ? [] : emptyAction(lineage, action, name);
    const parent = ancestors.find((ancestor) => writes(ancestor, name));
    return writes(block, name) && parent !== undefined ? shadowed(block, name, parent) : [];
  });
}

/** The problems of inputs after inheritance: a block may change the default of one, and its parent the choices. */
function lintInputs(lineage: readonly [Block, ...Block[]]): readonly Problem[] {
  const value = inheritedValue(lineage);
  const actions = value.get("actions");
  return (isYamlList(actions) ? actions : []).flatMap((action) =>
    isYamlMap(action)
      ? inputProblems(lineage, action, [yamlMapAt(value, "env"), yamlMapAt(action, "env")])
      : [],
  );
}

function shadowed(block: Block, name: string, parent: Block): readonly Problem[] {
  const found = writtenAction(block, name);
  if (found === undefined) return [];
  return [
    problemIn(found.source.file, {
      severity: "warning",
      code: "shadowed-action",
      at: [...found.at, "name"],
      message: `action \`${name}\` of block \`${block.name}\` replaces the action of block \`${parent.name}\``,
      hint: "rename it to keep both",
    }),
  ];
}

/**
 * An inherited action without a command is reported once, at the block that writes it, unless that is a template: then
 * at each block that inherits it. In a file without a parent, reading the file reports it.
 */
function emptyAction(
  [block, ...ancestors]: readonly [Block, ...Block[]],
  action: YamlMap,
  name: string,
): readonly Problem[] {
  const writer = [block, ...ancestors].find((one) => writtenAction(one, name) !== undefined);
  const found = writer && writtenAction(writer, name);
  if (found === undefined || (writer !== block && writer?.value.get("template") !== true)) return [];
  const { source } = found;
  const mayInherit = writer !== block || source.at.length > 0 || source.value.has("from");
  if (!mayInherit && !hasCommand(action)) return [];
  return [
    problemIn(found.source.file, {
      severity: "error",
      code: "nothing-to-run",
      at: [...found.at, "name"],
      message: nothingToRunMessage(action, `action \`${name}\` of block \`${block.name}\``),
      hint: "add `script:` with a list of shell commands, or `playbook:` with a path",
    }),
  ];
}

type WrittenAction = { readonly source: BlockSource; readonly action: YamlMap; readonly at: YamlPath };

function writtenAction(block: Block, name: string): WrittenAction | undefined {
  return block.sources.flatMap(actionsIn).find(({ action }) => action.get("name") === name);
}

function actionsIn(source: BlockSource): readonly WrittenAction[] {
  const actions = source.value.get("actions");
  if (!isYamlList(actions)) return [];
  return actions.flatMap((action, index) =>
    isYamlMap(action) ? [{ source, action, at: [...source.at, "actions", index] }] : [],
  );
}
