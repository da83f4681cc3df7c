import { join } from "node:path";
import { tryCapture } from "./capture.ts";
import { gitFoldersAbove } from "./gitHead.ts";
import { thisOwner, writeOwner } from "./owner.ts";
import { makePrivateTree, type TreeEntry } from "./privateTree.ts";

/** In seconds. */
const longestAnswer = 3;

/**
 * Returns whether a tracked file below the folder differs from the commit, as `git describe --dirty` has it; undefined without
 * git, and when git does not know or does not answer. Submodules are not looked into.
 *
 * Whoever can write the repository's configuration can name programs for git to run (filters, hooks, fsmonitor), and an action
 * can write it at any moment. So git gets a repository folder of ours, which has the commit and nothing else, and of the real one
 * only the index and the objects.
 */
export async function readGitDirty(
  folder: string,
  commit: string,
  cancelled: AbortSignal | undefined,
): Promise<boolean | undefined> {
  const found = gitFoldersAbove(folder);
  if (found === undefined || Bun.which("git") === null) return undefined;
  const tree = await makePrivateTree(emptyRepository(commit), writeOwner(thisOwner()), () => false);
  try {
    const environment = {
      ...withoutGit(process.env),
      GIT_DIR: tree.directory,
      GIT_WORK_TREE: found.top,
      GIT_INDEX_FILE: join(found.directory, "index"),
      GIT_OBJECT_DIRECTORY: join(found.shared, "objects"),
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_CONFIG_SYSTEM: "/dev/null",
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_ATTR_NOSYSTEM: "1",
      // Before git 2.32 the global configuration and attributes are found by these alone.
      HOME: tree.directory,
      XDG_CONFIG_HOME: tree.directory,
      GIT_OPTIONAL_LOCKS: "0",
      GIT_NO_LAZY_FETCH: "1",
      GIT_ALLOW_PROTOCOL: "none",
      GIT_TERMINAL_PROMPT: "0",
    };
    const { exitCode, stdout } = await tryCapture(
      ["git", "--no-pager", "status", "--porcelain", "--untracked-files=no", "--ignore-submodules=all", "."],
      { directory: folder, environment, timeout: longestAnswer, cancelled },
    );
    return exitCode === 0 ? stdout !== "" : undefined;
  } finally {
    tree.remove();
  }
}

/** What git takes for a repository (gitrepository-layout(5)). */
function emptyRepository(commit: string): readonly TreeEntry[] {
  const isSha256 = commit.length === 64;
  const config = `[core]\nrepositoryformatversion = ${isSha256 ? 1 : 0}\nbare = false\n${
    isSha256 ? "[extensions]\nobjectformat = sha256\n" : ""
  }`;
  return [
    { kind: "directory", path: "refs", mode: 0o700, time: 0 },
    file("HEAD", `${commit}\n`),
    file("config", config),
  ];
}

function file(path: string, text: string): TreeEntry {
  const content = async function* () {
    yield Buffer.from(text);
  };
  return { kind: "file", path, mode: 0o600, time: 0, content };
}

/** git sets variables for its hooks, and a caller may have set some for another repository. */
function withoutGit(environment: Readonly<Record<string, string | undefined>>) {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith("GIT_")));
}
