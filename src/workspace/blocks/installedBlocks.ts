import { readdirSync } from "node:fs";
import { join, sep } from "node:path";
import { isFolder, realPath } from "../../host/fileStatus.ts";
import type { YamlMap } from "../../yaml/value.ts";
import type { Layout } from "../layout.ts";
import type { PolyCache } from "../poly/polyCache.ts";
import { type PolyFile, problemIn } from "../poly/polyFile.ts";
import type { Problem } from "../poly/problems.ts";
import { isBlockName } from "../poly/schema/names.ts";
import { type BlockSource, blockSource, installedSource } from "./blockSource.ts";

/** The blocks with their own files, and the problems of these files. */
export type InstalledBlocks = {
  readonly blocks: readonly BlockSource[];
  readonly problems: readonly Problem[];
};

/** Returns the blocks below the blocks folder of the layout, whose files have the given name. */
export function installedBlocks(
  workspace: string,
  layout: Layout,
  fileName: string,
  cache: PolyCache,
): InstalledBlocks {
  const blocks: BlockSource[] = [];
  const problems: Problem[] = [];
  for (const found of blockFolders(workspace, layout.blocksRoot, fileName)) {
    if ("problem" in found) {
      problems.push(found.problem);
      continue;
    }
    const file = cache.read("block", `${found.directory}/${fileName}`);
    problems.push(...file.problems);
    const block = blockIn(file, found.directory);
    if (block !== undefined) blocks.push(block);
  }
  return { blocks, problems: [...problems, ...duplicateBlocks(blocks)] };
}

/** The block of a file; the value is not looked at for one that has a name. */
function blockIn(file: PolyFile, directory: string): BlockSource | undefined {
  if (file.head.size > 0 || file.value.size > 0) return installedSource(file, directory);
  const guessed = guessedBlock(file.text);
  return guessed === undefined ? undefined : blockSource(guessed, file, [], directory);
}

/**
 * The likely name and version of a file without valid YAML, so that a command for this block reports the file, and
 * does not run an inline block of the same name.
 */
function guessedBlock(text: string): YamlMap | undefined {
  const keys = ["name", "version"].flatMap((key): readonly [string, string][] => {
    const [, value] = new RegExp(`^${key}: *["']?([^\\s"'#]+)`, "m").exec(text) ?? [];
    return value === undefined ? [] : [[key, value]];
  });
  const guessed = new Map(keys);
  return isBlockName(guessed.get("name") ?? "") ? guessed : undefined;
}

type BlockFolder = { readonly directory: string } | { readonly problem: Problem };

/** Every folder at or below `root` that has a block file, in the order of their names; a folder that several links point to, once. */
function blockFolders(workspace: string, root: string, fileName: string): readonly BlockFolder[] {
  const found: BlockFolder[] = [];
  const seen = new Set<string>();
  const visit = (directory: string, real: string | undefined) => {
    if (real === undefined || seen.has(real)) return;
    seen.add(real);
    const path = `${workspace}/${directory}`;
    const isOutside = real !== workspace && !real.startsWith(workspace + sep);
    const entries = isOutside ? undefined : folderEntries(path);
    if (entries === undefined) {
      found.push({
        problem: isOutside ? outsideFolderProblem(directory, root) : unreadableFolderProblem(directory),
      });
      return;
    }
    if (entries.some((entry) => entry.name === fileName)) found.push({ directory });
    for (const entry of entries) {
      if (entry.name.startsWith(".") || entry.name === "node_modules") continue;
      const child = `${directory}/${entry.name}`;
      if (entry.isDirectory()) visit(child, `${real}/${entry.name}`);
      else if (entry.isSymbolicLink() && isFolder(join(workspace, child))) {
        visit(child, realPath(join(workspace, child)));
      }
    }
  };
  visit(root, realPath(join(workspace, root)));
  return found;
}

function outsideFolderProblem(directory: string, root: string): Problem {
  return {
    severity: "error",
    code: "outside-workspace",
    file: directory,
    message: "is a link to a path outside of the workspace",
    hint: `copy the folder into \`${root}\`, or remove the link`,
  };
}

function unreadableFolderProblem(directory: string): Problem {
  return {
    severity: "error",
    code: "unreadable-file",
    file: directory,
    message: "is not a readable folder",
    hint: "check that it is a folder, and its permissions: `chmod u+rx`",
  };
}

function folderEntries(path: string) {
  try {
    return readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    return undefined;
  }
}

function duplicateBlocks(blocks: readonly BlockSource[]): readonly Problem[] {
  const first = new Map<string, BlockSource>();
  return blocks.flatMap((block): readonly Problem[] => {
    const identity = JSON.stringify([block.name, block.version]);
    const earlier = first.get(identity);
    if (earlier === undefined) {
      first.set(identity, block);
      return [];
    }
    const version = block.version === undefined ? "" : ` in version ${block.version}`;
    return [
      problemIn(block.file, {
        ...{ severity: "error", code: "repeated-name", at: ["name"] },
        message: `block \`${block.name}\`${version} is also defined in \`${earlier.file.path}\``,
        hint: "remove one of them, or give them different versions",
      }),
    ];
  });
}
