import type { CacheFolder } from "../host/cacheFile.ts";
import { isYamlList, isYamlMap, textOf } from "../yaml/value.ts";
import { type BlockSource, blockSource } from "./blocks/blockSource.ts";
import { installedBlocks } from "./blocks/installedBlocks.ts";
import { type Layout, layoutOf } from "./layout.ts";
import { locateWorkspace, type WorkspaceLocation, workspaceFile } from "./locate.ts";
import { lenientSettings } from "./poly/lenientSettings.ts";
import { noPolyCache, openPolyCache } from "./poly/polyCache.ts";
import { type PolyFile, problemIn } from "./poly/polyFile.ts";
import { assertNoErrors, type Problem } from "./poly/problems.ts";
import { versionProblem } from "./poly/requiredVersion.ts";
import type { WorkspaceSettings } from "./poly/schema/workspace.ts";
import type { SecretFile } from "./secrets/secretFile.ts";
import {
  bothProblem,
  encryptedSecretsFile,
  layOverSecrets,
  readSecrets,
  type Secrets,
  secretsFile,
  secretsOnDisk,
  unusedSecrets,
} from "./secrets/secretsFile.ts";

/** A workspace as it was read: its file with the secrets over it, the settings with every default filled in, and the blocks as written. */
export type Workspace = {
  /** The real path on the host, links resolved. */
  readonly path: string;
  readonly file: PolyFile;
  readonly settings: WorkspaceSettings;
  readonly layout: Layout;
  readonly blocks: readonly BlockSource[];
  /** What `secrets.poly` has, which is merged into `file` already; its blocks are laid over those above. */
  readonly secrets: Secrets | undefined;
  /** Files that the action finds decrypted. */
  readonly secretFiles: readonly SecretFile[];
  /** The problems of blocks and workflows; only commands that need these fail. */
  readonly problems: readonly Problem[];
};

/** What a workspace is read with. */
export type LoadOptions = {
  /** Where parsed files are cached; nowhere by default. */
  readonly cacheFolder?: CacheFolder | undefined;
  /** What `secrets.poly.age` was decrypted to; without it the file is ignored. */
  readonly secrets?: string | undefined;
  /** Ignore `secrets.poly` too, for commands that need no value. */
  readonly withoutSecrets?: boolean;
  readonly secretFiles?: readonly SecretFile[];
};

/**
 * Reads the workspace and all of its blocks. Throws with exit code 64 when there is none, and 65 with every error of
 * `workspace.poly` that is not inside of an inline block or a workflow; these, and wrong block files, only add to
 * `problems`.
 */
export function loadWorkspace(location: WorkspaceLocation, options: LoadOptions = {}): Workspace {
  const workspace = loadWorkspaceLenient(location, options);
  const ofWorkspace = new Set([workspaceFile, secretsFile, encryptedSecretsFile]);
  assertNoErrors(
    workspace.problems.filter(({ file, entry }) => ofWorkspace.has(file) && entry === undefined),
  );
  return workspace;
}

/**
 * Reads the workspace and all of its blocks even if they have errors, for commands that report all `problems`; settings
 * with errors are left out. A workspace that requires another version of polycrate has that problem alone, and nothing else of
 * it is read. Throws only with exit code 64, when there is no workspace.
 */
export function loadWorkspaceLenient(
  location: WorkspaceLocation,
  { cacheFolder, secrets: decrypted, secretFiles = [], withoutSecrets = false }: LoadOptions = {},
): Workspace {
  const path = locateWorkspace(location);
  const cache = cacheFolder === undefined ? noPolyCache(path) : openPolyCache(cacheFolder, path);
  const written = cache.read("workspace", workspaceFile);
  const wrongVersion = versionProblem(written);
  const areIgnored = wrongVersion !== undefined || withoutSecrets;
  const onDisk = areIgnored ? { clear: false, encrypted: false } : secretsOnDisk(path);
  const secrets = areIgnored ? undefined : readSecrets(path, onDisk, decrypted);
  const own = wrongVersion === undefined ? written : unread(written, wrongVersion);
  const file = layOverSecrets(own, secrets);
  const settings = lenientSettings(file.value);
  const misplaced: Problem[] = [];
  const layout = layoutOf(settings, path, (key, message, hint) => {
    const at = ["config", key];
    misplaced.push(problemIn(file, { severity: "error", code: "outside-workspace", at, message, hint }));
  });
  const installed =
    wrongVersion === undefined
      ? installedBlocks(path, layout, settings.config.blocksconfig, cache)
      : { blocks: [], problems: [] };
  cache.save();
  const inline = inlineBlocks(own);
  const blocks = [...installed.blocks, ...inline];
  return {
    path,
    file,
    settings,
    layout,
    blocks,
    secrets,
    secretFiles,
    problems: [
      ...file.problems,
      ...misplaced,
      ...installed.problems,
      ...(onDisk.clear && onDisk.encrypted ? [bothProblem()] : []),
      ...(secrets === undefined ? [] : secretsProblems(secrets, own, blocks)),
    ],
  };
}

function secretsProblems(
  secrets: Secrets,
  file: PolyFile,
  blocks: readonly BlockSource[],
): readonly Problem[] {
  const names = new Set(blocks.map(({ name }) => name));
  return [...secrets.file.problems, ...unusedSecrets(secrets, file, names)];
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
