import { type Captured, tryCapture } from "./capture.ts";

/** The files of a folder that git tracks, and which of the given paths it ignores. */
export type GitFacts = { readonly tracked: ReadonlySet<string>; readonly ignored: ReadonlySet<string> };

/** In seconds; git reads its own files only. */
const gitTimeout = 3;

/**
 * Returns which files of the folder git tracks, and which of the paths it ignores; undefined outside of a repository,
 * without git, and in a repository of another user, which git does not trust; `late` when git times out. Does not run
 * programs from the repository's configuration.
 */
export async function readGitFacts(
  folder: string,
  paths: readonly string[],
): Promise<GitFacts | "late" | undefined> {
  if (Bun.which("git") === null) return undefined;
  const tracked = await runGit(folder, ["ls-files", "-z"]);
  if (tracked.timedOut) return "late";
  if (tracked.exitCode !== 0) return undefined;
  const ignored = await runGit(folder, ["check-ignore", "--no-index", "--", ...paths]);
  if (ignored.timedOut) return "late";
  return { tracked: pathsIn(tracked.stdout, "\0"), ignored: pathsIn(ignored.stdout, "\n") };
}

/**
 * A `.git` may be part of an untrusted workspace, or be written by an action. git fetches missing objects from the remote
 * in its configuration, which can run a program from there. `GIT_NO_LAZY_FETCH` prevents this in newer versions of git;
 * for all versions no protocol is allowed, whatever `protocol.*.allow` is set to.
 */
function runGit(folder: string, args: readonly string[]): Promise<Captured & { readonly timedOut: boolean }> {
  const environment = {
    ...process.env,
    // git sets these for its hooks; they may name another repository.
    GIT_DIR: undefined,
    GIT_WORK_TREE: undefined,
    GIT_INDEX_FILE: undefined,
    GIT_PREFIX: undefined,
    GIT_OPTIONAL_LOCKS: "0",
    GIT_NO_LAZY_FETCH: "1",
    GIT_ALLOW_PROTOCOL: "none",
    GIT_TERMINAL_PROMPT: "0",
  };
  return tryCapture(
    ["git", "--no-pager", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", ...args],
    { directory: folder, environment, timeout: gitTimeout },
  );
}

function pathsIn(output: string, separator: string): ReadonlySet<string> {
  return new Set(output.split(separator).filter((path) => path !== ""));
}
