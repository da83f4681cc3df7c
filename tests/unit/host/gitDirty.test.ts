import { expect, test } from "bun:test";
import { chmodSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readGitDirty } from "../../../src/host/gitDirty.ts";
import { readGitHead } from "../../../src/host/gitHead.ts";
import { git } from "../../support/git.ts";
import { type Folder, makeFolder } from "../../support/harness.ts";

/** A repository with a commit. */
async function makeRepository(...options: readonly string[]): Promise<Folder> {
  const folder = makeFolder({ file: "1", "below/file": "1", ".gitattributes": "* filter=evil diff=evil\n" });
  await git(folder, "init", "--initial-branch=main", ...options);
  await git(folder, "add", ".");
  await commit(folder);
  return folder;
}

function commit(folder: Folder): Promise<string> {
  return git(folder, "-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "--message=x");
}

const isDirty = (path: string) => readGitDirty(path, readGitHead(path) ?? "", undefined);

test("a tracked file that differs from the commit makes the folder dirty, an untracked one does not", async () => {
  using folder = await makeRepository();
  folder.write("untracked", "");
  expect(await isDirty(folder.path)).toBe(false);
  folder.write("file", "2");
  expect(await isDirty(folder.path)).toBe(true);
  expect(await isDirty(join(folder.path, "below"))).toBe(false);
  await git(folder, "add", "file");
  expect(await isDirty(folder.path)).toBe(true);
  await commit(folder);
  expect(await isDirty(folder.path)).toBe(false);
  await git(folder, "rm", "--quiet", "below/file");
  expect(await isDirty(folder.path)).toBe(true);
});

test("a worktree, packed objects and SHA-256 are read; outside of a repository nothing is known", async () => {
  using folder = await makeRepository("--object-format=sha256");
  await git(folder, "gc", "--quiet");
  await git(folder, "worktree", "add", "--quiet", "../tree");
  expect(await isDirty(`${folder.path}/../tree`)).toBe(false);
  await Bun.write(`${folder.path}/../tree/file`, "2");
  expect(await isDirty(`${folder.path}/../tree`)).toBe(true);
  expect(await isDirty(folder.path)).toBe(false);
  using other = makeFolder({});
  expect(await readGitDirty(other.path, "0".repeat(40), undefined)).toBe(undefined);
  expect(await readGitDirty(folder.path, "0".repeat(64), undefined)).toBe(undefined);
});

test("no program that the repository names is run, and nothing in it is written", async () => {
  using folder = await makeRepository();
  folder.write("evil", `#!/bin/sh\ntouch "${folder.path}/ran"\ncat\n`);
  chmodSync(join(folder.path, "evil"), 0o755);
  const evil = join(folder.path, "evil");
  for (const name of [
    "filter.evil.clean",
    "filter.evil.process",
    "core.fsmonitor",
    "diff.external",
    "diff.evil.textconv",
  ])
    await git(folder, "config", name, evil);
  await git(folder, "config", "core.hooksPath", folder.path);
  folder.write("post-index-change", folder.read("evil"));
  chmodSync(join(folder.path, "post-index-change"), 0o755);
  folder.write("file", "3");
  const state = () => folder.glob(".git/**/*").map((path) => [path, folder.read(path)]);
  const before = state();
  expect(await isDirty(folder.path)).toBe(true);
  expect(state()).toEqual(before);
  expect(folder.glob("ran")).toEqual([]);
  expect(readdirSync(tmpdir()).filter((name) => name.startsWith(`polycrate-build-${process.pid}`))).toEqual(
    [],
  );
});
