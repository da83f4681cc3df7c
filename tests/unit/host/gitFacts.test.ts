import { expect, test } from "bun:test";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { readGitFacts } from "../../../src/host/gitFacts.ts";
import { git } from "../../support/git.ts";
import { call, makeFolder } from "../../support/harness.ts";

test("git tells which files it tracks, and which of the paths it ignores", async () => {
  using folder = makeFolder({
    ".gitignore": "*.log\n",
    "a b": "",
    "below/ä": "",
    "x.log": "",
    untracked: "",
  });
  expect(await readGitFacts(folder.path, ["x.log"])).toBe(undefined);
  await call(["git", "init", "--quiet"], { directory: folder.path });
  await call(["git", "add", ".gitignore", "a b", "below/ä"], { directory: folder.path });
  expect(await readGitFacts(folder.path, ["x.log", "untracked", "later.log", "a b"])).toEqual({
    tracked: new Set([".gitignore", "a b", "below/ä"]),
    ignored: new Set(["x.log", "later.log"]),
  });
});

test("git runs no program that a repository names, fetches nothing, and means the folder's own repository", async () => {
  const variables =
    "$GIT_DIR|$GIT_INDEX_FILE|$GIT_OPTIONAL_LOCKS|$GIT_NO_LAZY_FETCH|$GIT_ALLOW_PROTOCOL|$GIT_TERMINAL_PROMPT";
  using folder = makeFolder({ "bin/git": `#!/bin/sh\necho "$*|${variables}" >>seen\n` });
  chmodSync(join(folder.path, "bin/git"), 0o755);
  const module = join(import.meta.dir, "../../../src/host/gitFacts.ts");
  const text = `const { readGitFacts } = await import("${module}"); await readGitFacts(process.cwd(), ["x", "-y"]);`;
  const env = {
    PATH: `${folder.path}/bin:${process.env.PATH}`,
    GIT_DIR: "/else",
    GIT_INDEX_FILE: "/else/index",
  };
  expect(await call([process.execPath, "--eval", text], { directory: folder.path, env })).toMatchObject({
    stderr: "",
  });
  const before = "--no-pager -c core.fsmonitor=false -c core.hooksPath=/dev/null";
  expect(folder.read("seen").split("\n")).toEqual([
    `${before} ls-files -z|||0|1|none|0`,
    `${before} check-ignore --no-index -- x -y|||0|1|none|0`,
    "",
  ]);
});

test("a repository of another user is not asked, as git itself does not trust it", async () => {
  using folder = makeFolder({ "workspace.poly": "name: test-workspace\n" });
  await git(folder, "init", "--quiet");
  expect(await readGitFacts(folder.path, ["x"])).toEqual({ tracked: new Set(), ignored: new Set() });
  await call(["chown", "-R", "54321", folder.path]);
  expect(await readGitFacts(folder.path, ["x"])).toBe(undefined);
});
