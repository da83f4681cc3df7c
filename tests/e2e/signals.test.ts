import { expect, test } from "bun:test";
import { chmodSync } from "node:fs";
import { thisOwner, writeOwner } from "../../src/host/owner.ts";
import { containersOf } from "../support/docker.ts";
import { busybox, call, executable, type Folder, makeFolder, workspaceWith } from "../support/harness.ts";

/** Starts a run and resolves when its standard output has the text. */
async function start(folder: Folder, words: readonly string[], ready: string) {
  const child = Bun.spawn([executable, ...words], {
    cwd: folder.path,
    env: { ...process.env, CI: undefined },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const reader = child.stdout.getReader();
  const decoder = new TextDecoder();
  let seen = "";
  while (!seen.includes(ready)) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`ended before ${ready}: ${seen} ${await new Response(child.stderr).text()}`);
    seen += decoder.decode(value);
  }
  const rest = async () => {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return seen;
      seen += decoder.decode(value);
    }
  };
  return { child, rest };
}

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
  ["SIGQUIT", 143],
] as const)("%s ends a sleeping action with %d, and leaves no container", async (signal, code) => {
  using folder = makeFolder({
    "workspace.poly": workspaceWith("- {name: wait, script: [echo ready, sleep 300]}"),
  });
  const { child } = await start(folder, ["run", "b", "wait"], "ready");
  child.kill(signal);
  expect(await child.exited).toBe(code);
  expect(await containersOf(folder)).toEqual([]);
  expect(folder.records()).toMatchObject([{ status: "interrupted", exit_code: code }]);
  expect(folder.glob(".polycrate/run/**")).toEqual([]);
});

test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
  "the action sees %s once, and its trap gets its time",
  async (signal) => {
    const name = signal.slice(3);
    using folder = makeFolder({
      "workspace.poly": workspaceWith(`
- name: trap
  script:
    - trap 'echo got ${name}; got=1' ${name}
    - echo ready; got=; while [ -z "$got" ]; do sleep 0.1 || :; done
    - sleep 0.5; echo cleaned up`),
    });
    const { child, rest } = await start(folder, ["run", "b", "trap"], "ready");
    child.kill(signal);
    const output = await rest();
    expect(output).toBe(`ready\ngot ${name}\ncleaned up\n`);
    expect(await child.exited).toBe({ SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }[signal]);
  },
);

test("an action that ignores signals is gone after stop_timeout", async () => {
  using folder = makeFolder({
    "workspace.poly": workspaceWith(
      "- {name: deaf, script: [\"trap '' TERM INT\", echo ready, 'while :; do sleep 1; done']}",
      "stop_timeout: 1",
    ),
  });
  const { child } = await start(folder, ["run", "b", "deaf"], "ready");
  child.kill("SIGTERM");
  expect(await child.exited).toBe(143);
  expect(await containersOf(folder)).toEqual([]);
});

test("a second signal kills at once", async () => {
  using folder = makeFolder({
    "workspace.poly": workspaceWith(
      "- {name: deaf, script: [\"trap '' TERM INT\", echo ready, 'while :; do sleep 1; done']}",
      "stop_timeout: 600",
    ),
  });
  const { child } = await start(folder, ["run", "b", "deaf"], "ready");
  child.kill("SIGINT");
  const stderr = child.stderr.getReader();
  await stderr.read();
  child.kill("SIGINT");
  expect(await child.exited).toBe(130);
  expect(await containersOf(folder)).toEqual([]);
});

test("a reader that does not read does not keep a run from ending", async () => {
  using folder = makeFolder({
    "workspace.poly": workspaceWith("- {name: pour, script: [echo ready, cat /dev/zero]}", "stop_timeout: 1"),
  });
  const { child } = await start(folder, ["run", "b", "pour"], "ready");
  child.kill("SIGTERM");
  expect(await child.exited).toBe(143);
  expect(await containersOf(folder)).toEqual([]);
});

test("a reader that goes away ends the run with 141", async () => {
  using folder = makeFolder({
    "workspace.poly": workspaceWith("- {name: pour, script: 'while :; do echo y; done'}"),
  });
  const child = Bun.spawn(["sh", "-c", `{ ${executable} run b pour; echo $? >code; } | head -n 1`], {
    cwd: folder.path,
    stdout: "pipe",
  });
  expect(await new Response(child.stdout).text()).toBe("y\n");
  await child.exited;
  expect(folder.read("code")).toBe("141\n");
  expect(await containersOf(folder)).toEqual([]);
});

/** A workspace whose image no other test builds, and no test to the end. */
const building = () => ({
  "workspace.poly": "name: test-workspace\nblocks: [{name: b, actions: [{name: greet, script: pwd}]}]\n",
  "Dockerfile.poly": `FROM ${busybox}\nRUN i=0; while [ $i -lt 300 ]; do i=$((i + 1)); echo $i; sleep 0.1; done; echo ${crypto.randomUUID()}\n`,
});

/** Starts a program and resolves when it is as the test has to have it. */
async function startUntil(
  folder: Folder,
  words: readonly string[],
  isReady: () => boolean,
  env: Readonly<Record<string, string>> = {},
) {
  const child = Bun.spawn([executable, ...words], {
    cwd: folder.path,
    env: { ...process.env, CI: undefined, ...env },
    stdio: ["ignore", "ignore", Bun.file(`${folder.path}/said`)],
  });
  while (!isReady()) await Bun.sleep(10);
  return child;
}

test.each([
  ["this host", writeOwner(thisOwner())],
  ["another host", "elsewhere/7/00000000-1"],
])("the first signal ends the waiting for a build of a process of %s", async (_, holder) => {
  using folder = makeFolder(building());
  const tag = /polycrate-workspace:[0-9a-f]{32}/.exec((await folder.run(["build", "--dry-run"])).stdout);
  const lock = `.polycrate/locks/build-${tag?.[0].slice(-32)}`;
  folder.write(lock, holder);
  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const) {
    folder.write("said", "");
    const child = await startUntil(folder, ["run", "b", "greet"], () =>
      folder.read("said").includes("waiting for"),
    );
    child.kill(signal);
    expect(await child.exited).toBe(code);
  }
  expect(folder.records()).toMatchObject([
    { status: "interrupted", exit_code: 130 },
    { status: "interrupted", exit_code: 143 },
  ]);
  expect(folder.glob(".polycrate/run/**")).toEqual([]);
  expect(folder.read(lock)).toBe(holder);
});

test("the first signal ends a `docker image inspect` that hangs before a build", async () => {
  using folder = makeFolder({
    ...building(),
    "bin/docker": `#!/bin/sh\n[ "$1 $2" != "image inspect" ] || { touch asked; exec sleep 600; }\nexit 1\n`,
    ".polycrate/cache/bases.json": JSON.stringify({ [busybox]: { copies: false, variables: [] } }),
  });
  chmodSync(`${folder.path}/bin/docker`, 0o755);
  const env = { PATH: `${folder.path}/bin:${process.env.PATH}` };
  const child = await startUntil(folder, ["run", "b", "greet"], () => folder.glob("asked").length > 0, env);
  child.kill("SIGTERM");
  expect(await child.exited).toBe(143);
  expect(folder.records()).toMatchObject([{ status: "interrupted" }]);
  expect(folder.glob(".polycrate/{run,locks}/**")).toEqual([]);
});

const builders = {
  "classic builder": { DOCKER_BUILDKIT: "0" },
  BuildKit: { DOCKER_BUILDKIT: "1", PATH: `/usr/bin:${process.env.PATH}` },
} as const;

test.each([
  ["build 2>&1 | head -n 4", "classic builder"],
  ["build 2>&1 | head -n 4", "BuildKit"],
  ["run b greet 2>&1 | head -n 3", "classic builder"],
  ["build 2>&1 >/dev/null | head -n 3", "classic builder"],
] as const)("a reader that goes away during a build ends it: `polycrate %s`, %s", async (line, builder) => {
  using folder = makeFolder(building());
  const [words, reader] = line.split(" | ");
  const script = `{ ${executable} ${words}; echo $? >code; } | ${reader}`;
  await call(["sh", "-c", script], { directory: folder.path, env: builders[builder] });
  expect(folder.read("code")).toBe("141\n");
  expect(folder.glob(".polycrate/{run,locks}/**")).toEqual([]);
  expect(folder.records().map(({ status }) => status)).toEqual(line.startsWith("run") ? ["interrupted"] : []);
  const client = `--label=polycrate.workspace=${folder.path}`;
  expect((await call(["pgrep", "--full", "--", client])).stdout).toBe("");
});
