import { readFileSync, realpathSync, statSync } from "node:fs";
import { basename, join, relative, sep } from "node:path";
import { exitCodes, PolycrateError } from "../../errors.ts";
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

/** Reads a file that is small by nature. Throws a PolycrateError (65). */
export function readSmallFile(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

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
    isOut ? `\`${relative(root, path)}\` is a link out of the workspace` : `\`${path}\` is no file`,
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
    throw unreadable(path, cause);
  }
}

function isInside(root: string, path: string): boolean {
  return path.startsWith(root.endsWith(sep) ? root : root + sep);
}

function unreadable(path: string, cause: unknown): PolycrateError {
  return new PolycrateError(`\`${path}\` cannot be read`, {
    hint: "see that it is there and that you may read it",
    exitCode: exitCodes.invalidWorkspace,
    cause,
  });
}
