import type { FoundFiles } from "../context/files.ts";
import { ignoring } from "../context/ignoreFile.ts";
import {
  type DockerfilePaths,
  generalIgnoreFile,
  type IgnoreFile,
  readGeneralIgnoreFile,
} from "./findDockerfile.ts";
import type { ContextSource } from "./sources.ts";

/**
 * How a build context and its Dockerfile are sent to docker: as a tar on standard input, or as the folder that docker is started
 * in. `file` is the Dockerfile's path in it, `ignoreFile` the text of a `.dockerignore` that is sent for the builder.
 */
export type Delivery = {
  readonly sentAs: "tar" | "folder";
  readonly file: string;
  readonly ignoreFile: string | undefined;
};

/**
 * Returns how the Dockerfile is sent. One that is ignored or outside of the workspace must not be where a `COPY .` copies it, and
 * builders only exclude what an ignore file names; BuildKit reads that only in a folder, the classic builder also in a tar
 * (docker 20.10 to 28.2). Throws a PolycrateError (65) when the ignore file cannot be read.
 */
export function deliverDockerfile(
  root: string,
  { path }: DockerfilePaths,
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
  // Builders must not apply the patterns again: they do not apply to this Dockerfile, or have been applied already.
  const text = readGeneralIgnoreFile(root).replace(/\n?$/, "\n");
  return { sentAs: "folder", file: own, ignoreFile: `${text}!**\n${own}\n` };
}

/** Returns a name that no file of the context has. */
function ownName(entries: FoundFiles["entries"]): string {
  let name = ".polycrate.Dockerfile";
  while (entries.has(name)) name += "_";
  return name;
}

/** True when a source may match the Dockerfile too, or a file that polycrate adds. */
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
