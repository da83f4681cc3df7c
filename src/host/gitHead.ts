import { dirname, join, resolve } from "node:path";
import { largestText, readText } from "./read.ts";

/**
 * Returns the commit that the folder's repository has checked out; undefined outside of a repository and before the first
 * commit. Reads git's files (gitrepository-layout(5)), because git could run programs that the repository configures.
 */
export function readGitHead(folder: string): string | undefined {
  const directory = gitDirectoryAbove(folder);
  if (directory === undefined) return undefined;
  const head = gitFileText(join(directory, "HEAD"));
  const reference = /^ref: (refs\/[^\0]+)$/.exec(head ?? "")?.[1];
  if (reference === undefined) return commitIn(head);
  const shared = resolve(directory, gitFileText(join(directory, "commondir")) ?? ".");
  return (
    commitIn(gitFileText(join(directory, reference)) ?? gitFileText(join(shared, reference))) ??
    packed(shared, reference)
  );
}

/** `.git` is a folder, or in a worktree or submodule a file that names it. */
function gitDirectoryAbove(folder: string): string | undefined {
  for (let current = folder; ; current = dirname(current)) {
    const link = join(current, ".git");
    if (gitFileText(join(link, "HEAD")) !== undefined) return link;
    const target = /^gitdir: (.+)$/.exec(gitFileText(link) ?? "")?.[1];
    if (target !== undefined) return resolve(current, target);
    if (current === dirname(current)) return undefined;
  }
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
