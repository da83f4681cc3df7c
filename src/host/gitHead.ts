import { dirname, join, resolve } from "node:path";
import { largestText, readText } from "./read.ts";

/**
 * Returns the commit that the folder's repository has checked out; undefined outside of a repository and before the first
 * commit. Reads git's files (gitrepository-layout(5)), because git could run programs that the repository configures.
 */
export function readGitHead(folder: string): string | undefined {
  const folders = gitFoldersAbove(folder);
  if (folders === undefined) return undefined;
  const { directory, shared } = folders;
  const head = gitFileText(join(directory, "HEAD"));
  const reference = /^ref: (refs\/[^\0]+)$/.exec(head ?? "")?.[1];
  if (reference === undefined) return commitIn(head);
  return (
    commitIn(gitFileText(join(directory, reference)) ?? gitFileText(join(shared, reference))) ??
    packed(shared, reference)
  );
}

/** Where a repository has its index and HEAD, what its worktrees share, and the files that are checked out. */
export type GitFolders = { readonly directory: string; readonly shared: string; readonly top: string };

/**
 * Returns the folders of the repository that a folder is in; undefined outside of one. `.git` is a folder, or in a worktree or
 * submodule a file that names it.
 */
export function gitFoldersAbove(folder: string): GitFolders | undefined {
  for (let top = folder; ; top = dirname(top)) {
    const link = join(top, ".git");
    const target = /^gitdir: (.+)$/.exec(gitFileText(link) ?? "")?.[1];
    const directory =
      gitFileText(join(link, "HEAD")) !== undefined
        ? link
        : target === undefined
          ? undefined
          : resolve(top, target);
    if (directory !== undefined) return { directory, shared: sharedFolder(directory), top };
    if (top === dirname(top)) return undefined;
  }
}

function sharedFolder(directory: string): string {
  return resolve(directory, gitFileText(join(directory, "commondir")) ?? ".");
}

function packed(directory: string, reference: string): string | undefined {
  const lines = gitFileText(join(directory, "packed-refs"))?.split("\n") ?? [];
  return commitIn(lines.find((line) => line.endsWith(` ${reference}`))?.split(" ")[0]);
}

function commitIn(text: string | undefined): string | undefined {
  return text !== undefined && /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/.test(text) ? text : undefined;
}

/** The list of packed references is the only large one. */
function gitFileText(path: string): string | undefined {
  return readText(path, largestText)?.trimEnd();
}
