import { expect, test } from "bun:test";
import { chmodSync } from "node:fs";
import { call, executable, makeFolder, workspaceWith } from "../support/harness.ts";

/** Runs the script with small disks of its own; `docker` is a program beside them. */
async function runWithDisks(actions: string, docker: string, script: string) {
  using folder = makeFolder({
    "workspace.poly": workspaceWith(actions),
    "bin/docker": `#!/bin/sh\n[ "$1" = run ] || exit 1\n${docker}\n`,
    "disk/.keep": "",
  });
  chmodSync(`${folder.path}/bin/docker`, 0o755);
  const env = { PATH: `${folder.path}/bin:${process.env.PATH}`, POLYCRATE: executable, HERE: folder.path };
  return await call(["unshare", "--mount", "sh", "-c", script], { directory: folder.path, env });
}

/** Starts the entrypoint of a run as a container would, with the shell, on a disk that is full by then. */
const enter = (shell: string) => `
cat /dev/zero >fill 2>/dev/null
run=$(echo "$PWD"/.polycrate/run/*)
exec unshare --mount sh -c '
  mount -t tmpfs tmpfs /run && mkdir /run/polycrate /run/polycrate-status
  mount --bind "$1/files" /run/polycrate && mount --bind "$1/status" /run/polycrate-status
  exec ${shell} /run/polycrate/entrypoint' sh "$run"`;

test.each(["bash", "dash", "busybox sh"])(
  "a disk that is full when the action starts does not cost its exit code, in %s",
  async (shell) => {
    if (Bun.which(shell.split(" ")[0] ?? "") === null) return;
    const { stdout, stderr, exitCode } = await runWithDisks(
      "- {name: fail, script: [echo hi, exit 7]}",
      enter(shell),
      'mount -t tmpfs -o size=1m tmpfs disk && cp workspace.poly disk && cd disk && exec "$POLYCRATE" run b fail',
    );
    expect({ stdout, exitCode }).toEqual({ stdout: "hi\n", exitCode: 7 });
    expect(stderr).toContain("error: b fail failed with exit code 7");
  },
);

test("a disk without room for the files of a run is reported, 73, and docker is not started then", async () => {
  const { stdout } = await runWithDisks(
    "- {name: fail, script: exit 7}",
    'touch "$HERE/started"; for one in .polycrate/run/*/status/status; do echo started >$one; done; exit 7',
    `for inodes in $(seq 4 30); do
       mount -t tmpfs -o nr_inodes=$inodes tmpfs disk && cp workspace.poly disk || exit 1
       (cd disk; "$POLYCRATE" run b fail 2>/dev/null; echo "$? $(cd ..; ls started 2>/dev/null)")
       find disk/.logs -type f ! -path '*/snapshots/*' | sed 's/[.][a-z]*$//' | sort | uniq -c | grep -v '^ *2 '
       rm -f started; umount disk
     done`,
  );
  expect([...new Set(stdout.split("\n"))].sort()).toEqual(["", "7 started", "73 "]);
});

test.each(["list --output=json", "history --output=json", "version"])(
  "`polycrate %s` to a full disk reports it: 73",
  async (words) => {
    using folder = makeFolder({ "workspace.poly": workspaceWith("[]") });
    folder.write(".logs/2026/11/24/01a20e8a-0000-7000-8000-000000000000.yml", "status: succeeded\n");
    const command = ["sh", "-c", `${executable} ${words} >/dev/full`];
    expect(await call(command, { directory: folder.path })).toEqual({
      stdout: "",
      stderr: "error: cannot write standard output: the disk is full\nhint: free disk space\n",
      exitCode: 73,
    });
  },
);

test("an action whose output a full disk does not take is stopped: 73", async () => {
  const { stderr, exitCode } = await runWithDisks(
    "- {name: pour, script: echo}",
    "while :; do echo y; sleep 0.01; done",
    'exec "$POLYCRATE" run b pour >/dev/full',
  );
  expect(stderr).toStartWith("cannot write the output: the disk is full: waiting for the action to end;");
  expect(exitCode).toBe(73);
});

test.each([
  ["prune", 0],
  ["nosuch", 64],
  ["run b nosuch", 64],
])(
  "`polycrate %s` whose messages a full disk does not take ends with %d all the same",
  async (words, code) => {
    using folder = makeFolder({ "workspace.poly": workspaceWith("[]"), "bin/docker": "#!/bin/sh\n" });
    chmodSync(`${folder.path}/bin/docker`, 0o755);
    const command = ["timeout", "10", "sh", "-c", `exec "${executable}" ${words} 2>/dev/full`];
    const env = { PATH: `${folder.path}/bin:${process.env.PATH}` };
    expect(await call(command, { directory: folder.path, env })).toEqual({
      stdout: "",
      stderr: "",
      exitCode: code,
    });
  },
);
