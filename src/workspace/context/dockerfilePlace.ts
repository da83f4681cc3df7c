import { realpathSync, statSync } from "node:fs";
import { basename, join, relative, sep } from "node:path";
import { exitCodes, PolycrateError } from "../../errors.ts";
import { largestText, openToRead, type ReadProblem, readOpened } from "../../host/read.ts";
import { fileStatus } from "../fileStatus.ts";
import { type IgnorePattern, parseIgnoreFile } from "./dockerignore.ts";

/** Where a Dockerfile is in its build context, and on disk (absolute, links resolved). */
export type DockerfilePlace = { readonly path: string; readonly source: string };

/** Where a Dockerfile from elsewhere is put: a folder of polycrate's own, which no workspace file can be in by accident. */
export const foreignDockerfile = ".polycrate/Dockerfile";

/**
 * Finds the place of the Dockerfile at the absolute `path`, where `root` is the workspace without links. Throws a
 * PolycrateError (65) when it is no file or is a link out of the workspace, which would be followed unasked.
 */
export function locateDockerfile(root: string, path: string): DockerfilePlace {
  const source = realFile(root, path);
  return {
    path: isInside(root, source) ? relative(root, source).split(sep).join("/") : foreignDockerfile,
    source,
  };
}

/** Reads a file that is small by nature, by its path without links. Throws a PolycrateError (65). */
export function readSmallFile(path: string): Buffer {
  const content = readOpened(openToRead(path, "refuse"), largestText);
  if (typeof content !== "string") return content;
  const [reason, hint] = refusals[content];
  throw new PolycrateError(`\`${path}\` ${reason}`, { hint, exitCode: exitCodes.invalidWorkspace });
}

const unreadable = ["cannot be read", "see that it is there and that you may read it"] as const;

const refusals: Readonly<Record<ReadProblem, readonly [string, string]>> = {
  missing: unreadable,
  unreadable,
  "not a file": ["is not a file", "put a file there"],
  "too large": ["is larger than 16 MB", "put the Dockerfile there; data belongs into files of their own"],
};

/** Reads the Dockerfile's own ignore file or else the general one, which is what BuildKit does. Throws a PolycrateError (65). */
export function readIgnoreFile(root: string, dockerfile: string): readonly IgnorePattern[] {
  for (const path of [`${dockerfile}.dockerignore`, join(root, ".dockerignore")]) {
    if (fileStatus(path) !== undefined) {
      return parseIgnoreFile(readSmallFile(realFile(root, path)).toString(), basename(path));
    }
  }
  return [];
}

function realFile(root: string, path: string): string {
  const source = realPath(path);
  const isOut = isInside(root, path) && !isInside(root, source);
  if (!isOut && statSync(source).isFile()) return source;
  throw new PolycrateError(
    isOut ? `\`${relative(root, path)}\` is a link out of the workspace` : `\`${path}\` is not a file`,
    {
      hint: isOut ? `put the file itself there, or name it: \`${source}\`` : "put a file there",
      exitCode: exitCodes.invalidWorkspace,
    },
  );
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch (cause) {
    const [reason, hint] = unreadable;
    throw new PolycrateError(`\`${path}\` ${reason}`, { hint, exitCode: exitCodes.invalidWorkspace, cause });
  }
}

function isInside(root: string, path: string): boolean {
  return path.startsWith(root.endsWith(sep) ? root : root + sep);
}
