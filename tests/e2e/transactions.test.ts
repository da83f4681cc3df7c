import { expect, test } from "bun:test";
import { utimesSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { containersOf } from "../support/docker.ts";
import { busybox, call, executable, type Folder, makeFolder, workspaceWith } from "../support/harness.ts";
import { makeOrdinaryFolder, polycrate } from "../support/ordinaryUser.ts";

/** Starts a run and resolves when its standard output has the text. */
async function started(folder: Folder, words: readonly string[], text = "ready") {
  const child = Bun.spawn([executable, ...words], {
    cwd: folder.path,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "ignore",
  });
  const reader = child.stdout.getReader();
  for (let seen = ""; !seen.includes(text); ) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`ended before it was ready: ${seen}`);
    seen += new TextDecoder().decode(value);
  }
  return child;
}

const actions = `
- {name: good, script: echo fine}
- {name: bad, script: exit 3}
- {name: wait, script: [echo ready, sleep 300]}`;

test("history lists what ran, newest first, and filters it", async () => {
  using folder = makeFolder({ "workspace.poly": workspaceWith(actions) });
  await folder.run(["run", "b", "good"]);
  await folder.run(["run", "b", "bad"]);
  const { stdout } = await folder.run(["history"]);
  expect(stdout).toMatch(
    /^ID +STARTED +STATUS +DURATION +ACTION\n[0-9a-f-]{18} +just now +failed 3 +[\d.]+ s +b bad\n[0-9a-f-]{18} +just now +succeeded +[\d.]+ s +b good\n$/,
  );
  const rows = async (...words: string[]) =>
    JSON.parse((await folder.run(["history", "--output", "json", ...words])).stdout);
  expect(await rows("--status", "failed")).toMatchObject([{ action: "bad", exit_code: 3 }]);
  expect(await rows("--action", "good")).toMatchObject([{ status: "succeeded" }]);
  expect(await rows("--limit", "1")).toHaveLength(1);
  expect(await rows("--since", "1h")).toHaveLength(2);
  expect(await rows("--since", "2999-01-01")).toEqual([]);
  expect(await folder.run(["history", "--since", "yesterday"])).toMatchObject({
    stderr:
      "error: invalid value `yesterday` for `--since`\nhint: use an age like `90d`, `12h` or `30m`, or a date like `2026-01-31`\n",
    exitCode: 64,
  });
});

test("logs prints the output of the newest run, or of the one whose id begins so", async () => {
  using folder = makeFolder({ "workspace.poly": workspaceWith("- {name: say, script: ['echo \"$1\"']}") });
  expect(await folder.run(["logs"])).toMatchObject({
    stderr: expect.stringContaining("nothing has run in this workspace yet"),
    exitCode: 64,
  });
  await folder.run(["run", "b", "say", "--", "one"]);
  await folder.run(["run", "b", "say", "--", "two"]);
  const [first] = folder.records();
  expect((await folder.run(["logs"])).stdout).toBe("two\n");
  expect((await folder.run(["logs", "--last"])).stdout).toBe("two\n");
  expect((await folder.run(["logs", String(first?.id)])).stdout).toBe("one\n");
  expect((await folder.run(["logs", String(first?.id).slice(0, 18)])).stdout).toBe("one\n");
  expect(await folder.run(["logs", "0"])).toMatchObject({
    stderr:
      "error: several transaction ids start with `0`\nhint: use more characters of the id; `polycrate history` lists the ids\n",
    exitCode: 64,
  });
  expect(await folder.run(["logs", "f00"])).toMatchObject({ exitCode: 64 });
});

test("logs --follow goes on until the run ends", async () => {
  using folder = makeFolder({
    "workspace.poly": workspaceWith(
      "- {name: talk, script: [echo ready, 'until [ -e /workspace/go ]; do sleep 0.1; done', echo end]}",
    ),
  });
  const run = await started(folder, ["run", "b", "talk"]);
  const follower = await started(folder, ["logs", "--follow"]);
  folder.write("go", "");
  expect(await follower.exited).toBe(0);
  expect(await run.exited).toBe(0);
});

test("ps shows what runs, stop ends it in order", async () => {
  using folder = makeFolder({ "workspace.poly": workspaceWith(actions) });
  expect(await folder.run(["ps"])).toEqual({ stdout: "", stderr: "", exitCode: 0 });
  const run = await started(folder, ["run", "b", "wait"]);
  expect((await folder.run(["ps"])).stdout).toMatch(
    /^ID +STARTED +STATE +ACTION +CONTAINER\n[0-9a-f-]{18} +just now +running +b wait +polycrate-test-workspace-b-wait-[0-9a-f]{12}\n$/,
  );
  const [row] = JSON.parse((await folder.run(["ps", "--output", "json"])).stdout);
  expect(row).toMatchObject({ workspace: folder.path, block: "b", action: "wait", orphan: false });
  expect((await folder.run(["ps", "--all"])).stdout).toContain(folder.path);
  // Of several ids all have to be known before one is stopped.
  const wrong = await folder.run(["stop", row.transaction, "abc"]);
  expect([wrong.exitCode, wrong.stderr.split("\n")[0]]).toEqual([
    64,
    "error: no running action has the id `abc`",
  ]);
  expect(await folder.run(["stop", row.transaction.slice(0, 20)])).toMatchObject({ exitCode: 0 });
  expect(await run.exited).toBe(143);
  expect(folder.records()).toMatchObject([{ status: "interrupted", exit_code: 143 }]);
  expect(await folder.run(["stop", "abc"])).toMatchObject({ exitCode: 64 });
});

test("after SIGKILL the next run names the orphan and touches it not; prune ends it", async () => {
  using folder = makeFolder({ "workspace.poly": workspaceWith(actions) });
  const run = await started(folder, ["run", "b", "wait"]);
  const [{ id } = { id: "" }] = folder.records();
  run.kill("SIGKILL");
  await run.exited;
  const [container] = await containersOf(folder);
  expect(container).toStartWith("polycrate-test-workspace-b-wait-");

  const next = await folder.run(["run", "b", "good"]);
  expect(next.stdout).toBe("fine\n");
  expect(next.stderr).toContain(
    "warning: an earlier run was not cleaned up\nhint: `polycrate prune` removes what it left behind\n",
  );
  expect(await containersOf(folder)).toEqual([container ?? ""]);
  expect((await folder.run(["ps"])).stdout).toContain("orphan");
  expect((await folder.run(["history"])).stdout).toMatch(/lost .*b wait/);

  const dry = await folder.run(["prune", "--dry-run"]);
  expect(dry.stdout).toBe(
    `would remove container ${container}\nwould remove .polycrate/run/${id}\nwould record ${String(id).slice(0, 18)} as lost\n`,
  );
  expect(await containersOf(folder)).toEqual([container ?? ""]);
  const pruned = await folder.run(["prune"]);
  expect(pruned.stdout).toBe(
    dry.stdout.replaceAll("would remove", "removed").replace("would record", "recorded"),
  );
  expect(await containersOf(folder)).toEqual([]);
  expect(folder.glob(".polycrate/run/**")).toEqual([]);
  expect(folder.records().map(({ status }) => status)).toEqual(["lost", "succeeded"]);
  expect((await folder.run(["prune"])).stdout).toBe("");
});

test("a recycled process id does not make an owner of another process", async () => {
  using folder = makeFolder({ "workspace.poly": workspaceWith(actions) });
  await folder.run(["run", "b", "good"]);
  const [file = ""] = folder.glob(".logs/[0-9]*/**/*.yml");
  const text = folder.read(file);
  folder.write(
    file,
    text.replace("status: succeeded", "status: running").replace(/pid: \d+/, `pid: ${process.pid}`),
  );
  expect((await folder.run(["history"])).stdout).toContain("lost");
  expect(text).toContain(`host: ${hostname()}`);
});

test("prune leaves the container of a printed script alone, and stop stops it", async () => {
  using folder = makeFolder({ "workspace.poly": workspaceWith(actions) });
  const dry = await folder.run(["run", "b", "wait", "--dry-run"]);
  folder.write("script", dry.stdout);
  const child = Bun.spawn(["sh", "script"], { cwd: folder.path, stdout: "pipe", stderr: "ignore" });
  await child.stdout.getReader().read();
  expect((await folder.run(["prune"])).stdout).toBe("");
  expect((await folder.run(["stop", "--all"])).exitCode).toBe(0);
  expect(await child.exited).toBe(143);
  expect(folder.glob(".polycrate/run/**")).toEqual([]);
});

test("one lost run is one folder, and one container", async () => {
  using folder = makeFolder({ "workspace.poly": workspaceWith(actions) });
  const run = await started(folder, ["run", "b", "wait"]);
  run.kill("SIGKILL");
  await run.exited;
  const { stdout } = await folder.run(["doctor", "--output=json"]);
  expect(stdout).toContain("1 container and 1 folder of crashed runs");
  await folder.run(["prune"]);
});

test("prune --logs removes old records and their logs", async () => {
  using folder = makeFolder({ "workspace.poly": workspaceWith(actions) });
  await folder.run(["run", "b", "good"]);
  const old = "00000000-0000-7000-8000-000000000000";
  folder.write(`.logs/1970/01/01/${old}.yml`, folder.read(folder.glob(".logs/[0-9]*/**/*.yml")[0] ?? ""));
  folder.write(`.logs/1970/01/01/${old}.log`, "old\n");
  const unused = `.logs/snapshots/${"0".repeat(64)}.yml`;
  folder.write(unused, "old");
  utimesSync(join(folder.path, unused), 1, 1);
  expect((await folder.run(["prune", "--logs", "90d"])).stdout).toBe(
    `removed .logs/1970/01/01/${old}.yml\nremoved ${unused}\n`,
  );
  expect(folder.glob(".logs/snapshots/*")).toHaveLength(1);
  expect(folder.glob(".logs/1970/**/*.*")).toEqual([]);
  expect(folder.records()).toHaveLength(1);
});

test("`prune BLOCK` points to the action of that name", async () => {
  using folder = makeFolder({ "workspace.poly": workspaceWith(actions) });
  expect(await folder.run(["prune", "b"])).toEqual({
    stdout: "",
    stderr: "error: `polycrate prune` does not take a block\nhint: did you mean `polycrate run b prune`?\n",
    exitCode: 64,
  });
});

test("files of another owner that a run leaves are named, with the way to avoid it", async () => {
  using folder = await makeOrdinaryFolder({
    "workspace.poly": `name: test-workspace\nconfig: {container: {image: "${busybox}"}}`,
    "blocks/b/block.poly":
      'name: b\nactions: [{name: write, script: ["touch here $POLYCRATE_BLOCK_ARTIFACTS/there"]}]',
  });
  const { stderr } = await folder.as(polycrate("run", "b", "write"));
  expect(stderr).toContain(
    "warning: the action wrote files that you do not own:\n  artifacts/blocks/b/there\n  blocks/b/here\nhint: set `config.container.user: host` to run actions as your own user; see `polycrate help user`\n",
  );
});

test("a full disk for the log and the record does not cost the action's result", async () => {
  using folder = makeFolder({
    "workspace.poly": workspaceWith("- {name: pour, script: ['head -c 3000000 /dev/zero', exit 5]}"),
  });
  folder.write(".logs/.keep", "");
  const mount = await call(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", `${folder.path}/.logs`]);
  expect(mount.exitCode).toBe(0);
  try {
    const { stdout, stderr, exitCode } = await folder.run(["run", "b", "pour"]);
    expect(stdout.length).toBe(3_000_000);
    expect(stderr).toContain("warning: the log is incomplete: the disk is full\n");
    expect(stderr).toContain("warning: the record is incomplete: the disk is full\n");
    expect(exitCode).toBe(5);
  } finally {
    await call(["umount", `${folder.path}/.logs`]);
  }
});

test("a container's labels are printed as they are, whatever they say", async () => {
  using folder = makeFolder({ "workspace.poly": workspaceWith(actions) });
  const label = (name: string) => `--label=polycrate.${name}=\u001b[31m\u202e${name}`;
  const name = `polycrate-test-labels-${process.pid}`;
  const labels = [
    `--label=polycrate.workspace=${folder.path}`,
    ...["transaction", "block", "action", "owner"].map(label),
  ];
  const command = [busybox, "sleep", "60"];
  await call(["docker", "run", "--detach", "--rm", "--init", `--name=${name}`, ...labels, ...command]);
  try {
    for (const words of [["ps"], ["ps", "--all"], ["ps", "--output=json"], ["stop", "--all"]]) {
      const { stdout, stderr, exitCode } = await folder.run(words, { env: {} });
      expect({ exitCode, raw: /[\u001b\u202e]/.test(stdout + stderr) }).toEqual({ exitCode: 0, raw: false });
      expect(stdout + stderr).toContain("\\u001b[31m\\u202e");
    }
  } finally {
    await call(["docker", "rm", "--force", name]);
  }
}, 30_000);

test("`--transaction` prints the record of a run, by the beginning of its id", async () => {
  using folder = makeFolder({
    "workspace.poly": `name: test-workspace
config: {container: {image: "${busybox}"}}
blocks: [{name: app, actions: [{name: go, script: exit 3}]}]
`,
  });
  await folder.run(["run", "app", "go"]);
  const [record] = folder.records();
  const id = String(record?.id ?? record?.transaction);
  const { stdout, exitCode } = await folder.run(["inspect", "--transaction", id.slice(0, 13)]);
  expect(exitCode).toBe(0);
  expect(parse(stdout)).toEqual(record);
  const json = await folder.run(["inspect", "--transaction", id, "--output", "json"]);
  expect(JSON.parse(json.stdout)).toMatchObject({
    block: "app",
    action: "go",
    status: "failed",
    exit_code: 3,
  });
  expect(await folder.run(["inspect", "--transaction", "ffff"])).toEqual({
    stdout: "",
    stderr:
      "error: there is no transaction `ffff`\nhint: `polycrate history` lists the latest transactions\n",
    exitCode: 64,
  });
});
