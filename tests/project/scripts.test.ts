import { expect, test } from "bun:test";
import { cpSync, existsSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { call, executable, makeFolder, namesIn } from "../support/harness.ts";

const checkout = resolve(import.meta.dir, "../..");

const scripts = [
  "scripts/demo.sh",
  "scripts/test.sh",
  "scripts/setup.sh",
  "scripts/engine.sh",
  "scripts/images.sh",
  "scripts/images/busybox.sh",
  "scripts/images/debian.sh",
  ".ci/run",
];

test.each(scripts)("%s is what a POSIX shell can read", async (script) => {
  expect(await call(["sh", "-n", script], { directory: checkout })).toEqual({
    stdout: "",
    stderr: "",
    exitCode: 0,
  });
});

test.if(Bun.which("shellcheck") !== null)("shellcheck has nothing to say about the scripts", async () => {
  const entries = scripts.filter((script) => !/(setup|engine|images)\.sh$/.test(script));
  const words = ["shellcheck", "--external-sources", "--check-sourced", "--severity=warning", ...entries];
  expect(await call(words, { directory: checkout })).toEqual({ stdout: "", stderr: "", exitCode: 0 });
});

test.each(["demo", "test"])(
  "%s.sh --no-install lists what is missing, ends with 69 and writes nothing",
  async (name) => {
    using folder = makeFolder({});
    cpSync(join(checkout, "scripts"), join(folder.path, "scripts"), { recursive: true });
    for (const file of ["package.json", "bun.lock"]) cpSync(join(checkout, file), join(folder.path, file));
    using machine = machineWith(["sh", "cat", "cmp", "dirname", "grep", "id", "mktemp", "rm", "sed"]);

    const { stdout, stderr, exitCode } = await call(["sh", `scripts/${name}.sh`, "--no-install"], {
      directory: folder.path,
      env: { PATH: machine.path },
    });

    expect(stderr).toContain(
      "missing: a docker engine that answers\nhint: install and start docker, or run this as root on a Debian\n",
    );
    expect(stderr).toContain(
      "missing: bun 1.4.5\nhint: see https://bun.sh, or install npm or curl, and this script installs it\n",
    );
    expect(stderr).toContain("missing: the dependencies of package.json\nhint: bun install\n");
    expect(stdout).toBe("");
    expect(exitCode).toBe(69);
    expect(namesIn(folder.path)).toEqual(["bun.lock", "package.json", "scripts"]);
  },
);

test("the demo shows all that it promises", async () => {
  const { stdout, stderr, exitCode } = await call(["sh", "scripts/demo.sh"], { directory: checkout });
  expect({ stderr: stderr.match(/error: .*/), exitCode }).toEqual({ stderr: null, exitCode: 0 });
  expect(stdout).toContain("$ polycrate run hello greet\n");
}, 120_000);

test.if(process.getuid?.() === 0 && Bun.which("dockerd") !== null)(
  "an engine that a script started ends with the script, also when a signal ends that",
  async () => {
    using store = makeFolder({});
    const { stdout, exitCode } = await call(["sh", "-c", startEngineAndDie, "scripts/x.sh", store.path], {
      directory: checkout,
      env: { DOCKER_HOST: "unix:///nowhere/docker.sock" },
    });
    const [socket = "", processes = ""] = stdout.split("\n");
    expect(socket).toStartWith("unix:///run/polycrate-engine.");
    expect(existsSync(new URL(socket.replace("unix:", "file:")))).toBe(false);
    expect(processes.split(" ").filter((id) => existsSync(`/proc/${id}`))).toEqual([]);
    expect(exitCode).toBe(143);
  },
  60_000,
);

const startEngineAndDie = `
  . scripts/setup.sh
  engine_store=$1
  clean_up() { :; }
  ensure_engine
  docker version >/dev/null
  echo "$DOCKER_HOST"
  echo "$engine_process $engine_network"
  kill -TERM $$
`;

test("no file of a foreign workspace is run or obeyed by the executable", async () => {
  using folder = makeFolder({
    "workspace.poly": "name: my-workspace\n",
    ".env": "POLYCRATE_WORKSPACE=/nowhere\n",
    "bunfig.toml": 'preload = ["./preload.ts"]\n',
    "preload.ts": 'console.log("preloaded");\n',
    "package.json": "{",
    "tsconfig.json": "{",
  });
  // Else there would be nothing to resist.
  expect((await call([process.execPath, "-e", "0"], { directory: folder.path })).stdout).toContain(
    "preloaded",
  );

  const { stdout } = await folder.run(["version"]);
  expect(stdout).toBe((await call([executable, "version"], { directory: "/" })).stdout);
  expect(await folder.run(["list"])).toMatchObject({ stderr: "", exitCode: 0 });
});

/** A folder to be the whole PATH, with nothing in it but these programs. */
function machineWith(programs: readonly string[]) {
  const folder = makeFolder({});
  for (const program of programs) symlinkSync(Bun.which(program) ?? program, join(folder.path, program));
  return folder;
}
