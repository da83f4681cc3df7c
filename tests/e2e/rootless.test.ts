import { describe, expect, test } from "bun:test";
import { chmodSync, statSync } from "node:fs";
import { join } from "node:path";
import { busybox, executable, workspaceWith } from "../support/harness.ts";
import { hasRootlessEngine, makeRootlessFolder, rootlessUid } from "../support/rootlessEngine.ts";

const actions = `
- name: act
  env: { TOKEN: { from_env: TOKEN } }
  script: ['echo out; echo err >&2; printf "%s\\n" "$TOKEN" | sed s/s3cret/S/; id -u; echo new >new; exit 3']
- { name: pass, script: [cat] }
- { name: key, script: ['stat -c %u ~/.ssh/id_rsa; wc -c <~/.ssh/id_rsa'] }
- { name: trap, script: ["trap 'echo state >state; exit 9' TERM; echo ready; sleep 300 & wait"] }
- { name: wait, script: ["echo ready; sleep 300"] }
- { name: slow, timeout: 1s, script: [sleep 300] }
`;

const files = { "workspace.poly": workspaceWith(actions) };

/** A test on the rootless engine, which the set-up script starts where root can make a user for it. */
const rootless = test.skipIf(!hasRootlessEngine);

describe("on a rootless engine", () => {
  rootless(
    "an action is root, streams and code are its own, and what it writes is the caller's",
    async () => {
      using folder = await makeRootlessFolder(files);
      const { stdout, stderr, exitCode } = await folder.polycrate("run", "b", "act");
      expect({ stdout, exitCode }).toEqual({ stdout: "out\nS value\n0\n", exitCode: 3 });
      expect(stderr).toStartWith("err\nerror: b act failed with exit code 3 (item 1, line 1)\n");
      for (const path of ["new", ".logs"]) expect(statSync(join(folder.path, path)).uid).toBe(rootlessUid);
      expect(await folder.docker("ps", "--all", "--quiet")).toBe("");
      expect(folder.glob(".polycrate/run/*/*")).toEqual([]);
    },
  );

  rootless.each(["host", "image", String(rootlessUid)])("with `user: %s` it is root too", async (user) => {
    using folder = await makeRootlessFolder({
      "workspace.poly": workspaceWith(actions, `user: "${user}"`),
    });
    expect((await folder.polycrate("run", "b", "act")).stdout).toEndWith("\n0\n");
    expect(statSync(join(folder.path, "new")).uid).toBe(rootlessUid);
  });

  rootless("a number that is not mapped is warned of, before the engine refuses it", async () => {
    using folder = await makeRootlessFolder({
      "workspace.poly": workspaceWith(actions, 'user: "1234567:0"'),
    });
    const { stderr, exitCode } = await folder.polycrate("run", "b", "act");
    expect(exitCode).toBe(125);
    expect(stderr).toStartWith(
      "warning: the engine is rootless and maps 65537 ids, so it cannot run an action as 1234567\n",
    );
  });

  rootless("the ssh key is readable by the action alone", async () => {
    using folder = await makeRootlessFolder({ ...files, id_rsa: "a key\n" });
    chmodSync(join(folder.path, "id_rsa"), 0o600);
    expect(await folder.polycrate("run", "b", "key")).toMatchObject({ stdout: "0\n6\n", exitCode: 0 });
  });

  rootless("standard input reaches the action, and a shell", async () => {
    using folder = await makeRootlessFolder(files);
    const typed = (words: readonly string[]) => folder.as([executable, ...words], { input: "echo typed\n" });
    expect((await typed(["run", "b", "pass"])).stdout).toBe("echo typed\n");
    expect(await typed(["shell"])).toMatchObject({ stdout: "typed\n", exitCode: 0 });
  });

  rootless("SIGTERM reaches the action: 143", async () => {
    using folder = await makeRootlessFolder(files);
    const run = Bun.spawn(folder.words([executable, "run", "b", "trap"]), {
      stdout: "pipe",
      stderr: "ignore",
    });
    await run.stdout.getReader().read();
    run.kill("SIGTERM");
    expect(await run.exited).toBe(143);
    expect(folder.read("state")).toBe("state\n");
    expect(await folder.docker("ps", "--all", "--quiet")).toBe("");
  });

  rootless("a timeout ends the action: 124", async () => {
    using folder = await makeRootlessFolder(files);
    expect((await folder.polycrate("run", "b", "slow")).exitCode).toBe(124);
  });

  rootless("what a killed polycrate leaves is found, and pruned", async () => {
    using folder = await makeRootlessFolder(files);
    const run = Bun.spawn(folder.words([executable, "run", "b", "wait"]), {
      stdout: "pipe",
      stderr: "ignore",
    });
    await run.stdout.getReader().read();
    run.kill("SIGKILL");
    await run.exited;
    expect((await folder.polycrate("ps")).stdout).toContain("orphan");
    expect((await folder.polycrate("prune")).stdout).toStartWith("removed container polycrate-");
    expect(await folder.docker("ps", "--all", "--quiet")).toBe("");
  });

  rootless("an image is built, used, and pruned", async () => {
    using folder = await makeRootlessFolder({
      "workspace.poly": "name: w\nblocks: [{name: b, actions: [{name: act, script: [cat /made]}]}]\n",
      "Dockerfile.poly": `FROM ${busybox}\nRUN echo made >/made\n`,
    });
    expect((await folder.polycrate("run", "b", "act")).stdout).toBe("made\n");
    const id = (await folder.docker("image", "ls", "--quiet", "--filter=label=polycrate.workspace")).trim();
    expect(id).not.toBe("");
    await folder.docker("image", "rm", "--force", ...new Set(id.split("\n")));
  });

  rootless("the printed script does what the run does", async () => {
    using folder = await makeRootlessFolder(files);
    const { stdout: script } = await folder.polycrate("run", "b", "act", "--dry-run");
    const { stdout, exitCode } = await folder.as(["sh"], { input: script });
    expect({ stdout, exitCode }).toEqual({ stdout: "out\nS value\n0\n", exitCode: 3 });
    expect(statSync(join(folder.path, "new")).uid).toBe(rootlessUid);
  });

  rootless("`doctor` says so", async () => {
    using folder = await makeRootlessFolder(files);
    const { stdout } = await folder.polycrate("doctor");
    expect(stdout).toMatch(/^ok +engine .*rootless/ms);
    expect(stdout).toContain("the engine maps root to you, so you own the files that");
  });
});
