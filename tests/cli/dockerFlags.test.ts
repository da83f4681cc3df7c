import { expect, test } from "bun:test";
import { makeFolder, workspaceWith } from "../support/harness.ts";

function withFlags(flags: readonly string[]): string {
  return workspaceWith("- {name: act, script: [env]}", `docker_flags: ${JSON.stringify(flags)}`);
}

test("a run names the line and column of each flag that is refused, as `validate` does", async () => {
  using folder = makeFolder({ "workspace.poly": withFlags(["--init", "--log-driver=syslog", "-d"]) });
  const { stderr, exitCode } = await folder.run(["run", "b", "act", "--dry-run"]);
  expect(exitCode).toBe(65);
  expect(stderr).toBe(
    [
      "error: workspace.poly:5:29: `config.container.docker_flags`: the flag `--log-driver` cannot be set",
      "hint: polycrate writes the log, with secrets masked; see `polycrate logs`",
      "error: workspace.poly:5:51: `config.container.docker_flags`: the flag `-d` cannot be set",
      "hint: polycrate waits for the action and returns its exit code",
      "",
    ].join("\n"),
  );
  const { stdout } = await folder.run(["validate"]);
  expect(stdout).toContain("error: workspace.poly:5:29: `config.container.docker_flags`: the flag");
});

test.each([
  ["extramounts", ["run", "b", "act", "--dry-run"], "extramounts: ['.:/run/polycrate/script']\n", 65],
  ["--mount", ["run", "b", "act", "--dry-run", "--mount=.:/run/polycrate/script"], "", 64],
])("a mount of `%s` over polycrate's own files is refused", async (_, words, more, code) => {
  using folder = makeFolder({ "workspace.poly": withFlags([]) + more });
  const { stderr, exitCode } = await folder.run(words);
  expect(exitCode).toBe(code);
  expect(stderr).toContain("`/run/polycrate/script` in the container is reserved for polycrate");
});

test("`-e` of docker_flags is a variable of the container, stronger than `env` and weaker than `--env`", async () => {
  using folder = makeFolder({
    "workspace.poly": workspaceWith(
      "- {name: act, script: [env]}",
      'env: {A: env, B: env}\ndocker_flags: ["-e A=flag -e B=flag -e C=$(id -u) --rm"]',
    ),
  });
  const { stdout } = await folder.run(["run", "b", "act", "--dry-run", "-e", "B=line"]);
  expect(stdout.match(/--env=[ABC]=\S+/g)).toEqual([
    "--env=A=flag",
    `--env=C=${process.getuid?.()}`,
    "--env=B=line",
  ]);
  expect(stdout.match(/^ +--rm /gm)).toHaveLength(1);
});

test("a variable of the caller in `-e` is a secret: neither printed nor in the snapshot", async () => {
  using folder = makeFolder({ "workspace.poly": withFlags(["-e TOKEN -e URL=https://me:$TOKEN@host"]) });
  const env = { TOKEN: "s3cr3t" };
  const dry = await folder.run(["run", "b", "act", "--dry-run"], { env });
  expect(dry.stdout).not.toContain("s3cr3t");
  expect(dry.stdout).toContain('POLYCRATE_ENV_URL=https://me:"${TOKEN?}"@host; export POLYCRATE_ENV_URL\n');
  const { stdout } = await folder.run(["snapshot", "b"], { env });
  expect(stdout).toMatch(/TOKEN: "?\*\*\*"?\n\s+URL: "?\*\*\*"?\n/);
});

test("a reserved name in `-e` is refused with its place", async () => {
  using folder = makeFolder({ "workspace.poly": withFlags(["-e POLYCRATE_BLOCK=x"]) });
  const { stderr, exitCode } = await folder.run(["run", "b", "act", "--dry-run"]);
  expect({ stderr, exitCode }).toEqual({
    stderr:
      "error: workspace.poly:5:20: the variable `POLYCRATE_BLOCK` is set by polycrate\nhint: choose another name\n",
    exitCode: 65,
  });
  expect((await folder.run(["validate"])).stdout).toContain(
    "error: workspace.poly:5:20: the variable `POLYCRATE_BLOCK`",
  );
});

test.each([
  ["--privileged", "`--privileged` gives every action root access to the host"],
  ["-v /:/host", "the mount of `/` gives every action access to that part of the host"],
  ["-v /:/host:ro", "the mount of `/` gives every action access to that part of the host"],
  [
    "--mount=type=bind,source=/etc,target=/e",
    "the mount of `/etc` gives every action access to that part of the host",
  ],
  ["-v $HOME:/h", "the mount of `/home/user` gives every action access to that part of the host"],
  ["-v /proc/1:/p", "the mount of `/proc/1` gives every action access to that part of the host"],
  ["-v /var:/v", "the mount of `/var` gives every action access to that part of the host"],
  ["-v /run/docker.sock:/s", "the docker socket gives every action root access to the host"],
  ["--pid=host", "`--pid=host` gives every action access to the host's processes"],
  [
    "--network host",
    "`--network host` gives every action access to the host's network, including its loopback interface",
  ],
  ["--ipc=host", "`--ipc=host` gives every action access to the host's shared memory"],
  ["--uts=host", "`--uts=host` gives every action access to the host's hostname"],
  ["--userns=host", "`--userns=host` gives every action access to the host's user ids"],
  ["--device=/dev/kvm", "`--device=/dev/kvm` gives every action access to a device of the host"],
  [
    "--cap-add=SYS_ADMIN",
    "`--cap-add=SYS_ADMIN` gives every action a capability that containers do not have by default",
  ],
  [
    "--security-opt seccomp=unconfined",
    "`--security-opt seccomp=unconfined` disables a protection of the host",
  ],
])("`validate` names what %s gives away", async (entry, message) => {
  using folder = makeFolder({ "workspace.poly": withFlags([entry]) });
  const { stdout } = await folder.run(["validate", "--output=json"]);
  const { problems } = JSON.parse(stdout);
  expect(problems.filter(({ code }: { code: string }) => code === "privileged")).toEqual([
    expect.objectContaining({ severity: "warning", line: 5, column: 20, message }),
  ]);
});

test.each([
  ["--privileged=false"],
  ["-v /etc/ssl/certs:/certs:ro"],
  ["-v ~/.kube/config:/kube"],
  ["-v cache:/cache"],
  ["-v ./data:/data"],
  ["--pid=container:x"],
  ["--security-opt=no-new-privileges"],
])("`validate` has nothing against %s", async (entry) => {
  using folder = makeFolder({ "workspace.poly": withFlags([entry]) });
  expect((await folder.run(["validate"])).stdout).toBe("test-workspace is valid: 1 block, no problems\n");
});
