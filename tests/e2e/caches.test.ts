import { expect, test } from "bun:test";
import { call, makeFolder, workspaceWith } from "../support/harness.ts";
import { makeOrdinaryFolder, polycrate } from "../support/ordinaryUser.ts";

const actions = `
- {name: add, script: [echo x >>~/.cache/pip/list, "stat -c %u ~/.cache ~/.cache/pip", cat ~/.cache/pip/list]}`;

const workspace = workspaceWith(actions, "user: host\ncaches: {pip: ~/.cache/pip}");

async function volumesOf(path: string): Promise<readonly string[]> {
  const { stdout } = await call([
    "docker",
    "volume",
    "ls",
    "--quiet",
    `--filter=label=polycrate.workspace=${path}`,
  ]);
  return stdout.split("\n").filter((line) => line !== "");
}

test("a cache stays, belongs to the user from its first run on, in a dry run too, and is pruned", async () => {
  using folder = await makeOrdinaryFolder({ "workspace.poly": workspace });
  const owned = "54321\n54321\n";
  expect((await folder.as(polycrate("run", "b", "add"))).stdout).toBe(`${owned}x\n`);
  expect((await folder.as(polycrate("run", "b", "add"))).stdout).toBe(`${owned}x\nx\n`);
  const [volume = ""] = await volumesOf(folder.path);
  await call(["docker", "volume", "rm", volume]);
  const dry = await folder.as(polycrate("run", "b", "add", "--dry-run"));
  expect((await folder.as(["sh"], { input: dry.stdout })).stdout).toBe(`${owned}x\n`);
  expect(await volumesOf(folder.path)).toEqual([volume]);
  expect((await folder.as(polycrate("doctor"))).stdout).toMatch(/ok +caches +pip \d+B\n/);
  const pruned = await folder.as(polycrate("prune", "--caches"));
  expect(pruned).toEqual({ stdout: `removed cache pip (volume ${volume})\n`, stderr: "", exitCode: 0 });
  expect(await volumesOf(folder.path)).toEqual([]);
});

test("prune leaves the caches of other workspaces alone", async () => {
  const text = workspaceWith(actions, "caches: {pip: ~/.cache/pip}");
  using folder = makeFolder({ "workspace.poly": text });
  using other = makeFolder({ "workspace.poly": text });
  await Promise.all([folder, other].map((one) => one.run(["run", "b", "add"])));
  expect((await folder.run(["prune", "--caches"])).exitCode).toBe(0);
  expect((await volumesOf(other.path)).length).toBe(1);
  expect((await other.run(["run", "b", "add"])).stdout).toBe("0\n0\nx\nx\n");
  expect((await other.run(["prune", "--caches"])).exitCode).toBe(0);
});
