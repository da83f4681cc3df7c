import { lstatSync } from "node:fs";
import { join, relative } from "node:path";
import { PolycrateError } from "../errors.ts";
import { findDockerfile, readSmallFile } from "../image/dockerfile/findDockerfile.ts";
import { lintDockerfile } from "../image/dockerfile/lint.ts";
import { chooseImage, defaultDockerfile } from "../image/imageSource.ts";
import { lintLock } from "../registry/lintLock.ts";
import { lintBlocks } from "../workspace/lint/lintBlocks.ts";
import { lintWorkspace } from "../workspace/lint/lintWorkspace.ts";
import type { Workspace } from "../workspace/load.ts";
import { type Problem, problemOf } from "../workspace/poly/problems.ts";
import { readPolyText } from "../workspace/poly/readPolyText.ts";

/** The problems found, and the Dockerfile that was checked, relative to the workspace. */
export type WorkspaceCheck = {
  readonly problems: readonly Problem[];
  readonly dockerfile: string | undefined;
};

/** Lints the files of a workspace. Does not repeat the problems found while loading it. */
export function checkWorkspace(workspace: Workspace): WorkspaceCheck {
  const dockerfile = checkDockerfile(workspace);
  const problems = [
    ...lintWorkspace(workspace),
    ...lintBlocks(workspace),
    ...dockerfile.problems,
    ...lintLock(workspace),
  ];
  return { problems, dockerfile: dockerfile.dockerfile };
}

/** The default Dockerfile may be missing, but one that exists and cannot be read is a problem. */
function unusedDockerfile({ path }: Workspace): readonly Problem[] {
  if (lstatSync(join(path, defaultDockerfile), { throwIfNoEntry: false }) === undefined) return [];
  const read = readPolyText(path, defaultDockerfile);
  return "problem" in read ? [read.problem] : [];
}

function checkDockerfile(workspace: Workspace): WorkspaceCheck {
  try {
    const source = chooseImage(workspace, {
      image: undefined,
      dockerfile: undefined,
      here: workspace.path,
    });
    if ("reference" in source) return { problems: unusedDockerfile(workspace), dockerfile: undefined };
    const { source: real } = findDockerfile(workspace.path, source.dockerfile);
    const path = relative(workspace.path, source.dockerfile);
    return { problems: lintDockerfile(path, readSmallFile(real).toString()), dockerfile: path };
  } catch (error) {
    if (!(error instanceof PolycrateError)) throw error;
    return { problems: [problemOf(error, "missing-dockerfile", workspace.file.path)], dockerfile: undefined };
  }
}
