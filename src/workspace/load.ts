import type { CacheFolder } from "../host/cacheFile.ts";
import { isYamlList, isYamlMap, textOf } from "../yaml/value.ts";
import { type BlockSource, blockSource } from "./blocks/blockSource.ts";
import { installedBlocks } from "./blocks/installedBlocks.ts";
import { type Layout, layoutOf } from "./layout.ts";
import { locateWorkspace, type WorkspaceLocation, workspaceFile } from "./locate.ts";
import { lenientSettings } from "./poly/lenientSettings.ts";
import { noPolyCache, openPolyCache } from "./poly/polyCache.ts";
import { type PolyFile, positionIn } from "./poly/polyFile.ts";
import { assertNoErrors, type Problem } from "./poly/problems.ts";
import { versionProblem } from "./poly/requiredVersion.ts";
import type { WorkspaceSettings } from "./poly/schema/workspace.ts";

/** A workspace as it was read: its file, the settings with every default filled in, and the blocks as written. */
export type Workspace = {
  /** The real path on the host, links resolved. */
  readonly path: string;
  readonly file: PolyFile;
  readonly settings: WorkspaceSettings;
  readonly layout: Layout;
  readonly blocks: readonly BlockSource[];
  /** The problems of blocks and workflows; only commands that need these fail. */
  readonly problems: readonly Problem[];
};

/**
 * Reads the workspace and all of its blocks. Throws with exit code 64 when there is none, and 65 with every error of
 * `workspace.poly` that is not inside of an inline block or a workflow; these, and wrong block files, only add to
 * `problems`. Parsed files are cached in the cache folder, if there is one.
 */
export function loadWorkspace(location: WorkspaceLocation, cacheFolder?: CacheFolder): Workspace {
  const workspace = loadWorkspaceLenient(location, cacheFolder);
  assertNoErrors(
    workspace.problems.filter(({ file, entry }) => file === workspaceFile && entry === undefined),
  );
  return workspace;
}

/**
 * Reads the workspace and all of its blocks even if they have errors, for commands that report all `problems`; settings
 * with errors are left out. A workspace that requires another version of polycrate has that problem alone, and nothing else of
 * it is read. Throws only with exit code 64, when there is no workspace.
 */
export function loadWorkspaceLenient(location: WorkspaceLocation, cacheFolder?: CacheFolder): Workspace {
  const path = locateWorkspace(location);
  const cache = cacheFolder === undefined ? noPolyCache(path) : openPolyCache(cacheFolder, path);
  const written = cache.read("workspace", workspaceFile);
  const wrongVersion = versionProblem(written);
  const file = wrongVersion === undefined ? written : unread(written, wrongVersion);
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
  const installed =
    wrongVersion === undefined
      ? installedBlocks(path, layout, settings.config.blocksconfig, cache)
      : { blocks: [], problems: [] };
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

/** What another version means by the rest of the file, or by its blocks, this one cannot say. */
function unread(file: PolyFile, problem: Problem): PolyFile {
  return { ...file, value: new Map(), head: new Map(), problems: [problem] };
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
