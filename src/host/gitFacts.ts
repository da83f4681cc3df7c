import { type Answer, askPatiently } from "./capture.ts";

/** What git says of a folder: the files that it tracks, and which of the paths asked for it ignores. */
export type GitFacts = { readonly tracked: ReadonlySet<string>; readonly ignored: ReadonlySet<string> };

/** In seconds; git reads its own files only. */
const patience = 3;

/**
 * Returns which files of the folder git tracks, and which of the paths it ignores; undefined outside of a repository,
 * without git, and in a repository of another user, which git does not trust; `late` when git hangs. Runs no program that
 * the repository's configuration names.
 */
export async function askGit(
  folder: string,
  paths: readonly string[],
): Promise<GitFacts | "late" | undefined> {
  if (Bun.which("git") === null) return undefined;
  const tracked = await askFor(folder, ["ls-files", "-z"]);
  if (tracked.isLate) return "late";
  if (tracked.exitCode !== 0) return undefined;
  const ignored = await askFor(folder, ["check-ignore", "--no-index", "--", ...paths]);
  if (ignored.isLate) return "late";
  return { tracked: pathsIn(tracked.stdout, "\0"), ignored: pathsIn(ignored.stdout, "\n") };
}

/**
 * A `.git` may have come with the workspace, or be written by an action. An object that is missing would be fetched from
 * where it says, and that starts what it says. `GIT_NO_LAZY_FETCH` prevents it in newer versions of git, and no protocol is
 * allowed in all versions, whatever `protocol.*.allow` says.
 */
function askFor(folder: string, words: readonly string[]): Promise<Answer & { readonly isLate: boolean }> {
  const environment = {
    ...process.env,
    // A hook of git runs with these, which may mean another repository.
    GIT_DIR: undefined,
    GIT_WORK_TREE: undefined,
    GIT_INDEX_FILE: undefined,
    GIT_PREFIX: undefined,
    GIT_OPTIONAL_LOCKS: "0",
    GIT_NO_LAZY_FETCH: "1",
    GIT_ALLOW_PROTOCOL: "none",
    GIT_TERMINAL_PROMPT: "0",
  };
  return askPatiently(
    ["git", "--no-pager", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", ...words],
    { directory: folder, environment, patience },
  );
}

function pathsIn(output: string, separator: string): ReadonlySet<string> {
  return new Set(output.split(separator).filter((path) => path !== ""));
}
