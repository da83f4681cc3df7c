import { realpathSync, statSync } from "node:fs";
import { basename, join, relative, sep } from "node:path";
import { exitCodes, PolycrateError } from "../../errors.ts";
import { fileStatus } from "../../host/fileStatus.ts";
import { largestText, openToRead, type ReadProblem, readOpened } from "../../host/read.ts";
import { type IgnorePattern, parseIgnoreFile } from "../context/ignoreFile.ts";

/**
 * The paths of a Dockerfile: `name` is relative to the workspace and begins with `../` for one outside of it, `path` is the
 * path in the workspace if it is inside, `source` is absolute with links resolved.
 */
export type DockerfilePaths = {
  readonly name: string;
  readonly path: string | undefined;
  readonly source: string;
};

/**
 * Finds the Dockerfile at the absolute `path`, where `root` is the workspace without links. Throws a
 * PolycrateError (65) when it is not a file, or a link out of the workspace.
 */
export function findDockerfile(root: string, path: string): DockerfilePaths {
  const source = resolveFile(root, path);
  const name = relative(root, source).split(sep).join("/");
  return { name, path: isBelow(root, source) ? name : undefined, source };
}

/** Reads a file of at most 16 MB by its path without links. Throws a PolycrateError (65). */
export function readSmallFile(path: string): Buffer {
  const content = readOpened(openToRead(path, "refuse"), largestText);
  if (typeof content !== "string") return content;
  const [reason, hint] = problemReasons[content];
  throw new PolycrateError(`\`${path}\` ${reason}`, { hint, exitCode: exitCodes.invalidWorkspace });
}

const unreadableReason = [
  "cannot be read",
  "check that it exists and that you have permission to read it",
] as const;

const problemReasons: Readonly<Record<ReadProblem, readonly [string, string]>> = {
  missing: unreadableReason,
  unreadable: unreadableReason,
  "not a file": ["is not a file", "replace it with a file"],
  "too large": ["is larger than 16 MB", "move data to other files"],
};

/** The patterns of the ignore file that applies; none without one. */
export type IgnoreFile = {
  readonly patterns: readonly IgnorePattern[];
  /** True for the ignore file of all Dockerfiles of the workspace. */
  readonly isGeneral: boolean;
};

/** The ignore file for all Dockerfiles, relative to the workspace. */
export const generalIgnoreFile = ".dockerignore";

/** Reads the Dockerfile's own ignore file or else the general one, as BuildKit does. Throws a PolycrateError (65). */
export function readIgnoreFile(root: string, dockerfile: string): IgnoreFile {
  const general = join(root, generalIgnoreFile);
  for (const path of [`${dockerfile}.dockerignore`, general]) {
    if (fileStatus(path) !== undefined) {
      const text = readSmallFile(resolveFile(root, path)).toString();
      return { patterns: parseIgnoreFile(text, basename(path)), isGeneral: path === general };
    }
  }
  return { patterns: [], isGeneral: true };
}

/** Reads the text of the general ignore file, which must exist. Throws a PolycrateError (65). */
export function readGeneralIgnoreFile(root: string): string {
  return readSmallFile(resolveFile(root, join(root, generalIgnoreFile))).toString();
}

function resolveFile(root: string, path: string): string {
  const source = resolvePath(path);
  const isOut = isBelow(root, path) && !isBelow(root, source);
  if (!isOut && statSync(source).isFile()) return source;
  throw new PolycrateError(
    isOut
      ? `\`${relative(root, path)}\` is a link to a path outside of the workspace`
      : `\`${path}\` is not a file`,
    {
      hint: isOut
        ? `replace the link with the file, or use its path: \`${source}\``
        : "replace it with a file",
      exitCode: exitCodes.invalidWorkspace,
    },
  );
}

function resolvePath(path: string): string {
  try {
    return realpathSync(path);
  } catch (cause) {
    const [reason, hint] = unreadableReason;
    throw new PolycrateError(`\`${path}\` ${reason}`, { hint, exitCode: exitCodes.invalidWorkspace, cause });
  }
}

function isBelow(root: string, path: string): boolean {
  return path.startsWith(root.endsWith(sep) ? root : root + sep);
}
