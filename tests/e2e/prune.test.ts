import { expect, test } from "bun:test";
import { mkdirSync, symlinkSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { call, executable, makeFolder, workspaceWith } from "../support/harness.ts";
import { makeOrdinaryFolder, polycrate } from "../support/ordinaryUser.ts";

const id = "01500e8a-0000-7000-8000-000000000000";
const workspace = workspaceWith(`
- {name: greet, script: echo hello}
- {name: swap, script: ['cd "$POLYCRATE_BLOCK_ARTIFACTS"', 'cd ..', 'mv b moved', 'ln -s /etc b']}
- {name: mkfifo, script: [rm /run/polycrate-status/status, mkfifo /run/polycrate-status/status, echo ready, sleep 300]}`);

/** A record of long ago, of a process that is gone. */
const record = `id: ${id}\nblock: b\naction: greet\nstatus: running\n`;

/** The dead owner of a run on this machine. */
async function ownerHere(): Promise<string> {
  const { stdout } = await call(["hostname"]);
  return `${stdout.trim()}/999999/0-1`;
}

test("prune goes through no link, names each in one line, does the rest, and ends with 73", async () => {
  using other = makeFolder({
    [`logs/2020/01/01/${id}.yml`]: record,
    [`logs/2020/01/01/${id}.log`]: "kept\n",
    "run/victim/owner": await ownerHere(),
    "run/victim/file": "kept",
  });
  using folder = makeFolder({
    "workspace.poly": workspace,
    [`.logs/2019/01/01/${id}.yml`]: record,
    [`.logs/2019/01/01/${id}.log`]: "old\n",
  });
  mkdirSync(join(folder.path, ".polycrate"));
  symlinkSync(`${other.path}/run`, join(folder.path, ".polycrate/run"));
  symlinkSync(`${other.path}/logs/2020`, join(folder.path, ".logs/2020"));
  symlinkSync(`${other.path}/logs/2020/01/01`, join(folder.path, ".logs/2019/01/02"));
  const before = other.glob("**/*");
  const refused = [".polycrate/run", ".logs/2020", ".logs/2019/01/02"];
  const stderr = refused.map((path) => `error: \`${folder.path}/${path}\` is not a folder\n`).join("");
  expect(await folder.run(["prune"])).toEqual({
    stdout: `recorded ${id.slice(0, 18)} as lost\n`,
    stderr,
    exitCode: 73,
  });
  expect(await folder.run(["prune", "--logs=90d"])).toEqual({
    stdout: `removed .logs/2019/01/01/${id}.yml\n`,
    stderr,
    exitCode: 73,
  });
  expect(folder.glob(".logs/2019/01/01/*")).toEqual([]);
  expect(other.glob("**/*")).toEqual(before);
});

test("prune passes over `.logs` that is a link", async () => {
  using other = makeFolder({ [`logs/2020/01/01/${id}.yml`]: record });
  using folder = makeFolder({ "workspace.poly": workspace });
  symlinkSync(`${other.path}/logs`, join(folder.path, ".logs"));
  expect(await folder.run(["prune", "--logs=90d"])).toEqual({
    stdout: "",
    stderr: `error: \`${folder.path}/.logs\` is not a folder\n`,
    exitCode: 73,
  });
  expect(other.read(`logs/2020/01/01/${id}.yml`)).toBe(record);
});

test("what prune cannot remove does not keep it from the rest", async () => {
  const owner = await ownerHere();
  using folder = await makeOrdinaryFolder({
    "workspace.poly": workspace,
    ".polycrate/run/a/owner": owner,
    ".polycrate/run/a/roots/file": "",
    ".polycrate/run/b/owner": owner,
  });
  await call(["chown", "-R", "root:root", join(folder.path, ".polycrate/run/a/roots")]);
  expect(await folder.as(polycrate("prune"))).toEqual({
    stdout: "removed .polycrate/run/b\n",
    stderr: expect.stringMatching(/^error: cannot remove `.*\/run\/a\/roots\/file`: permission denied\n$/),
    exitCode: 73,
  });
});

test("build and prune in a workspace that has become read-only end with 73", async () => {
  using folder = makeFolder({
    "workspace.poly": workspace,
    "Dockerfile.poly": `FROM polycrate-test:busybox\nLABEL test=${crypto.randomUUID()}\n`,
    ".polycrate/run/a/owner": await ownerHere(),
    [`.logs/2019/01/01/${id}.yml`]: record,
  });
  const shown = `mount --bind . . && mount -o remount,ro,bind . && cd "$PWD" && "$@"; echo "code $?" >&2`;
  const runReadOnly = (...words: readonly string[]) =>
    call(["unshare", "--mount", "sh", "-c", shown, "sh", executable, ...words], { directory: folder.path });
  expect((await runReadOnly("build")).stderr).toMatch(
    /^error: cannot write `.*`: the file system is read-only\nhint: use a writable file system\ncode 73\n$/,
  );
  expect((await runReadOnly("prune")).stderr).toMatch(
    /^(?:error: cannot (?:remove|write) `.*`: the file system is read-only\n){2}code 73\n$/,
  );
});

test("an artifacts folder that becomes a link to a folder of the host is not listed", async () => {
  using folder = makeFolder({ "workspace.poly": workspace });
  expect(await folder.run(["run", "b", "swap"])).toMatchObject({ exitCode: 0 });
  expect(folder.records()).toMatchObject([{ status: "succeeded", artifacts: [] }]);
});

test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
  "%s ends a run whose status file has become a pipe",
  async (signal) => {
    using folder = makeFolder({ "workspace.poly": workspace });
    const child = Bun.spawn([executable, "run", "b", "mkfifo"], {
      cwd: folder.path,
      stdin: "ignore",
      stdout: "pipe",
      stderr: "ignore",
    });
    const reader = child.stdout.getReader();
    for (let seen = ""; !seen.includes("ready"); ) {
      const { value, done } = await reader.read();
      if (done) throw new Error(`ended before it was ready: ${seen}`);
      seen += new TextDecoder().decode(value);
    }
    child.kill(signal);
    expect(await child.exited).toBe({ SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }[signal]);
    expect(folder.records()).toMatchObject([{ status: "interrupted" }]);
  },
);

test("a umask that takes everything keeps no run from working", async () => {
  using folder = await makeOrdinaryFolder({ "workspace.poly": workspace });
  const words = ["sh", "-c", 'umask 777; exec "$@"', "sh", ...polycrate("run", "b", "greet")];
  expect(await folder.as(words)).toMatchObject({ stdout: "hello\n", exitCode: 0 });
});

test("what a power cut has left without its owner is removed when it is older than the writing of one can take", async () => {
  using folder = makeFolder({
    "workspace.poly": workspace,
    ".polycrate/run/old/owner": "",
    ".polycrate/run/new/owner": "",
    ".polycrate/locks/build-old": "",
    ".polycrate/locks/build-new": "",
  });
  for (const path of ["run/old", "locks/build-old"])
    utimesSync(join(folder.path, ".polycrate", path), 1000, 1000);
  expect((await folder.run(["prune"])).stdout).toBe(
    "removed .polycrate/run/old\nremoved .polycrate/locks/build-old\n",
  );
  expect(folder.glob(".polycrate/*/*")).toEqual([".polycrate/locks/build-new"]);
  expect(folder.glob(".polycrate/run/*/owner")).toEqual([".polycrate/run/new/owner"]);
});
