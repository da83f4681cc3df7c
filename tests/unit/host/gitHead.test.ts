import { expect, test } from "bun:test";
import { readGitHead } from "../../../src/host/gitHead.ts";
import { call, makeFolder } from "../../support/harness.ts";

async function git(directory: string, ...words: readonly string[]): Promise<string> {
  const identity = ["-c", "user.name=x", "-c", "user.email=x@example.com", "-c", "init.defaultBranch=main"];
  return (await call(["git", ...identity, ...words], { directory })).stdout.trim();
}

test("the commit of HEAD is read: of a branch, packed, detached, of a worktree and from a folder below", async () => {
  using folder = makeFolder({ "below/file": "" });
  expect(readGitHead(folder.path)).toBeUndefined();
  await git(folder.path, "init");
  expect(readGitHead(folder.path)).toBeUndefined();
  await git(folder.path, "commit", "--allow-empty", "--message=first");
  const head = await git(folder.path, "rev-parse", "HEAD");
  expect(head).toMatch(/^[0-9a-f]{40}$/);
  expect(readGitHead(folder.path)).toBe(head);
  expect(readGitHead(`${folder.path}/below`)).toBe(head);
  await git(folder.path, "pack-refs", "--all");
  expect(readGitHead(folder.path)).toBe(head);
  await git(folder.path, "worktree", "add", "../tree");
  expect(readGitHead(`${folder.path}/../tree`)).toBe(head);
  await git(folder.path, "checkout", "--detach");
  expect(readGitHead(folder.path)).toBe(head);
});
