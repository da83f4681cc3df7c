import { expect, test } from "bun:test";
import { busybox, call, executable, type Folder, makeFolder, workspaceWith } from "../support/harness.ts";
import { makeOrdinaryFolder, polycrate } from "../support/ordinaryUser.ts";
import { ended, endWarm, environmentsIn, warmContainersOf } from "../support/warm.ts";

const actions = `
- {name: count, script: ['echo x >>/tmp/count', 'cat /tmp/count']}
- {name: secret, env: {TOKEN: {from_env: TOKEN}, PLAIN: plain-canary}, script: ['echo "$TOKEN" | wc -c', 'setsid sleep 1000 &', 'sleep 1000 &', 'grep -q canary /workspace/.snapshot.yml']}
- {name: look, script: ['env | grep -c canary || :', 'ps -o comm | grep -c sleep || :', 'ls /run/polycrate', 'exit 7']}
- {name: wait, script: [echo ready, sleep 300]}
- {name: deaf, script: ["trap '' TERM", echo ready, sleep 300 & wait, sleep 300]}`;

/** A workspace whose containers are kept for a minute, unless a test says otherwise; they end with the test. */
async function inWarm(
  test: (folder: Folder, run: Folder["run"]) => Promise<void>,
  container = "warm: 60s",
): Promise<void> {
  using folder = makeFolder({ "workspace.poly": workspaceWith(actions, container) });
  try {
    await test(folder, folder.run);
  } finally {
    await endWarm(folder);
  }
}

test("a run enters the container of the one before, and nothing of that run reaches it", () =>
  inWarm(async (folder, run) => {
    expect(await run(["run", "b", "secret"], { env: { TOKEN: "secret-canary" } })).toMatchObject({
      stdout: "14\n",
      exitCode: 0,
    });
    const [container = ""] = await warmContainersOf(folder);
    expect(await environmentsIn(container)).not.toContain("canary");
    expect(await run(["run", "b", "look"])).toMatchObject({
      stdout: "0\n1\nansible\nentrypoint\nprepare\nscript\n",
      exitCode: 7,
    });
    expect(await warmContainersOf(folder)).toEqual([container]);
    const slot = `.polycrate/run-warm/${container}`;
    expect([folder.glob(`${slot}/**`), folder.read(`${slot}/snapshot.yml`)]).toEqual([
      [`${slot}/image`, `${slot}/snapshot.yml`],
      "",
    ]);
    expect(folder.records().map(({ warm, exit_code }) => [warm, exit_code])).toEqual([
      [true, 0],
      [true, 7],
    ]);
    expect((await call(["docker", "inspect", container])).stdout).not.toContain("canary");
  }));

test("a container ends by itself when no run was in it for its time; until then it is listed", () =>
  inWarm(async (folder, run) => {
    await run(["run", "b", "count"]);
    await run(["run", "b", "count"]);
    const [container = ""] = await warmContainersOf(folder);
    const [listed] = JSON.parse((await run(["ps", "--output=json"])).stdout);
    expect(listed).toMatchObject({ container, orphan: false, transaction: "", warm: { state: "idle" } });
    expect((await run(["ps"])).stdout).toMatch(/ idle until \d\d:\d\d:\d\d /);
    expect((await run(["history"])).stdout).toMatch(/ s \(warm\) +b count\n/);
    expect((await run(["prune"])).stderr).toBe("nothing to remove\n");
    await run(["run", "b", "count", "--warm=1s"]);
    const [other = ""] = (await warmContainersOf(folder)).filter((name) => name !== container);
    await ended(other);
    expect((await run(["prune"])).stdout).toBe(`removed .polycrate/run-warm/${other}\n`);
  }));

test("an image whose name has come to mean another is another image", async () => {
  const name = `polycrate-test-warm:${Date.now()}`;
  const tag = (image: string) => call(["docker", "image", "tag", image, name]);
  await tag(busybox);
  try {
    await inWarm(async (folder, run) => {
      folder.write("workspace.poly", folder.read("workspace.poly").replace(busybox, name));
      expect((await run(["run", "b", "count"])).stdout).toBe("x\n");
      expect((await run(["run", "b", "count"])).stdout).toBe("x\nx\n");
      await tag("polycrate-test:debian");
      expect((await run(["run", "b", "count"])).stdout).toBe("x\n");
      expect((await warmContainersOf(folder)).length).toBe(1);
    });
  } finally {
    await call(["docker", "image", "rm", name]);
  }
});

/** Starts an action that waits, and returns the process when the action is ready. */
async function startWaiting(folder: Folder, action: string) {
  const child = Bun.spawn([executable, "run", "b", action], {
    cwd: folder.path,
    env: { ...process.env, CI: undefined },
    stdio: ["ignore", "pipe", "ignore"],
  });
  for await (const chunk of child.stdout) if (new TextDecoder().decode(chunk).includes("ready")) break;
  return child;
}

test("stop ends the run, and the container with it only if asked for", () =>
  inWarm(async (folder, run) => {
    const child = await startWaiting(folder, "wait");
    const [listed] = JSON.parse((await run(["ps", "--output=json"])).stdout);
    expect(listed).toMatchObject({ block: "b", action: "wait", warm: { state: "busy", until: null } });
    expect((await run(["stop", "--warm"])).stderr).toContain(" is in use\n");
    expect((await run(["stop", listed.transaction])).exitCode).toBe(0);
    expect(await child.exited).toBe(143);
    expect((await warmContainersOf(folder)).length).toBe(1);
    expect((await run(["doctor"])).stdout).toMatch(/ok +warm +1 container kept for further runs, 0 of them/);
    expect((await run(["stop", "--warm"])).stderr).toMatch(/^removed polycrate-warm-\S+\n$/);
    expect(await warmContainersOf(folder)).toEqual([]);
    expect((await run(["prune"])).stderr).toBe("nothing to remove\n");
  }));

test("a second signal kills an action that is deaf to the first", () =>
  inWarm(async (folder, run) => {
    const child = await startWaiting(folder, "deaf");
    child.kill("SIGTERM");
    await Bun.sleep(50); // two signals at once would be one
    child.kill("SIGTERM");
    expect(await child.exited).toBe(143);
    expect((await run(["run", "b", "look"])).stdout).toStartWith("0\n1\n");
  }));

test("after SIGKILL of polycrate the action is dead, and its container is not used again", () =>
  inWarm(async (folder, run) => {
    await run(["run", "b", "count"]);
    const child = await startWaiting(folder, "wait");
    child.kill("SIGKILL");
    await child.exited;
    expect((await run(["run", "b", "count"])).stdout).toBe("x\n");
    expect((await run(["prune"])).exitCode).toBe(0);
    expect((await warmContainersOf(folder)).length).toBe(1);
  }));

test("the script of a dry run uses its container again", () =>
  inWarm(async (folder, run) => {
    const { stdout: script } = await run(["run", "b", "count", "--dry-run"]);
    const sh = () => call(["sh"], { directory: folder.path, input: script });
    expect(await sh()).toEqual({ stdout: "x\n", stderr: "", exitCode: 0 });
    expect(await sh()).toEqual({ stdout: "x\nx\n", stderr: "", exitCode: 0 });
    const { stdout: failing } = await run(["run", "b", "look", "--dry-run"]);
    expect((await call(["sh"], { directory: folder.path, input: failing })).exitCode).toBe(7);
    expect((await run(["stop", "--warm"])).exitCode).toBe(0);
  }));

test("as an ordinary user, with caches", async () => {
  const container = "user: host\nwarm: 60s\ncaches: {notes: ~/.cache/notes}";
  const script =
    "- {name: act, script: [id -u, echo x >>~/.cache/notes/list, cat ~/.cache/notes/list, whoami]}";
  using folder = await makeOrdinaryFolder({ "workspace.poly": workspaceWith(script, container) });
  try {
    const run = () => folder.as(polycrate("run", "b", "act"));
    expect((await run()).stdout).toBe("54321\nx\ntester\n");
    expect((await run()).stdout).toBe("54321\nx\nx\ntester\n");
    expect(folder.records().map(({ warm }) => warm)).toEqual([true, true]);
    expect(await folder.foreign()).toEqual([]);
  } finally {
    await endWarm(folder);
    await folder.as(polycrate("prune", "--caches"));
  }
});
