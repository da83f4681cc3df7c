import { expect, test } from "bun:test";
import { cpSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { call, makeFolder, namesIn } from "../support/harness.ts";

const checkout = resolve(import.meta.dir, "../..");

const scripts = [
  "scripts/demo.sh",
  "scripts/test.sh",
  "scripts/setup.sh",
  "scripts/engine.sh",
  "scripts/remoteEngine.sh",
  "scripts/rootlessEngine.sh",
  "scripts/podmanEngine.sh",
  "scripts/images.sh",
  "scripts/images/busybox.sh",
  "scripts/images/debian.sh",
  "scripts/install.sh",
  "scripts/publish.sh",
  "scripts/release/launcher.sh",
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
  const entries = scripts.filter((script) => !/(setup|[eE]ngine|images)\.sh$/.test(script));
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
      "missing: a running docker engine\nhint: install and start docker, or run this script as root on Debian\n",
    );
    expect(stderr).toContain(
      "missing: bun 1.4.5\nhint: see https://bun.sh, or install npm or curl, so that this script can install it\n",
    );
    expect(stderr).toContain("missing: the dependencies of package.json\nhint: bun install\n");
    expect(stdout).toBe("");
    expect(exitCode).toBe(69);
    expect(namesIn(folder.path)).toEqual(["bun.lock", "package.json", "scripts"]);
  },
);

/** A folder to be the whole PATH, with nothing in it but these programs. */
function machineWith(programs: readonly string[]) {
  const folder = makeFolder({});
  for (const program of programs) symlinkSync(Bun.which(program) ?? program, join(folder.path, program));
  return folder;
}
