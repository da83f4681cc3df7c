import { readdirSync, realpathSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { exitCodes, PolycrateError } from "../errors.ts";
import { fileStatus } from "../host/fileStatus.ts";
import { isYamlList, isYamlMap, textOf, type YamlMap, type YamlPath } from "../yaml/value.ts";
import { lenientSettings } from "./poly/lenientSettings.ts";
import { type CacheFolder, noCache, openPolyCache, type PolyCache } from "./poly/polyCache.ts";
import { type PolyFile, positionIn } from "./poly/polyFile.ts";
import type { PolyKind } from "./poly/polyKind.ts";
import { assertNoErrors, type Problem } from "./poly/problems.ts";
import { readPolyText } from "./poly/readPolyText.ts";
import { isBlockName } from "./poly/schema/names.ts";
import type { WorkspaceSettings } from "./poly/schema/workspace.ts";
import { defaultConfig } from "./poly/schema/workspaceConfig.ts";

/** All that was read: the workspace file, its settings with every default filled in, and its blocks as written. */
export type Workspace = {
  /** The real path on the host, without a link in it. */
  readonly path: string;
  readonly file: PolyFile;
  readonly settings: WorkspaceSettings;
  readonly layout: Layout;
  readonly blocks: readonly BlockSource[];
  /** What is wrong with blocks and workflows; it stops only what needs them. */
  readonly problems: readonly Problem[];
};

/** Where things are: folders relative to the workspace, `containerRoot` absolute in the container. */
export type Layout = {
  readonly blocksRoot: string;
  readonly artifactsRoot: string;
  readonly logsRoot: string;
  readonly containerRoot: string;
  readonly privateKey: string;
  readonly publicKey: string;
};

/** A block as somebody wrote it: in a file of its own (then it has a directory), or inline in the workspace file. */
export type BlockSource = {
  readonly name: string;
  readonly version: string | undefined;
  readonly value: YamlMap;
  readonly file: PolyFile;
  /** The way to the block inside its file; empty for a file of its own. */
  readonly at: YamlPath;
  /** The block's folder, relative to the workspace. */
  readonly directory: string | undefined;
};

/** Where to look for the workspace: a folder somebody named, or a folder to walk up from. */
export type WorkspacePlace = { readonly named: string } | { readonly below: string; readonly uid: number };

const workspaceFile = "workspace.poly";

/**
 * Reads the workspace and all of its blocks. Throws with exit code 64 when there is none, and 65 with every error of
 * `workspace.poly` that is not inside of an inline block or a workflow; these, and wrong block files, only add to
 * `problems`. With a folder for it, what the files were parsed to is kept there for the next time.
 */
export function loadWorkspace(place: WorkspacePlace, cacheFolder?: CacheFolder): Workspace {
  const workspace = surveyWorkspace(place, cacheFolder);
  assertNoErrors(
    workspace.problems.filter(({ file, entry }) => file === workspaceFile && entry === undefined),
  );
  return workspace;
}

/**
 * Reads the workspace and all of its blocks whatever is wrong with them, for those who want to know all of `problems`;
 * wrong settings count as not there. Throws only with exit code 64, when there is no workspace.
 */
export function surveyWorkspace(place: WorkspacePlace, cacheFolder?: CacheFolder): Workspace {
  const path = "named" in place ? namedWorkspace(place.named) : workspaceAbove(place.below, place.uid);
  const cache = cacheFolder === undefined ? noCache : openPolyCache(cacheFolder, path);
  const file = readFile("workspace", path, workspaceFile, cache);
  const settings = lenientSettings(file.value);
  const misplaced: Problem[] = [];
  const layout = layoutOf(settings, path, (key, message, hint) => {
    const position = positionIn(file, ["config", key]);
    misplaced.push({
      severity: "error",
      code: "outside-workspace",
      file: file.path,
      position,
      message,
      hint,
    });
  });
  const installed = installedBlocks(path, layout, settings.config.blocksconfig, cache);
  cache.save();
  const inline = inlineBlocks(file);
  return {
    path,
    file,
    settings,
    layout,
    blocks: [...installed.blocks, ...inline],
    problems: [...file.problems, ...misplaced, ...installed.problems],
  };
}

function namedWorkspace(named: string): string {
  const path = realPath(resolve(named));
  const folder = path?.endsWith(`${sep}${workspaceFile}`) === true ? dirname(path) : path;
  if (folder === undefined || fileStatus(join(folder, workspaceFile)) === undefined) {
    throw new PolycrateError(`there is no \`${workspaceFile}\` in \`${named}\``, {
      hint: "name a folder that has one, or make one: `polycrate init`",
      exitCode: exitCodes.wrongCommandLine,
    });
  }
  return folder;
}

/** A file found by walking up could be somebody else's, in /tmp for example, so its owner has to be the caller or root. */
function workspaceAbove(below: string, uid: number): string {
  for (let folder = realPath(below) ?? below; ; folder = dirname(folder)) {
    const found = fileStatus(join(folder, workspaceFile));
    if (found !== undefined) {
      if (found.uid === uid || found.uid === 0) return folder;
      throw new PolycrateError(
        `\`${join(folder, workspaceFile)}\` belongs to another user (uid ${found.uid})`,
        {
          hint: `if you trust it, say so: \`--workspace ${folder}\``,
          exitCode: exitCodes.wrongCommandLine,
        },
      );
    }
    if (folder === dirname(folder)) {
      throw new PolycrateError(`there is no \`${workspaceFile}\` in \`${below}\` or above it`, {
        hint: "go to a workspace, name one with `--workspace DIR`, or make one: `polycrate init`",
        exitCode: exitCodes.wrongCommandLine,
      });
    }
  }
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

/** Says what is wrong with a key of `config`. */
type Misplaced = (key: string, message: string, hint: string) => void;

/** What leads out of the workspace is reported, and counts as not set. */
function layoutOf(settings: WorkspaceSettings, workspace: string, report: Misplaced): Layout {
  const { config } = settings;
  const inside = (key: "blocksroot" | "artifactsroot" | "logsroot") => {
    const clean = relative(workspace, resolve(workspace, config[key]));
    const isInside = clean !== "" && clean !== ".." && !clean.startsWith(`..${sep}`);
    if (isInside && !clean.includes("\0")) return clean;
    const message = `\`config.${key}\` leads out of the workspace: \`${config[key]}\``;
    report(key, message, "name a folder inside of it");
    return defaultConfig[key];
  };
  const { containerroot: containerRoot, sshprivatekey: privateKey } = config;
  const isAbsolute = /^\/[^/\0][^\0]*$/.test(containerRoot) && !containerRoot.split("/").includes("..");
  if (!isAbsolute) {
    const message = `\`config.containerroot\` is no absolute path: \`${containerRoot}\``;
    report("containerroot", message, "write a path like `/workspace`");
  }
  return {
    blocksRoot: inside("blocksroot"),
    artifactsRoot: inside("artifactsroot"),
    logsRoot: inside("logsroot"),
    containerRoot: isAbsolute ? containerRoot.replace(/\/+$/, "") : defaultConfig.containerroot,
    privateKey,
    publicKey: config.sshpublickey ?? `${privateKey}.pub`,
  };
}

function inlineBlocks(file: PolyFile): readonly BlockSource[] {
  const blocks = file.value.get("blocks");
  if (!isYamlList(blocks)) return [];
  return blocks.flatMap((value, index) =>
    isYamlMap(value) && textOf(value.get("name")) !== undefined
      ? [blockSource(value, file, ["blocks", index], undefined)]
      : [],
  );
}

function blockSource(
  value: YamlMap,
  file: PolyFile,
  at: YamlPath,
  directory: string | undefined,
): BlockSource {
  const version = textOf(value.get("version")) || undefined;
  return { name: textOf(value.get("name")) ?? "", version, value, file, at, directory };
}

type Installed = { readonly blocks: readonly BlockSource[]; readonly problems: readonly Problem[] };

function installedBlocks(workspace: string, layout: Layout, fileName: string, cache: PolyCache): Installed {
  const blocks: BlockSource[] = [];
  const problems: Problem[] = [];
  for (const found of blockFolders(workspace, layout.blocksRoot, fileName)) {
    if ("problem" in found) {
      problems.push(found.problem);
      continue;
    }
    const shown = join(found.directory, fileName);
    const file = readFile("block", workspace, shown, cache);
    problems.push(...file.problems);
    const value = file.value.size > 0 ? file.value : guessedBlock(file.text);
    if (value !== undefined) blocks.push(blockSource(value, file, [], found.directory));
  }
  return { blocks, problems: [...problems, ...doubles(blocks)] };
}

/**
 * What a file that is not valid YAML seems to call its block, so that whoever needs the block hears what is wrong with it,
 * and an inline block of the same name is not taken for all there is.
 */
function guessedBlock(text: string): YamlMap | undefined {
  const keys = ["name", "version"].flatMap((key): readonly [string, string][] => {
    const [, value] = new RegExp(`^${key}: *["']?([^\\s"'#]+)`, "m").exec(text) ?? [];
    return value === undefined ? [] : [[key, value]];
  });
  const guessed = new Map(keys);
  return isBlockName(guessed.get("name") ?? "") ? guessed : undefined;
}

function readFile(kind: PolyKind, workspace: string, path: string, cache: PolyCache): PolyFile {
  const read = readPolyText(workspace, path);
  if ("text" in read) return cache.parse(kind, path, read.text);
  return { path, text: "", value: new Map(), problems: [read.problem] };
}

type Found = { readonly directory: string } | { readonly problem: Problem };

/** Every folder below `root` that has a block file, in the order of their names; each real folder once. */
function blockFolders(workspace: string, root: string, fileName: string): readonly Found[] {
  const found: Found[] = [];
  const seen = new Set<string>();
  const visit = (directory: string, real: string | undefined) => {
    const path = join(workspace, directory);
    if (real === undefined || seen.has(real)) return;
    seen.add(real);
    if (real !== workspace && !real.startsWith(workspace + sep)) {
      const message = "is a link that leads out of the workspace";
      const hint = `copy the folder into \`${root}\`, or remove the link`;
      const problem = {
        severity: "error",
        code: "outside-workspace",
        file: directory,
        message,
        hint,
      } as const;
      found.push({ problem });
      return;
    }
    const entries = entriesOf(path);
    if (entries === undefined) {
      const [message, hint] = [
        "is no folder that you may read",
        "correct it, or its permissions: `chmod u+rx`",
      ];
      found.push({ problem: { severity: "error", code: "unreadable-file", file: directory, message, hint } });
      return;
    }
    if (entries.some((entry) => entry.name === fileName)) found.push({ directory });
    for (const entry of entries) {
      if (entry.name.startsWith(".") || entry.name === "node_modules") continue;
      const child = join(path, entry.name);
      if (entry.isDirectory()) visit(join(directory, entry.name), join(real, entry.name));
      else if (entry.isSymbolicLink() && isDirectory(child))
        visit(join(directory, entry.name), realPath(child));
    }
  };
  visit(root, realPath(join(workspace, root)));
  return found;
}

function entriesOf(path: string) {
  try {
    return readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    return undefined;
  }
}

function isDirectory(path: string): boolean {
  return fileStatus(path)?.isDirectory() === true;
}

function doubles(blocks: readonly BlockSource[]): readonly Problem[] {
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
      {
        severity: "error",
        code: "repeated-name",
        file: block.file.path,
        position: positionIn(block.file, ["name"]),
        message: `block \`${block.name}\`${version} is also in \`${earlier.file.path}\``,
        hint: "remove one of them, or give them different versions",
      },
    ];
  });
}

/** Returns the settings of the `--workspace` flag and `POLYCRATE_WORKSPACE` as a place to look. */
export function placeOfWorkspace(
  flag: string | undefined,
  environment: NodeJS.ProcessEnv,
  here: string,
  uid: number,
): WorkspacePlace {
  const named = flag ?? (environment.POLYCRATE_WORKSPACE || undefined);
  return named === undefined ? { below: here, uid } : { named };
}
