import { lstatSync, readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import * as v from "valibot";
import { exitCodes, PolycrateError } from "../errors.ts";
import { type PolyFile, parsePolyFile, plainOf, positionIn } from "./polyFile.ts";
import { type Problem, refuseErrors } from "./problems.ts";
import { type WorkspaceSettings, workspaceSchema } from "./schema.ts";
import { isYamlList, isYamlMap, type YamlMap, type YamlPath } from "./yamlValue.ts";

/** All that was read: the workspace file, its settings with every default filled in, and its blocks as written. */
export type Workspace = {
  /** The real path on the host, without a link in it. */
  readonly path: string;
  readonly file: PolyFile;
  readonly settings: WorkspaceSettings;
  readonly layout: Layout;
  readonly blocks: readonly BlockSource[];
  /** What is wrong with block files; it stops only what needs them. */
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
 * `workspace.poly` when that file is wrong; a wrong block file only adds to `problems`.
 */
export function loadWorkspace(place: WorkspacePlace): Workspace {
  const path = "named" in place ? namedWorkspace(place.named) : workspaceAbove(place.below, place.uid);
  const file = parsePolyFile("workspace", workspaceFile, readText(join(path, workspaceFile), workspaceFile));
  const settings = v.safeParse(workspaceSchema, plainOf(file.value));
  refuseErrors(file.problems);
  if (!settings.success) throw new Error("the schema refused what the file check let through");
  const layout = layoutOf(settings.output, path, file);
  const installed = installedBlocks(path, layout, settings.output.config?.blocksconfig ?? "block.poly");
  const inline = inlineBlocks(file);
  return {
    path,
    file,
    settings: settings.output,
    layout,
    blocks: [...installed.blocks, ...inline],
    problems: [...file.problems, ...installed.problems],
  };
}

function namedWorkspace(named: string): string {
  const path = realPath(resolve(named));
  const folder = path?.endsWith(`${sep}${workspaceFile}`) === true ? dirname(path) : path;
  if (
    folder === undefined ||
    statSync(join(folder, workspaceFile), { throwIfNoEntry: false }) === undefined
  ) {
    throw new PolycrateError(`there is no \`${workspaceFile}\` in \`${named}\``, {
      hint: "name a folder that has one, or write one that begins with `name: my-workspace`",
      exitCode: exitCodes.wrongCommandLine,
    });
  }
  return folder;
}

/** A file found by walking up could be somebody else's, in /tmp for example, so its owner has to be the caller or root. */
function workspaceAbove(below: string, uid: number): string {
  for (let folder = realPath(below) ?? below; ; folder = dirname(folder)) {
    const found = statSync(join(folder, workspaceFile), { throwIfNoEntry: false });
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
        hint: "go to a workspace, name one with `--workspace DIR`, or write a `workspace.poly`",
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

/** Reads a text file; throws with exit code 65 when it cannot be read. `shown` is how messages name it. */
function readText(path: string, shown: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new PolycrateError(`${shown}: cannot be read: ${reasonOf(cause)}`, {
      hint: "see that it is a file and that you may read it",
      exitCode: exitCodes.invalidWorkspace,
      cause,
    });
  }
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

function layoutOf(settings: WorkspaceSettings, workspace: string, file: PolyFile): Layout {
  const config = settings.config;
  const inside = (key: string, path: string) => {
    const clean = relative(workspace, resolve(workspace, path));
    if (clean === "" || clean === ".." || clean.startsWith(`..${sep}`)) {
      refuse(
        file,
        ["config", key],
        `\`config.${key}\` leads out of the workspace: \`${path}\``,
        "name a folder inside of it",
      );
    }
    return clean;
  };
  const containerRoot = config?.containerroot ?? "/workspace";
  if (!/^\/[^/]/.test(containerRoot) || containerRoot.split("/").includes("..")) {
    refuse(
      file,
      ["config", "containerroot"],
      `\`config.containerroot\` is no absolute path: \`${containerRoot}\``,
      "write a path like `/workspace`",
    );
  }
  const privateKey = config?.sshprivatekey ?? "id_rsa";
  return {
    blocksRoot: inside("blocksroot", config?.blocksroot ?? "blocks"),
    artifactsRoot: inside("artifactsroot", config?.artifactsroot ?? "artifacts"),
    logsRoot: inside("logsroot", config?.logsroot ?? ".logs"),
    containerRoot: containerRoot.replace(/\/+$/, ""),
    privateKey,
    publicKey: config?.sshpublickey ?? `${privateKey}.pub`,
  };
}

function refuse(file: PolyFile, path: YamlPath, message: string, hint: string): never {
  const { line, column } = positionIn(file, path);
  throw new PolycrateError(`${file.path}:${line}:${column}: ${message}`, {
    hint,
    exitCode: exitCodes.invalidWorkspace,
  });
}

function inlineBlocks(file: PolyFile): readonly BlockSource[] {
  const blocks = file.value.get("blocks");
  if (!isYamlList(blocks)) return [];
  return blocks.flatMap((value, index) =>
    isYamlMap(value) ? [blockSource(value, file, ["blocks", index], undefined)] : [],
  );
}

function blockSource(
  value: YamlMap,
  file: PolyFile,
  at: YamlPath,
  directory: string | undefined,
): BlockSource {
  return { name: textOf(value, "name") ?? "", version: textOf(value, "version"), value, file, at, directory };
}

function textOf(map: YamlMap, key: string): string | undefined {
  const value = map.get(key);
  if (typeof value === "string") return value;
  return typeof value === "object" && value !== null && "source" in value ? value.source : undefined;
}

type Installed = { readonly blocks: readonly BlockSource[]; readonly problems: readonly Problem[] };

function installedBlocks(workspace: string, layout: Layout, fileName: string): Installed {
  const blocks: BlockSource[] = [];
  const problems: Problem[] = [];
  for (const found of blockFolders(workspace, layout.blocksRoot, fileName)) {
    if ("problem" in found) {
      problems.push(found.problem);
      continue;
    }
    const shown = join(found.directory, fileName);
    const file = readBlockFile(join(workspace, shown), shown);
    problems.push(...file.problems);
    if (file.value.size > 0) blocks.push(blockSource(file.value, file, [], found.directory));
  }
  return { blocks, problems: [...problems, ...doubles(blocks)] };
}

function readBlockFile(path: string, shown: string): PolyFile {
  try {
    return parsePolyFile("block", shown, readFileSync(path, "utf8"));
  } catch (cause) {
    const message = `cannot be read: ${reasonOf(cause)}`;
    const problem: Problem = {
      severity: "error",
      file: shown,
      message,
      hint: "see that it is a file and that you may read it",
    };
    return { path: shown, text: "", value: new Map(), problems: [problem] };
  }
}

type Found = { readonly directory: string } | { readonly problem: Problem };

/** Every folder below `root` that has a block file, in the order of their names; each real folder once. */
function blockFolders(workspace: string, root: string, fileName: string): readonly Found[] {
  const found: Found[] = [];
  const seen = new Set<string>();
  const visit = (directory: string) => {
    const path = join(workspace, directory);
    const real = realPath(path);
    if (real === undefined || seen.has(real)) return;
    seen.add(real);
    if (real !== workspace && !real.startsWith(workspace + sep)) {
      const message = "is a link that leads out of the workspace";
      const hint = `copy the folder into \`${root}\`, or remove the link`;
      found.push({ problem: { severity: "error", file: directory, message, hint } });
      return;
    }
    const entries = entriesOf(path);
    if (entries.some((entry) => entry.name === fileName && !entry.isDirectory())) found.push({ directory });
    for (const entry of entries) {
      if (entry.name.startsWith(".") || entry.name === "node_modules") continue;
      if (entry.isDirectory() || (entry.isSymbolicLink() && isDirectory(join(path, entry.name)))) {
        visit(join(directory, entry.name));
      }
    }
  };
  if (lstatSync(join(workspace, root), { throwIfNoEntry: false }) !== undefined) visit(root);
  return found;
}

function entriesOf(path: string) {
  try {
    return readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    return [];
  }
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
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
