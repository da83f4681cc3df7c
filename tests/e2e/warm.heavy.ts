import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { call, executable, type Folder, makeFolder, workspaceWith } from "../support/harness.ts";
import { ended, environmentsIn, warmContainersOf } from "../support/warm.ts";

// Takes minutes: `sh scripts/test.sh --warm` runs it.

const actions = `
- name: secret
  env: { TOKEN: { from_env: TOKEN } }
  script: ['setsid sleep 1000 &', 'sleep 1000 &', 'echo "run $1"', 'sleep 0.2', 'echo "$TOKEN" >/dev/null']
- name: look
  script: ['echo "look $1"', 'head -1 /run/polycrate/script | grep -c look', 'ps -o comm | grep -c "sleep 1000" || :', 'yq() { grep "^  id:" /workspace/.snapshot.yml; }', 'yq | grep -c "$POLYCRATE_TRANSACTION_ID"']`;

const points = 30;

/** Starts a run with a secret of its own. */
function start(folder: Folder, number: number) {
  return Bun.spawn([executable, "run", "b", "secret", "--warm=4s", "--", String(number)], {
    cwd: folder.path,
    env: { ...process.env, CI: undefined, TOKEN: `canary-${number}` },
    stdio: ["ignore", "ignore", "ignore"],
  });
}

/** The docker clients of runs of this workspace that are in a container. */
function clientsOf(folder: Folder): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
        const environment = readFileSync(`/proc/${pid}/environ`, "utf8");
        return words[1] === "exec" && environment.includes(folder.path);
      } catch {
        return false;
      }
    })
    .map(Number);
}

/** The process may have ended meanwhile. */
function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

const killers: Readonly<Record<string, (folder: Folder, pid: number) => Promise<unknown> | unknown>> = {
  polycrate: (_, pid) => kill(pid),
  "the client": (folder) => {
    for (const pid of clientsOf(folder)) kill(pid);
  },
  "the container": async (folder) => {
    for (const name of await warmContainersOf(folder)) await call(["docker", "kill", name]);
  },
};

test.each(Object.keys(killers))(
  "kill -9 of %s at 30 points: nothing is mixed up, no secret is seen, and after the time nothing is left",
  async (what) => {
    using folder = makeFolder({ "workspace.poly": workspaceWith(actions) });
    for (let point = 0; point < points; point += 1) {
      const run = start(folder, point);
      await Bun.sleep(Math.round((700 * point) / points));
      if (run.exitCode === null) await killers[what]?.(folder, run.pid);
      await run.exited;
      const next = await folder.run(["run", "b", "look", "--warm=4s", "--", String(point)]);
      expect([point, next.stdout]).toEqual([point, `look ${point}\n1\n0\n1\n`]);
      for (const container of await warmContainersOf(folder)) {
        expect([point, await environmentsIn(container)]).toEqual([
          point,
          expect.not.stringContaining("canary"),
        ]);
      }
    }
    await Promise.all((await warmContainersOf(folder)).map(ended));
    expect((await folder.run(["prune"])).exitCode).toBe(0);
    expect(await warmContainersOf(folder)).toEqual([]);
    expect(folder.glob(".polycrate/run-warm/*")).toEqual([]);
    expect(folder.glob(".polycrate/run/*")).toEqual([]);
    const statuses = new Set(folder.records().map(({ status }) => status));
    expect([...statuses].filter((status) => status === "running")).toEqual([]);
  },
  600_000,
);

test("20 warm runs at once: each is itself, at most four are in kept containers", async () => {
  using folder = makeFolder({ "workspace.poly": workspaceWith(actions) });
  for (let round = 0; round < 2; round += 1) {
    const runs = Array.from({ length: 20 }, (_, index) =>
      folder.run(["run", "b", "look", "--warm=4s", "--", String(index)]),
    );
    const results = await Promise.all(runs);
    expect(results.map(({ stdout }) => stdout)).toEqual(
      results.map((_, index) => `look ${index}\n1\n0\n1\n`),
    );
    expect((await warmContainersOf(folder)).length).toBeLessThanOrEqual(4);
  }
  expect(folder.records().filter(({ warm }) => warm === true).length).toBeGreaterThanOrEqual(4);
  await Promise.all((await warmContainersOf(folder)).map(ended));
}, 600_000);
