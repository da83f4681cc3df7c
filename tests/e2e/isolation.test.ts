import { expect, test } from "bun:test";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { call, executable, type Folder, makeFolder, workspaceWith } from "../support/harness.ts";

const look = `
- name: look
  script:
    - ls -A /workspace/.polycrate /workspace/.logs
    - touch /workspace/.polycrate/x 2>/dev/null || echo no file
    - mkdir /workspace/.logs/x 2>/dev/null || echo no folder
    - mv /workspace/.logs /workspace/logs 2>/dev/null || echo no other place
`;

const nothingSeen = "/workspace/.logs:\n\n/workspace/.polycrate:\nno file\nno folder\nno other place\n";

test("an action finds what polycrate remembers of runs empty, and cannot write there", async () => {
  using folder = makeFolder({ "workspace.poly": workspaceWith(look) });
  await folder.run(["run", "b", "look"]);
  const { stdout, exitCode } = await folder.run(["run", "b", "look"]);
  expect({ stdout, exitCode }).toEqual({ stdout: nothingSeen, exitCode: 0 });
  const { stdout: script } = await folder.run(["run", "b", "look", "--dry-run"]);
  expect((await call(["sh"], { input: script })).stdout).toBe(nothingSeen);
  const command = ["--", "ls", "-A", "/workspace/.polycrate", "/workspace/.logs"];
  expect((await folder.run(["exec", ...command])).stdout).toBe(
    "/workspace/.logs:\n\n/workspace/.polycrate:\n",
  );
  const typed = { input: "ls -A /workspace/.polycrate /workspace/.logs\n" };
  expect((await folder.run(["shell"], typed)).stdout).toBe("/workspace/.logs:\n\n/workspace/.polycrate:\n");
}, 30_000);

test.each([
  ["of another name is hidden too", "  logsroot: records", "records", ""],
  ["in `.polycrate` is hidden with it", "  logsroot: .polycrate/logs", ".polycrate", ""],
  ["that is `.polycrate` is hidden as it", "  logsroot: .polycrate", ".polycrate", ""],
  [
    "that is the block's artifacts folder is not hidden",
    "  logsroot: artifacts/blocks/b",
    "artifacts/blocks/b",
    "\\d+\nsnapshots\n",
  ],
  [
    "that holds artifacts is not hidden",
    "  logsroot: out\n  artifactsroot: out/artifacts",
    "out",
    "\\d+\nartifacts\nsnapshots\n",
  ],
])("a logs folder %s", async (_, config, name, seen) => {
  using folder = makeFolder({
    "workspace.poly": workspaceWith(`- {name: look, script: [ls ${name}]}`).replace(
      "config:",
      `config:\n${config}`,
    ),
  });
  const { stdout, exitCode } = await folder.run(["run", "b", "look"]);
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(new RegExp(`^${seen}$`));
});

test("an action that runs an action of its own workspace is refused, with the reason", async () => {
  using folder = makeFolder({
    "workspace.poly": workspaceWith(
      "- {name: outer, script: [polycrate run b inner]}\n- {name: inner, script: [echo never]}",
      `docker_flags: ["-v ${executable}:/usr/local/bin/polycrate:ro"]`,
    ).replace("polycrate-test:busybox", "polycrate-test:debian"),
  });
  const { stdout, stderr, exitCode } = await folder.run(["run", "b", "outer"]);
  expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 73 });
  expect(stderr).toContain(
    "error: an action cannot run another action of its own workspace\nhint: run both on the host: one after the other, or as steps of a workflow\n",
  );
  expect(folder.records()).toHaveLength(1);
}, 30_000);

/** A folder outside of the workspace; the file in it is there when an action could write in it. */
function makeOutside() {
  const path = mkdtempSync(join(tmpdir(), "polycrate-test-outside-"));
  chmodSync(path, 0o777);
  return {
    path,
    names: () => readdirSync(path),
    [Symbol.dispose]: () => rmSync(path, { recursive: true }),
  };
}

/** Puts links and a script of its own in the place of what runs beside it are about to mount. */
const lurker = `
while :; do
  for d in $1/.polycrate/run/*; do
    [ -f $d/status ] && [ ! -L $d/status ] && rm $d/status && ln -s $2 $d/status
    [ -d $d/status ] && [ ! -L $d/status ] && mv $d/status $d/status.old && ln -s $2 $d/status
    [ -f $d/files/entrypoint ] && rm -f $d/files/entrypoint &&
      echo 'touch /run/polycrate-status/pwned' >$d/files/entrypoint
  done
done
`;

test.each([
  ["the workspace as every action has it", "/workspace"],
  ["the workspace mounted a second time, with all that is in it", "/again"],
])(
  "an action with %s gets no other one to write to the host",
  async (_, root) => {
    using outside = makeOutside();
    using folder = makeFolder({
      "workspace.poly": workspaceWith(
        `
- {name: lurk, script: ["echo ready; sh ./lurker ${root} ${outside.path}"]}
- {name: good, script: [echo fine]}`,
        "docker_flags: ['-v $(pwd):/again']",
      ),
      lurker,
    });
    const evil = Bun.spawn([executable, "run", "b", "lurk"], {
      cwd: folder.path,
      stdout: "pipe",
      stderr: "ignore",
    });
    try {
      await evil.stdout.getReader().read();
      for (let round = 0; round < 3; round += 1) await folder.run(["run", "b", "good"]);
    } finally {
      evil.kill("SIGTERM");
      await evil.exited;
    }
    expect(outside.names()).toEqual([]);
  },
  60_000,
);

/** A `docker` that does something between the writing of a run's files and their mounting, at the moment of an attack. */
function withDocker(folder: Folder, attack: string) {
  folder.write(
    "bin/docker",
    `#!/bin/sh\nif [ "$1" = run ]; then\n${attack}\nfi\nexec ${Bun.which("docker")} "$@"\n`,
  );
  chmodSync(join(folder.path, "bin/docker"), 0o755);
  return { PATH: `${join(folder.path, "bin")}:${process.env.PATH}` };
}

test.each([
  ["the folder of files", "mv $run/files $run/old; ln -s $OUTSIDE $run/files"],
  [
    "the entrypoint and the status",
    "echo 'touch /run/polycrate-status/pwned' >$OUTSIDE/entrypoint; rm -rf $run/files $run/status; ln -s $OUTSIDE $run/files; ln -s $OUTSIDE $run/status",
  ],
  ["the snapshot", "echo secret >$OUTSIDE/secret; ln -sf $OUTSIDE/secret $run/snapshot.yml"],
])(
  "a run does not start when %s was exchanged before docker mounted it",
  async (_, attack) => {
    using outside = makeOutside();
    using folder = makeFolder({ "workspace.poly": workspaceWith("- {name: good, script: [echo fine]}") });
    const env = {
      ...withDocker(folder, `for run in .polycrate/run/*; do ${attack}; done`),
      OUTSIDE: outside.path,
    };
    const { stdout, stderr, exitCode } = await folder.run(["run", "b", "good"], { env });
    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 125 });
    expect(stderr).toMatch(/polycrate: \S+ is not the file of this run/);
    expect(outside.names()).not.toContain("pwned");
  },
  30_000,
);

test.each([
  ["id_rsa", "ln -sf $OUTSIDE/file id_rsa"],
  ["id_rsa.pub", "ln -sf $OUTSIDE/file id_rsa.pub"],
  ["known_hosts", "ln -sf $OUTSIDE/file known_hosts"],
  ["known_hosts", "rm known_hosts; ln -s $OUTSIDE known_hosts"],
  ["known_hosts", "ln -sf $OUTSIDE/seen/file known_hosts"],
])(
  "a run does not start when `%s` became a link to the host before docker mounted it: %s",
  async (name, attack) => {
    using outside = makeOutside();
    using folder = makeFolder({
      "workspace.poly": workspaceWith(
        "- {name: good, script: [ls -l ~/.ssh, echo pwned >>~/.ssh/known_hosts/pwned]}",
        // There the link leads to the same file in the container.
        `docker_flags: [-v ${outside.path}/seen:${outside.path}/seen]`,
      ),
      ...{ id_rsa: "key\n", "id_rsa.pub": "key\n", known_hosts: "" },
    });
    chmodSync(join(folder.path, "id_rsa"), 0o600);
    for (const path of ["seen/file", "file"]) await Bun.write(join(outside.path, path), "secret");
    const env = { ...withDocker(folder, attack), OUTSIDE: outside.path };
    const { stdout, stderr, exitCode } = await folder.run(["run", "b", "good"], { env });
    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 125 });
    expect(stderr).toContain(`polycrate: /root/.ssh/${name} is not the file of this run`);
    expect(outside.names()).toEqual(["file", "seen"]);
  },
  30_000,
);

test("the files of a run are in the caller's runtime folder where the engine is of this machine", async () => {
  using folder = makeFolder({
    "workspace.poly": workspaceWith(
      "- {name: look, script: ['cat /run/polycrate/script; id -u']}",
      "user: '1000:1000'",
    ),
  });
  using runtime = makeFolder({});
  chmodSync(runtime.path, 0o700);
  const env = { XDG_RUNTIME_DIR: runtime.path };
  const seen = `ls -d .polycrate/run/* >seen 2>/dev/null; ls ${runtime.path}/polycrate/*/*/files >>seen`;
  const { stdout, exitCode } = await folder.run(["run", "b", "look"], {
    env: { ...env, ...withDocker(folder, seen) },
  });
  expect({ stdout, exitCode }).toEqual({ stdout: "cat /run/polycrate/script; id -u\n1000\n", exitCode: 0 });
  expect(folder.read("seen")).toBe("ansible\nentrypoint\ngroup\npasswd\nprepare\nscript\n");
  expect(runtime.glob("polycrate/*/*")).toEqual([]);
  const dry = await folder.run(["run", "b", "look", "--dry-run"], { env });
  expect(dry.stdout).toContain(`source=${runtime.path}/polycrate/`);
  expect(await call(["sh"], { input: dry.stdout })).toMatchObject({ stdout, exitCode: 0 });
  expect(runtime.glob("polycrate/*/*")).toEqual([]);
  expect(folder.glob(".polycrate/run/*")).toEqual([]);
  renameSync(runtime.path, `${runtime.path}-gone`);
  expect(await call(["sh"], { input: dry.stdout })).toEqual({
    stdout: "",
    stderr: `error: \`${runtime.path}\` no longer exists; print this script again\n`,
    exitCode: 73,
  });
}, 30_000);

test.each([
  ["another may enter it", 0o755, undefined],
  ["an engine that is reached by TCP mounts them", 0o700, "tcp://127.0.0.1:1"],
  ["the engine is Docker Desktop's", 0o700, "unix:///home/anna/.docker/desktop/docker.sock"],
])("the files of a run stay in the workspace when %s", async (_, mode, host) => {
  using folder = makeFolder({
    "workspace.poly": workspaceWith("- {name: good, script: [echo fine]}", "delivery: mount"),
  });
  using runtime = makeFolder({});
  chmodSync(runtime.path, mode);
  const env = { XDG_RUNTIME_DIR: runtime.path, ...(host === undefined ? {} : { DOCKER_HOST: host }) };
  const { stdout } = await folder.run(["run", "b", "good", "--dry-run"], { env });
  expect(stdout).toContain(`source=${folder.path}/.polycrate/run/`);
  expect(stdout).not.toContain(runtime.path);
});

test("what a killed run left in the runtime folder is named by the next run, and prune removes it", async () => {
  using folder = makeFolder({
    "workspace.poly": workspaceWith(
      "- {name: wait, script: [echo ready; sleep 300]}\n- {name: good, script: [echo fine]}",
    ),
  });
  using runtime = makeFolder({});
  chmodSync(runtime.path, 0o700);
  const env = { XDG_RUNTIME_DIR: runtime.path };
  const child = Bun.spawn([executable, "run", "b", "wait"], {
    cwd: folder.path,
    env: { ...process.env, ...env },
    stdout: "pipe",
    stderr: "ignore",
  });
  await child.stdout.getReader().read();
  child.kill("SIGKILL");
  await child.exited;
  const [left = ""] = runtime.glob("polycrate/*/*/owner");
  expect(left).not.toBe("");
  const next = await folder.run(["run", "b", "good"], { env });
  expect(next.stderr).toContain("hint: `polycrate prune` removes what it left behind\n");
  const { stdout } = await folder.run(["prune"], { env });
  expect(stdout).toContain(`removed ${join(runtime.path, left).replace(/\/owner$/, "")}\n`);
  expect(runtime.glob("polycrate/*/*")).toEqual([]);
}, 30_000);

test("a link in the place of polycrate's folder below the runtime folder is not followed", async () => {
  using folder = makeFolder({ "workspace.poly": workspaceWith("- {name: good, script: [echo fine]}") });
  using runtime = makeFolder({});
  chmodSync(runtime.path, 0o700);
  mkdirSync(join(runtime.path, "elsewhere"));
  symlinkSync("elsewhere", join(runtime.path, "polycrate"));
  const { stderr, exitCode } = await folder.run(["run", "b", "good"], {
    env: { XDG_RUNTIME_DIR: runtime.path },
  });
  expect({ stderr, exitCode }).toEqual({
    stderr: expect.stringContaining(`${runtime.path}/polycrate\` is not a folder`),
    exitCode: 73,
  });
});
