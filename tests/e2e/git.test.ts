import { expect, test } from "bun:test";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { git } from "../support/git.ts";
import { call, makeFolder, workspaceWith } from "../support/harness.ts";
import { makeOrdinaryFolder, polycrate } from "../support/ordinaryUser.ts";

const debian = (text: string) => text.replace("polycrate-test:busybox", "polycrate-test:debian");

test("git works in the workspace of an ordinary user, and in repositories inside of it", async () => {
  using folder = await makeOrdinaryFolder({
    "workspace.poly": debian(
      workspaceWith(
        "- {name: status, script: [git status --short, git -C nested status --short, git config --get-all my.key]}",
        "env: {GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: my.key, GIT_CONFIG_VALUE_0: mine}",
      ),
    ),
    "nested/file": "",
    ".gitignore": "*\n",
  });
  for (const path of [folder.path, `${folder.path}/nested`]) await call(["git", "init", "--quiet", path]);
  await folder.own();
  const { stdout, stderr, exitCode } = await folder.as(polycrate("run", "b", "status"));
  expect({ stdout, exitCode, stderr }).toMatchObject({ stdout: "?? file\nmine\n", exitCode: 0 });
  const { stdout: snapshot } = await folder.as(polycrate("snapshot", "b", "status"));
  expect(snapshot).not.toContain("safe.directory");
  expect(snapshot).toContain('GIT_CONFIG_COUNT: "1"\n');
}, 60_000);

test("a git that knows no configuration from variables reads it from a file, unless there is one", async () => {
  using folder = makeFolder({
    "workspace.poly": debian(
      workspaceWith(
        `
- {name: show, script: ["env -u GIT_CONFIG_COUNT git config --get-all safe.directory"]}
- {name: list, script: ["ls -A home; ls -A outside"]}
`,
      ),
    ),
    "home/.keep": "",
    "outside/.keep": "",
  });
  expect(await folder.run(["run", "b", "show"])).toMatchObject({ stdout: "*\n", exitCode: 0 });
  const homes = ["--env=HOME=/workspace/home"];
  expect(await folder.run(["run", "b", "list", ...homes])).toMatchObject({ stdout: ".keep\n.keep\n" });
  const mounted = ["--env=HOME=/host", `--mount=${folder.path}/outside:/host`];
  expect(await folder.run(["run", "b", "list", ...mounted])).toMatchObject({ stdout: ".keep\n.keep\n" });
}, 60_000);

test.each(["-1", "08", "x", "1 "])("`GIT_CONFIG_COUNT=%s` of one's own stays as it is", async (count) => {
  using folder = makeFolder({
    "workspace.poly": workspaceWith("- {name: show, script: ['echo \"$GIT_CONFIG_COUNT|\"']}"),
  });
  const { stdout } = await folder.run(["run", "b", "show", `--env=GIT_CONFIG_COUNT=${count}`]);
  expect(stdout).toBe(`${count}|\n`);
});

test.each([["bash"], ["dash"], ["busybox ash"]])(
  "%s counts one's own entries on",
  async (shell) => {
    using folder = makeFolder({
      "workspace.poly": debian(
        workspaceWith(
          "- {name: show, script: ['env | grep GIT_CONFIG | sort; pwd']}",
          "shell: /workspace/shell",
        ),
      ),
      shell: `#!/bin/bash\nexec ${shell.replace("busybox", "/workspace/busybox")} "$@"\n`,
    });
    chmodSync(`${folder.path}/shell`, 0o755);
    await call(["cp", Bun.which("busybox") ?? "", `${folder.path}/busybox`]);
    const { stdout } = await folder.run(["run", "b", "show", "--env=GIT_CONFIG_COUNT=9"]);
    expect(stdout).toBe(
      "GIT_CONFIG_COUNT=10\nGIT_CONFIG_KEY_9=safe.directory\nGIT_CONFIG_VALUE_9=*\n/workspace\n",
    );
  },
  30_000,
);

test("git is asked which files it tracks and which it ignores, and nothing else, by no command", async () => {
  using folder = makeFolder({
    "workspace.poly": workspaceWith("- {name: greet, script: pwd}"),
    ".gitignore": ".logs/\n",
    "bin/git": `#!/bin/sh\necho "$@" >>"$GIT_COMMANDS"\nexec ${Bun.which("git")} "$@"\n`,
  });
  await git(folder, "init", "--quiet");
  await git(folder, "add", "workspace.poly");
  chmodSync(join(folder.path, "bin/git"), 0o755);
  const env = { PATH: `${folder.path}/bin:${process.env.PATH}`, GIT_COMMANDS: `${folder.path}/commands` };
  for (const words of [
    ["validate"],
    ["list"],
    ["snapshot", "b", "greet"],
    ["inspect", "b"],
    ["history"],
    ["run", "b", "greet", "--dry-run"],
    ["run", "b", "greet"],
  ]) {
    expect((await folder.run(words, { env })).exitCode).toBe(0);
  }
  const settings = "--no-pager -c core.fsmonitor=false -c core.hooksPath=/dev/null";
  expect(folder.read("commands")).toBe(
    `${settings} ls-files -z\n${settings} check-ignore --no-index -- .snapshot.yml id_rsa .logs/2026/record.yml\n`,
  );
});
