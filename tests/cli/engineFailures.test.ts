import { expect, test } from "bun:test";
import { chmodSync } from "node:fs";
import { readProcessStat } from "../../src/host/owner.ts";
import { executable, type Folder, makeFolder, workspaceWith } from "../support/harness.ts";

/** Puts a `docker` first on PATH that does what no real one can be brought to; it does not say what its server is. */
function withDocker(script: string): {
  readonly folder: Folder;
  readonly env: Readonly<Record<string, string>>;
} {
  const folder = makeFolder({
    "workspace.poly": workspaceWith("- {name: wait, script: sleep 300}"),
    "bin/docker": `#!/bin/sh\n[ "$1" != version ] || exit 1\n${script}\n`,
  });
  chmodSync(`${folder.path}/bin/docker`, 0o755);
  return { folder, env: { PATH: `${folder.path}/bin:${process.env.PATH}` } };
}

/** Says that the container started, as its entrypoint would. */
const started = 'for status in .polycrate/run/*/status/status; do echo started >"$status"; done';

/** Says how its script ended. */
const ended = 'for status in .polycrate/run/*/status/status; do echo "ended 0" >>"$status"; done';

test("an engine that goes away during the run: 69, what happened, and a finished record", async () => {
  const { folder, env } = withDocker(
    `[ "$1" = run ] || exit 1\n${started}\necho 'error waiting for container: unexpected EOF' >&2\nexit 125`,
  );
  using _ = folder;
  const { stderr, exitCode } = await folder.run(["run", "b", "wait"], { env });
  expect(stderr).toContain(
    "error: b wait: lost the connection to the docker engine during the run\nhint: check the log of the engine\nlog: .logs/",
  );
  expect(exitCode).toBe(69);
  expect(folder.records()).toMatchObject([{ status: "failed", exit_code: 69, container_exit_code: 125 }]);
});

test("a socket that is forbidden: 69, and the group to join", async () => {
  const { folder, env } = withDocker(
    "echo 'docker: permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock' >&2\nexit 126",
  );
  using _ = folder;
  const { stderr, exitCode } = await folder.run(["run", "b", "wait"], { env });
  expect(stderr).toContain(
    "error: b wait: permission denied while connecting to the docker engine\nhint: add your user to the group `docker` and log in again, or use a rootless engine\n",
  );
  expect(exitCode).toBe(69);
});

test("an engine that hangs does not keep a signal from ending polycrate", async () => {
  const { folder, env } = withDocker('trap "" TERM INT\necho $$ >>asked\nexec sleep 600');
  using _ = folder;
  folder.write("workspace.poly", workspaceWith("- {name: wait, script: sleep 300}", "stop_timeout: 1"));
  const child = Bun.spawn([executable, "run", "b", "wait"], {
    cwd: folder.path,
    env: { ...process.env, ...env },
    stdout: "ignore",
    stderr: "pipe",
  });
  while (folder.glob("asked").length === 0) await Bun.sleep(20);
  child.kill("SIGTERM");
  const stderr = await new Response(child.stderr).text();
  expect(await child.exited).toBe(143);
  expect(stderr).toContain(
    "warning: the container may still exist: `docker rm --force` did not respond within 5 s\n",
  );
  expect(folder.records()).toMatchObject([{ status: "interrupted" }]);
  const asked = folder.read("asked").trim().split("\n").map(Number);
  expect(asked.length).toBeGreaterThan(1);
  expect(asked.filter((pid) => readProcessStat(pid) !== undefined)).toEqual([]);
}, 60_000);

test("a signal that comes when a step has ended stops the workflow, and an engine that hangs then is not waited for", async () => {
  const { folder, env } = withDocker(
    `[ "$1" = run ] || { touch asked; exec sleep 600; }\n${started}\nuntil [ -e asked ]; do sleep 0.01; done\n${ended}`,
  );
  using _ = folder;
  folder.write(
    "workspace.poly",
    `${workspaceWith("- {name: wait, script: sleep 300}")}workflows:
  - {name: both, steps: [{name: one, block: b, action: wait}, {name: two, block: b, action: wait}]}\n`,
  );
  const child = Bun.spawn([executable, "run", "both"], {
    cwd: folder.path,
    env: { ...process.env, ...env },
    stdio: ["ignore", "ignore", "ignore"],
  });
  const hasEnded = () => folder.glob(".polycrate/run/**").length === 0;
  while (folder.glob("asked").length === 0 || !hasEnded()) await Bun.sleep(10);
  child.kill("SIGTERM");
  expect(await child.exited).toBe(143);
  expect(folder.records()).toMatchObject([{ step: "one", status: "succeeded", exit_code: 0 }]);
});
