import { expect, test } from "bun:test";
import { existsSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { makeFolder, workspaceWith } from "../support/harness.ts";
import { makeOrdinaryFolder, polycrate } from "../support/ordinaryUser.ts";

const files = `
- name: write
  script:
    - echo a >"$POLYCRATE_BLOCK_ARTIFACTS/a"; echo b >"my data/b"; echo c >/tmp/c; echo d >~/d; echo e >known_hosts
    - for path in own blocks/x .snapshot.yml artifacts/../up; do (echo x >$path) 2>/dev/null && echo "wrote $path"; done; true`;

const readOnly = `workspace: read-only\nwritable: [artifacts, "my data"]`;

test.each(["image", "host"])(
  "as user %s, only `writable` folders of a read-only workspace can be written",
  async (user) => {
    using folder = await makeOrdinaryFolder({
      "workspace.poly": workspaceWith(files, `${readOnly}\nuser: ${user}\nssh_agent: false`),
      id_rsa: "key",
      known_hosts: "",
    });
    const { stdout, stderr, exitCode } = await folder.as([
      "sh",
      "-c",
      `chmod 600 id_rsa known_hosts; exec ${polycrate("run", "b", "write").join(" ")}`,
    ]);
    expect([stdout, exitCode]).toEqual(["", 0]);
    expect(stderr).toContain("b write succeeded");
    expect([
      folder.read("artifacts/blocks/b/a"),
      folder.read("my data/b"),
      folder.read("known_hosts"),
    ]).toEqual(["a\n", "b\n", "e\n"]);
  },
);

test("an action of less can reach no network, has no capability, and cannot write", async () => {
  using folder = makeFolder({
    "workspace.poly": workspaceWith(`
- name: all
  script: &look
    - cat /proc/net/route | tail -n +2 | wc -l
    - grep CapBnd /proc/self/status | cut -f2
    - chown 5 /tmp 2>/dev/null && echo chowned || echo not
    - (echo x >x) 2>/dev/null && echo wrote || echo not
- {name: less, network: none, capabilities: none, workspace: read-only, script: *look}
- {name: some, network: bridge, capabilities: [CHOWN], script: *look}`),
  });
  const [all, less, some] = await Promise.all(
    ["all", "less", "some"].map(async (name) => (await folder.run(["run", "b", name])).stdout.split("\n")),
  );
  expect(all?.slice(1, 4)).toEqual(["00000000a80425fb", "chowned", "wrote"]);
  expect(less).toEqual(["0", "0000000000000000", "not", "not", ""]);
  expect(some?.slice(1, 4)).toEqual(["0000000000000001", "chowned", "wrote"]);
  const warm = async (name: string) => (await folder.run(["run", "b", name, "--warm=20s"])).stdout;
  expect((await warm("all")).split("\n")[1]).toBe("00000000a80425fb");
  expect((await warm("less")).split("\n")[1]).toBe("0000000000000000");
  expect((await folder.run(["stop", "--warm"])).stderr).toMatch(/^(?:removed polycrate-warm-\S+\n){2}$/);
});

test("an action is killed at its memory and the error says so, cold and warm; a fork bomb ends at `pids`", async () => {
  using folder = makeFolder({
    "workspace.poly": workspaceWith(`
- {name: eat, memory: 16m, script: ["x=x; while :; do x=$x$x; done"]}
- {name: fork, pids: 24, script: ["sh -c 'for i in $(seq 600); do sleep 60 & echo $i; done'"]}`),
  });
  const message =
    "error: b eat ran out of memory (SIGKILL, exit code 137)\nhint: raise `config.container.memory`";
  for (const flags of [[], ["--warm=20s"]]) {
    const { stderr, exitCode } = await folder.run(["run", "b", "eat", ...flags]);
    expect(exitCode).toBe(137);
    expect(stderr).toContain(message);
  }
  await folder.run(["stop", "--warm"]);
  const bomb = await folder.run(["run", "b", "fork"]);
  expect(bomb.stdout.split("\n").length).toBeLessThan(24);
  expect(bomb.stderr).toContain("can't fork: Resource temporarily unavailable");
});

test("a writable folder that is a link is refused, and mount points in a read-only workspace are made first", async () => {
  using folder = makeFolder({
    "workspace.poly": `${workspaceWith("- {name: look, script: [cat in/etc/name, ls -d in/folder]}", "workspace: read-only\nwritable: [data]")}extramounts: ["name:/workspace/in/etc/name:ro", "data:/workspace/in/folder"]\n`,
    name: "mounted\n",
    "data/x": "",
  });
  const run = await folder.run(["run", "b", "look"]);
  expect(run.stdout).toBe("mounted\nin/folder\n");
  const dry = await folder.run(["run", "b", "look", "--dry-run"]);
  expect(dry.exitCode).toBe(0);
  using linked = makeFolder({ "workspace.poly": folder.read("workspace.poly"), name: "x" });
  mkdirSync(join(linked.path, "outside"));
  symlinkSync("outside", join(linked.path, "data"));
  const refused = await linked.run(["run", "b", "look"]);
  expect([refused.exitCode, existsSync(join(linked.path, "outside/x"))]).toEqual([73, false]);
  expect(refused.stderr).toContain("/data` is not a folder");
});
