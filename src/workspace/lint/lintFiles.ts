import { isAbsolute, join } from "node:path";
import { isFile } from "../../host/fileStatus.ts";
import { isYamlList, isYamlMap, textOf } from "../../yaml/value.ts";
import { blockPaths } from "../blockPaths.ts";
import type { BlockSource } from "../blocks/blockSource.ts";
import { findBlocks } from "../blocks/findBlock.ts";
import type { Block } from "../blocks/overlayBlocks.ts";
import type { Workspace } from "../load.ts";
import { problemIn } from "../poly/polyFile.ts";
import type { Problem } from "../poly/problems.ts";

/** Returns which files that the block itself requires do not exist: inventory, kubeconfig, playbooks. */
export function lintFiles(workspace: Workspace, lineage: readonly [Block, ...Block[]]): readonly Problem[] {
  const [{ sources }] = lineage;
  return sources.flatMap((source) => [
    ...lintBorrowed(workspace, lineage, source, "inventory"),
    ...lintBorrowed(workspace, lineage, source, "kubeconfig"),
    ...lintPlaybooks(workspace, lineage, source),
  ]);
}

function lintBorrowed(
  workspace: Workspace,
  lineage: readonly [Block, ...Block[]],
  source: BlockSource,
  kind: "inventory" | "kubeconfig",
): readonly Problem[] {
  const settings = source.value.get(kind);
  if (!isYamlMap(settings) || source.value.get("template") === true) return [];
  const from = textOf(settings.get("from"));
  if (from !== undefined && findBlocks(workspace, from).length === 0) return [];
  const paths = blockPaths(workspace, new Map([[kind, settings]]), lineage);
  const [missing] = paths.missing;
  const finding = { severity: "warning", code: "missing-inventory" } as const;
  if (missing !== undefined) {
    const { message, hint } = missing;
    return [problemIn(source.file, { ...finding, at: [...source.at, kind, "from"], message, hint })];
  }
  const name = settings.get("filename");
  if (typeof name !== "string" || paths[kind] !== undefined) return [];
  return [
    problemIn(source.file, {
      ...finding,
      at: [...source.at, kind, "filename"],
      message: `the ${kind} of block \`${source.name}\` does not exist: \`${join(paths.artifacts, name)}\``,
      hint: `run the action that writes it; until then no ${kind} is used`,
    }),
  ];
}

function lintPlaybooks(
  workspace: Workspace,
  lineage: readonly [Block, ...Block[]],
  source: BlockSource,
): readonly Problem[] {
  const actions = source.value.get("actions");
  const directory = lineage.find((ancestor) => ancestor.directory !== undefined)?.directory ?? "";
  return (isYamlList(actions) ? actions : []).flatMap((action, index): readonly Problem[] => {
    const playbook = isYamlMap(action) ? action.get("playbook") : undefined;
    if (typeof playbook !== "string" || isElsewhere(playbook)) return [];
    const path = join(directory, playbook);
    if (isFile(join(workspace.path, path))) return [];
    return [
      problemIn(source.file, {
        severity: "warning",
        code: "missing-playbook",
        at: [...source.at, "actions", index, "playbook"],
        message: `the playbook \`${path}\` does not exist`,
        hint: "create it, or correct the path, which is relative to the block's folder",
      }),
    ];
  });
}

/** A path of the image, or a playbook of an Ansible collection (`namespace.collection.playbook`). */
function isElsewhere(playbook: string): boolean {
  return isAbsolute(playbook) || /^\w+\.\w+\.(?!ya?ml$)\w+$/.test(playbook);
}
