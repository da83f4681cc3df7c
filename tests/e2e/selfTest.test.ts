import { expect, test } from "bun:test";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { version } from "../../src/version.ts";
import { busybox, call, executable, type Folder, makeFolder, namesIn } from "../support/harness.ts";

type Outcome = { readonly check: string; readonly status: string; readonly cause: string | null };

/** Runs the self-test with a folder of its own for temporary files, and a wrapper in the place of docker's client. */
async function selfTest(
  folder: Folder,
  { wrapper, only = [] }: { wrapper?: string; only?: readonly string[] } = {},
) {
  folder.write("tmp/.keep", "");
  folder.write("bin/.keep", "");
  if (wrapper !== undefined) {
    folder.write("bin/docker", `#!/bin/bash\nreal=${Bun.which("docker")}\n${wrapper}\n`);
    chmodSync(join(folder.path, "bin/docker"), 0o755);
  }
  const env = { PATH: `${folder.path}/bin:${process.env.PATH}`, TMPDIR: join(folder.path, "tmp") };
  const flags = [`--image=${busybox}`, "--output=json", ...only.map((name) => `--only=${name}`)];
  const result = await folder.run(["self-test", ...flags], { env });
  const {
    passed,
    facts,
    checks,
  }: { passed: boolean; facts: Record<string, string>; checks: readonly Outcome[] } = JSON.parse(
    result.stdout,
  );
  const failed = checks.filter(({ status }) => status === "failed");
  return { ...result, passed, facts, checks, failed };
}

/** Neither files nor containers of the self-test are left. */
async function expectNothingLeft(folder: Folder): Promise<void> {
  expect(namesIn(join(folder.path, "tmp"))).toEqual([".keep"]);
  const words = ["docker", "ps", "--all", '--format={{.Label "polycrate.workspace"}}'];
  expect((await call(words)).stdout).not.toContain(folder.path);
}

test("every check passes on this engine, nothing is left, and the report has no path of this machine", async () => {
  using folder = makeFolder({});
  const { failed, passed, exitCode, facts, checks, stdout } = await selfTest(folder);
  expect(failed).toEqual([]);
  expect({ passed, exitCode }).toEqual({ passed: true, exitCode: 0 });
  expect(checks.map(({ check }) => check)).toEqual([
    ...["start", "mounts", "ownership", "user", "values", "dry-run", "input", "streams", "output"],
    ...["exit-code", "signals", "timeout", "secrets", "records", "cleanup"],
  ]);
  expect(Object.keys(facts)).toEqual(["polycrate", "client", "engine", "connection", "image"]);
  expect(facts.polycrate).toStartWith(`${version}, linux `);
  expect(facts.engine).toMatch(/^docker \d/);
  expect(stdout).not.toContain(folder.path);
  await expectNothingLeft(folder);
}, 60_000);

const broken: readonly (readonly [string, string, string, RegExp])[] = [
  [
    "drops signals",
    `case $1 in run) setsid "$real" "$@" & trap "" TERM INT; wait $!;; *) exec "$real" "$@";; esac`,
    "signals",
    /^SIGTERM did not reach the action: docker, or a wrapper of it, does not pass signals on$/,
  ],
  [
    "loses output",
    `case $1 in run) exec "$real" "$@" > >(sed 19000,19010d);; *) exec "$real" "$@";; esac`,
    "output",
    /^\d+ of \d+ bytes of the action's output arrived$/,
  ],
  [
    "ignores --user",
    `args=(); for one; do case $one in --user=*) ;; *) args+=("$one");; esac; done; exec "$real" "\${args[@]}"`,
    "user",
    /^the action ran as 0:0 instead of 12345:23456: docker ignored `--user`$/,
  ],
];

test.each(broken)(
  "an engine that %s is found out, with the cause",
  async (_, wrapper, check, cause) => {
    using folder = makeFolder({});
    const { failed, exitCode } = await selfTest(folder, { wrapper, only: [check] });
    expect(failed.map((one) => one.check)).toEqual([check]);
    expect(failed[0]?.cause).toMatch(cause);
    expect(exitCode).toBe(1);
    await expectNothingLeft(folder);
  },
  60_000,
);

test("where no container starts, the cause is named once, and the rest is skipped", async () => {
  using folder = makeFolder({});
  const wrapper = `case $1 in run) echo "docker: no space left" >&2; exit 125;; *) exec "$real" "$@";; esac`;
  const { checks, failed, exitCode } = await selfTest(folder, { wrapper });
  expect(failed).toMatchObject([{ check: "start", cause: expect.stringContaining("exit code 125") }]);
  const skipped = checks.filter(({ status }) => status === "skipped");
  expect(skipped).toHaveLength(checks.length - 1);
  expect(skipped[0]?.cause).toBe("no container can be started");
  expect(exitCode).toBe(1);
  await expectNothingLeft(folder);
});

test("SIGTERM ends it in order", async () => {
  using folder = makeFolder({});
  folder.write("tmp/.keep", "");
  const child = Bun.spawn([executable, "self-test", `--image=${busybox}`], {
    env: { ...process.env, TMPDIR: join(folder.path, "tmp") },
    stdout: "pipe",
    stderr: "ignore",
  });
  let output = "";
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    output += chunk;
    if (/^ok +start/m.test(output)) child.kill("SIGTERM");
  }
  expect(await child.exited).toBe(143);
  expect(output).toMatch(/skipped +cleanup .*\n +→ interrupted$/m);
  await expectNothingLeft(folder);
});

test("without an image that exists, it says which flag names one", async () => {
  using folder = makeFolder({});
  const { stderr, exitCode } = await folder.run(["self-test"]);
  expect(stderr).toContain("hint: pass an image that has a shell, for example `--image=debian:12-slim`\n");
  expect(exitCode).toBe(64);
});
