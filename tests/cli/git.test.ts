import { expect, test } from "bun:test";
import { chmodSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { git } from "../support/git.ts";
import { type Folder, makeFolder, namesIn } from "../support/harness.ts";

/** A repository whose index names a folder that is not among its objects, so that git looks for it at `origin`. */
async function makePartialClone(url: string): Promise<Folder> {
  const folder = makeFolder({ "workspace.poly": "name: test-workspace\n", "notes/page": "text\n" });
  await git(folder, "init", "--quiet");
  await git(folder, "add", ".");
  await git(folder, "-c", "user.name=x", "-c", "user.email=x@y", "commit", "--quiet", "--message=x");
  await git(folder, "sparse-checkout", "init", "--cone", "--sparse-index");
  const tree = await git(folder, "rev-parse", "HEAD:notes");
  const settings = {
    "extensions.partialClone": "origin",
    "remote.origin.url": url,
    "remote.origin.promisor": "true",
    "remote.origin.fetch": "+refs/heads/*:refs/remotes/origin/*",
    ...Object.fromEntries(
      ["", "file.", "ext.", "ssh.", "git."].map((one) => [`protocol.${one}allow`, "always"]),
    ),
  };
  for (const [key, value] of Object.entries(settings)) await git(folder, "config", key, value);
  rmSync(join(folder.path, ".git/objects", tree.slice(0, 2), tree.slice(2)));
  return folder;
}

/** Settings of git that name a program. */
const programs: readonly string[] = [
  "alias.check-ignore",
  "alias.ls-files",
  "browser.x.cmd",
  "core.alternateRefsCommand",
  "core.askPass",
  "core.editor",
  "core.fsmonitor",
  "core.gitProxy",
  "core.pager",
  "core.sshCommand",
  "credential.helper",
  "diff.external",
  "diff.x.command",
  "diff.x.textconv",
  "difftool.x.cmd",
  "filter.x.clean",
  "filter.x.process",
  "filter.x.smudge",
  "gc.recentObjectsHook",
  "gpg.program",
  "gpg.ssh.defaultKeyCommand",
  "gpg.ssh.program",
  "gpg.x509.program",
  "guitool.x.cmd",
  "imap.tunnel",
  "interactive.diffFilter",
  "man.x.cmd",
  "merge.x.driver",
  "mergetool.x.cmd",
  "pager.check-ignore",
  "pager.ls-files",
  "remote.origin.receivepack",
  "remote.origin.uploadpack",
  "sequence.editor",
  "submodule.x.update",
  "tar.x.command",
  "trailer.x.cmd",
  "trailer.x.command",
  "uploadpack.packObjectsHook",
];

const hooks: readonly string[] = [
  "post-checkout",
  "post-index-change",
  "reference-transaction",
  "fsmonitor-watchman",
];

/** Plants each of them; those that are started leave their names in the folder `marks`. */
async function plantPrograms(folder: Folder): Promise<void> {
  folder.write("marks/.gitignore", "*\n");
  for (const key of programs) {
    const program = plantProgram(folder, `programs/${key}`);
    await git(folder, "config", key, /^alias\.|\.update$/.test(key) ? `!${program}` : program);
  }
  for (const hook of hooks)
    for (const place of [".git/hooks", "hooks"]) plantProgram(folder, `${place}/${hook}`);
  await git(folder, "config", "core.hooksPath", "hooks");
  folder.write(".gitattributes", "* filter=x diff=x merge=x\n");
}

function plantProgram(folder: Folder, path: string): string {
  folder.write(path, `#!/bin/sh\ntouch ${folder.path}/marks/${basename(path)}\nexit 1\n`);
  chmodSync(join(folder.path, path), 0o755);
  return join(folder.path, path);
}

test.each(["/nowhere.git", "ext::PROGRAM", "ssh://127.0.0.1:1/x", "git://127.0.0.1:1/x"])(
  "no program that `.git/config` names is started when an object is missing that `%s` may have",
  async (url) => {
    using folder = await makePartialClone(url);
    await plantPrograms(folder);
    const remote = url.replace("PROGRAM", plantProgram(folder, "programs/ext"));
    await git(folder, "config", "remote.origin.url", remote);
    expect((await folder.run(["validate"])).exitCode).toBe(0);
    expect(namesIn(join(folder.path, "marks"))).toEqual([".gitignore"]);
  },
);

test("a git that hangs is named, and the rest is checked", async () => {
  using folder = makeFolder({
    "workspace.poly": "name: test-workspace\n",
    "bin/git": "#!/bin/sh\nexec sleep 600\n",
  });
  chmodSync(join(folder.path, "bin/git"), 0o755);
  expect(await folder.run(["validate"], { env: { PATH: `${folder.path}/bin:${process.env.PATH}` } })).toEqual(
    {
      stdout: "test-workspace is valid: 0 blocks, no problems\n",
      stderr: "warning: git does not respond; tracked files are not checked\n",
      exitCode: 0,
    },
  );
});
