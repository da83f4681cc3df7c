import type { GitFacts } from "../workspace/lints/lintTracked.ts";
import { ask } from "./ask.ts";

/**
 * Returns which files of the folder git tracks, and which of the paths it ignores; undefined outside of a repository,
 * without git, and in a repository that git does not trust. Runs no program that the repository's configuration names.
 */
export async function askGit(folder: string, paths: readonly string[]): Promise<GitFacts | undefined> {
  if (Bun.which("git") === null) return undefined;
  const tracked = await askFor(folder, ["ls-files", "-z"]);
  if (tracked.exitCode !== 0) return undefined;
  const ignored = await askFor(folder, ["check-ignore", "--no-index", "--", ...paths]);
  return { tracked: pathsIn(tracked.stdout, "\0"), ignored: pathsIn(ignored.stdout, "\n") };
}

function askFor(folder: string, words: readonly string[]) {
  // A hook of git runs with these, which may mean another repository.
  const unset = {
    GIT_DIR: undefined,
    GIT_WORK_TREE: undefined,
    GIT_INDEX_FILE: undefined,
    GIT_PREFIX: undefined,
  };
  return ask(
    ["git", "--no-pager", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", ...words],
    { directory: folder, environment: { ...process.env, ...unset, GIT_OPTIONAL_LOCKS: "0" } },
  );
}

function pathsIn(output: string, separator: string): ReadonlySet<string> {
  return new Set(output.split(separator).filter((path) => path !== ""));
}
