import type { FoundFiles } from "../context/files.ts";
import { ignoring } from "../context/ignoreFile.ts";
import {
  type DockerfilePath,
  generalIgnoreFile,
  type IgnoreFile,
  readGeneralIgnoreFile,
} from "./findDockerfile.ts";
import type { ContextSource } from "./sources.ts";

/**
 * How a build context and its Dockerfile get to docker: as a tar on standard input, or as the folder that docker is started
 * in. `file` is the Dockerfile's path in it, `ignoreFile` the text of a `.dockerignore` that is sent for the builder's sake.
 */
export type Delivery = {
  readonly sentAs: "tar" | "folder";
  readonly file: string;
  readonly ignoreFile: string | undefined;
};

/**
 * Returns how the Dockerfile goes along. One that is ignored or from elsewhere must not be where a `COPY .` takes it, and
 * what a builder leaves out is what an ignore file names; BuildKit reads that in a folder alone, the classic builder in a tar
 * too (docker 20.10 to 28.2). Throws a PolycrateError (65) when the ignore file cannot be read.
 */
export function deliverDockerfile(
  root: string,
  { path }: DockerfilePath,
  sources: readonly ContextSource[],
  { entries, taken }: FoundFiles,
  ignore: IgnoreFile,
): Delivery {
  const isCopied = path !== undefined && entries.has(path);
  const own = ownName(entries);
  if (isCopied || !isWithinReach(path, sources, taken)) {
    return { sentAs: "tar", file: path ?? own, ignoreFile: undefined };
  }
  if (!entries.has(generalIgnoreFile)) {
    return { sentAs: "folder", file: own, ignoreFile: `${own}\n${generalIgnoreFile}\n` };
  }
  if (path !== undefined && ignore.isGeneral && ignoring(ignore.patterns)(path)) {
    return { sentAs: "folder", file: path, ignoreFile: undefined };
  }
  // The builders would read in it what does not count here, or leave out once more what is left out already.
  const text = readGeneralIgnoreFile(root).replace(/\n?$/, "\n");
  return { sentAs: "folder", file: own, ignoreFile: `${text}!**\n${own}\n` };
}

/** A name that no file of the context has. */
function ownName(entries: FoundFiles["entries"]): string {
  let name = ".polycrate.Dockerfile";
  while (entries.has(name)) name += "_";
  return name;
}

/** Whether a source may mean the Dockerfile too, or a file of polycrate's own beside the workspace's. */
function isWithinReach(
  path: string | undefined,
  sources: readonly ContextSource[],
  taken: FoundFiles["taken"],
): boolean {
  if (taken.has("")) return true;
  if (path === undefined) return sources.some(({ kind }) => kind !== "path");
  const parts = path.split("/");
  return parts.some((_, index) => taken.has(parts.slice(0, index + 1).join("/")));
}
