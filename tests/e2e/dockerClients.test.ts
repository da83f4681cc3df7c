import { expect, test } from "bun:test";
import { chmodSync, chownSync, cpSync } from "node:fs";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { readProcessStat, thisOwner, writeOwner } from "../../src/host/owner.ts";
import { containersOf } from "../support/docker.ts";
import {
  busybox,
  call,
  executable,
  type Folder,
  makeFolder,
  namesIn,
  workspaceWith,
} from "../support/harness.ts";
import { makeZombie } from "../support/zombie.ts";

const id = "01a20e8a-0000-7000-8000-000000000000";

test("files that name process 1 and a victim as docker's clients do not make `prune` signal anything", async () => {
  using folder = makeFolder({
    "workspace.poly": "name: test-workspace\n",
    // In a namespace of processes of its own: what goes wrong here ends every process there is.
    attack: `
run=.polycrate/run/${id} && mkdir -p $run && sleep 600 & victim=$!
while [ ! -d .polycrate/run/${id} ]; do sleep 0.01; done
ticks() { sed 's/.*) //' /proc/$1/stat | cut -d' ' -f20; }
start=$(cut -c1-8 /proc/sys/kernel/random/boot_id)
for pid in 1 $victim; do
  printf %s "${hostname()}/$pid/$start-$(ticks $pid)" >.polycrate/run/${id}/client-$pid
done
printf %s "${hostname()}/999999/$start-1" >.polycrate/run/${id}/owner
${executable} prune
kill -0 $victim && echo the victim lives`,
  });
  const namespace = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"];
  const { stdout } = await call(["timeout", "--signal=KILL", "20", ...namespace, "sh", "attack"], {
    directory: folder.path,
  });
  expect(stdout).toBe(`removed .polycrate/run/${id}\nthe victim lives\n`);
});

/** A docker client that builds and runs without an end, deaf to SIGTERM. */
const deafDocker = `#!/bin/sh
case $1 in image | version) exit 1 ;; esac
trap '' TERM INT
echo $$ >"$CLIENT"
while :; do sleep 0.1; done
`;

/** Starts a run whose docker client is deaf, and returns it with the client's process id. */
async function startDeaf(folder: Folder, env: Readonly<Record<string, string>> = {}) {
  folder.write("bin/docker", deafDocker);
  chmodSync(`${folder.path}/bin/docker`, 0o755);
  const run = Bun.spawn([executable, "run", "b", "wait"], {
    cwd: folder.path,
    env: {
      ...process.env,
      ...env,
      PATH: `${folder.path}/bin:${process.env.PATH}`,
      CLIENT: `${folder.path}/client`,
    },
    stdio: ["ignore", "ignore", "ignore"],
  });
  const pid = () => (folder.glob("client").length === 0 ? 0 : Number(folder.read("client")));
  while (pid() === 0) await Bun.sleep(10);
  return { run, client: pid() };
}

const waiting = { "workspace.poly": workspaceWith("- {name: wait, script: sleep 300}") };
const building = {
  "workspace.poly": "name: test-workspace\nblocks: [{name: b, actions: [{name: wait, script: sleep 300}]}]\n",
  "Dockerfile.poly": `FROM ${busybox}\n`,
};

const buildingInFolder = {
  ...building,
  "Dockerfile.poly": `FROM ${busybox}\nCOPY . /x\n`,
  ".dockerignore": "Dockerfile.poly\n",
};

test.each([
  ["runs", waiting],
  ["builds", building],
  ["builds in a copy of the build context", buildingInFolder],
])("`prune` ends a docker client that %s for a polycrate that died, even if it is deaf", async (_, files) => {
  using folder = makeFolder(files);
  const { run, client } = await startDeaf(folder);
  run.kill("SIGKILL");
  await run.exited;
  expect(readProcessStat(client)).toBeDefined();
  expect((await folder.run(["prune"])).stderr).toBe("");
  expect(readProcessStat(client)).toBeUndefined();
});

test("`prune` removes the copy of a build context that a polycrate that died has left behind, and no other's", async () => {
  using folder = makeFolder({
    ...building,
    "Dockerfile.poly": `FROM ${busybox}\nCOPY . /x\n`,
    ".dockerignore": "Dockerfile.poly\nbin\ntmp\n",
    "tmp/.keep": "",
  });
  const env = { TMPDIR: `${folder.path}/tmp` };
  const { run } = await startDeaf(folder, env);
  expect((await folder.run(["prune"], { env })).stdout).toBe("");
  const [copy = ""] = folder.glob("tmp/polycrate-build-*/owner").map((path) => dirname(path));
  run.kill("SIGKILL");
  await run.exited;
  chmodSync(`${folder.path}/${copy}/context`, 0o555);
  for (const name of ["of-another", "open"]) {
    cpSync(`${folder.path}/${copy}`, `${folder.path}/tmp/polycrate-build-${name}`, { recursive: true });
  }
  chownSync(`${folder.path}/tmp/polycrate-build-of-another`, 54_321, 54_321);
  chmodSync(`${folder.path}/tmp/polycrate-build-open`, 0o755);
  expect((await folder.run(["prune"], { env })).stdout).toContain(`removed ${folder.path}/${copy}\n`);
  expect(namesIn(`${folder.path}/tmp`)).toEqual([
    ".keep",
    "polycrate-build-of-another",
    "polycrate-build-open",
  ]);
});

test("`prune` leaves the docker client of a run alone whose folder names a dead owner", async () => {
  using folder = makeFolder(waiting);
  const { run, client } = await startDeaf(folder);
  const [owner = ""] = folder.glob(".polycrate/run/*/owner");
  folder.write(owner, `${hostname()}/999999/00000000-1`);
  expect((await folder.run(["prune"])).exitCode).toBe(0);
  expect(readProcessStat(client)).toBeDefined();
  run.kill("SIGKILL");
  await run.exited;
  await folder.run(["prune"]);
  expect(readProcessStat(client)).toBeUndefined();
});

test("`prune` removes what a polycrate that is a zombie left behind", async () => {
  using zombie = await makeZombie();
  using folder = makeFolder({
    "workspace.poly": "name: test-workspace\n",
    [`.polycrate/run/${id}/owner`]: writeOwner(zombie.owner),
    ".polycrate/locks/build-x": writeOwner(zombie.owner),
  });
  expect((await folder.run(["prune"])).stdout).toBe(
    `removed .polycrate/run/${id}\nremoved .polycrate/locks/build-x\n`,
  );
});

test("`stop` signals no process because a label names it", async () => {
  using folder = makeFolder({ "workspace.poly": workspaceWith("[]", "stop_timeout: 1") });
  const victim = Bun.spawn(["sleep", "600"]);
  const boot = thisOwner().start.split("-")[0];
  const owner = `${hostname()}/${victim.pid}/${boot}-${readProcessStat(victim.pid)?.startTicks}`;
  const labels = Object.entries({ transaction: id, workspace: folder.path, owner });
  await call([
    ...["docker", "run", "--rm", "--detach", "--name=polycrate-test-forged-owner", "--init"],
    ...labels.map(([name, value]) => `--label=polycrate.${name}=${value}`),
    ...[busybox, "sleep", "600"],
  ]);
  expect(await containersOf(folder)).toEqual(["polycrate-test-forged-owner"]);
  expect(await folder.run(["stop", "--all"])).toMatchObject({ stderr: `stopped ${id.slice(0, 18)}\n` });
  expect(await containersOf(folder)).toEqual([]);
  expect(readProcessStat(victim.pid)).toBeDefined();
  victim.kill();
});

test("`stop` removes the container of a polycrate that does not end it", async () => {
  using folder = makeFolder({
    "workspace.poly": workspaceWith("- {name: wait, script: [echo ready, sleep 300]}", "stop_timeout: 1"),
  });
  const run = Bun.spawn([executable, "run", "b", "wait"], {
    cwd: folder.path,
    stdio: ["ignore", "pipe", "ignore"],
  });
  await run.stdout.getReader().read();
  run.kill("SIGSTOP");
  const [name] = await containersOf(folder);
  const { stderr, exitCode } = await folder.run(["stop", "--all"]);
  expect(stderr).toStartWith(`warning: container ${name} did not stop within 6 s; removing it\nstopped `);
  expect({ exitCode, left: await containersOf(folder) }).toEqual({ exitCode: 0, left: [] });
  run.kill("SIGCONT");
  expect(await run.exited).toBe(143);
});
