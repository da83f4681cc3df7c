import { relative } from "node:path";

/** The folder that a report's paths are relative to, absolute, and the workspace's path below it, "" when they are one. */
export type SourceRoot = { readonly root: string; readonly workspace: string };

/** Returns the checkout of the CI job (GitHub's, GitLab's) that the workspace is in, else the workspace itself. */
export function sourceRootOf(
  workspace: string,
  environment: Readonly<Record<string, string | undefined>>,
): SourceRoot {
  for (const root of [environment.GITHUB_WORKSPACE, environment.CI_PROJECT_DIR]) {
    if (root === undefined || !root.startsWith("/")) continue;
    const below = relative(root, workspace);
    if (below !== ".." && !below.startsWith("../")) return { root, workspace: below };
  }
  return { root: workspace, workspace: "" };
}

/** Returns the path of a file below the root; a file is relative to the workspace, or absolute outside of it. */
export function pathBelow({ workspace }: SourceRoot, file: string): string {
  return file.startsWith("/") || workspace === "" ? file : `${workspace}/${file}`;
}
