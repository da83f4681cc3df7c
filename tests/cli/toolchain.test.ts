import { expect, test } from "bun:test";
import { mkdtempSync, readdirSync, realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toolchainDockerfile, toolchainFiles } from "../../src/toolchain/files.ts";
import { tools } from "../../src/toolchain/tools.ts";
import { call, executable, type Folder, makeFolder } from "../support/harness.ts";

test("`polycrate toolchain` lists every tool; as JSON with addresses and checksums", async () => {
  const table = await call([executable, "toolchain"]);
  expect(table.stdout).toMatch(/^PART +TOOL +VERSION +SOURCE\n/);
  expect(table.stdout).toMatch(/^terraform +terraform +\d+\.\d+\.\d+ +https:\/\/releases\.hashicorp\.com\//m);
  expect(table.stdout).toMatch(/^aws +aws +Debian 13 +package awscli$/m);
  const { stdout, exitCode } = await call([executable, "toolchain", "--output=json"]);
  expect(exitCode).toBe(0);
  const list: readonly { readonly tool: string }[] = JSON.parse(stdout);
  expect(list.map(({ tool }) => tool)).toEqual(tools.map(({ name }) => name));
  expect(list.find(({ tool }) => tool === "helm")).toMatchObject({
    part: "kubernetes",
    version: expect.stringMatching(/^\d/),
    downloads: [{ architecture: "amd64" }, { architecture: "arm64" }],
  });
});

test("`polycrate toolchain dockerfile` prints the Dockerfile", async () => {
  const { stdout } = await call([executable, "toolchain", "dockerfile"]);
  expect(stdout).toBe(toolchainDockerfile);
});

test.each([
  [["--only=azur"], 64, "error: unknown toolchain part `azur`\nhint: did you mean `azure`?\n"],
  [
    ["--only=aws", "--without=yq"],
    64,
    "error: `--only` and `--without` cannot be used together\nhint: use only one of them\n",
  ],
  [
    ["--downloads=/nowhere"],
    65,
    "error: `/nowhere` cannot be read\nhint: `--downloads` requires the folder of the downloads\n",
  ],
])("`toolchain build %p` is refused", async (flags, code, message) => {
  expect(await call([executable, "toolchain", "build", ...flags])).toEqual({
    stdout: "",
    stderr: message,
    exitCode: code,
  });
});

test("a folder with none of the downloads is refused, and so is a download that is not what is pinned", async () => {
  using folder = makeFolder({ "other/file": "", "wrong/helm-v4.1.4-linux-amd64.tar.gz": "not helm" });
  const none = await folder.run(["toolchain", "build", "--downloads=other", "--only=terraform"]);
  expect(none.exitCode).toBe(65);
  expect(none.stderr).toMatch(
    /other` contains none of the toolchain's downloads\nhint: expected file names: terraform_\S+_linux_amd64\.zip, /,
  );
  const wrong = await folder.run(["toolchain", "build", "--downloads=wrong"]);
  expect(wrong.exitCode).toBe(65);
  expect(wrong.stderr).toMatch(
    /helm-v4\.1\.4-linux-amd64\.tar\.gz` has SHA-256 [0-9a-f]{64}, expected [0-9a-f]{64}\n/,
  );
});

/** A docker that writes down its words and what the context holds; the real one takes minutes. */
function fakeDocker(exit = ""): Folder {
  const folder = makeFolder({
    "bin/docker": `#!/bin/sh
[ "$1" = build ] || exit 1
printf '%s\\n' "$@" >"$RECORD/words"
mkdir "$RECORD/context" && tar -xf - -C "$RECORD/context"
${exit}
`,
  });
  Bun.spawnSync(["chmod", "755", join(folder.path, "bin/docker")]);
  return folder;
}

async function buildWith(folder: Folder, record: string, flags: readonly string[]) {
  const into = join(folder.path, record);
  Bun.spawnSync(["mkdir", into]);
  const temporary = realpathSync(mkdtempSync(join(tmpdir(), "polycrate-test-")));
  const env = { PATH: `${folder.path}/bin:${process.env.PATH}`, RECORD: into, TMPDIR: temporary };
  const result = await folder.run(["toolchain", "build", ...flags], { env });
  return { ...result, into, temporary, env, left: () => readdirSync(temporary) };
}

test("what is built is the files that the executable carries, and nothing of it stays behind", async () => {
  using folder = fakeDocker();
  const { stdout, stderr, exitCode, left, temporary } = await buildWith(folder, "built", [
    "--tag=tools:1",
    "--base=debian:13",
    "--only=aws,ansible",
  ]);
  expect({ stdout, stderr, exitCode, left: left() }).toEqual({
    stdout: "tools:1\n",
    stderr: "",
    exitCode: 0,
    left: [],
  });
  Bun.spawnSync(["rmdir", temporary]);
  const words = folder.read("built/words").split("\n");
  expect(words.slice(0, 3)).toEqual(["build", "--tag=tools:1", "--build-arg=BASE=debian:13"]);
  expect(words.filter((word) => word.endsWith("=no"))).toEqual(
    ["AZURE", "DOCKER", "GOOGLE", "HETZNER", "KUBERNETES", "TERRAFORM", "YQ"].map(
      (part) => `--build-arg=${part}=no`,
    ),
  );
  for (const { path, content } of toolchainFiles) expect(folder.read(`built/context/${path}`)).toBe(content);
});

test("the dry run's script sends docker the same words and the same context", async () => {
  using folder = fakeDocker();
  const built = await buildWith(folder, "built", ["--without=google"]);
  const printed = await buildWith(folder, "printed", ["--without=google", "--dry-run"]);
  expect(printed.left()).toEqual([]);
  const { stderr, exitCode } = await call(["sh"], { input: printed.stdout, env: printed.env });
  expect({ stderr, exitCode, left: printed.left() }).toEqual({ stderr: "", exitCode: 0, left: [] });
  expect(folder.read("printed/words")).toBe(folder.read("built/words"));
  expect((await call(["diff", "-r", printed.into, built.into])).stdout).toBe("");
  const modes = await call([
    "find",
    built.into,
    printed.into,
    "-name",
    "*.sh",
    "-perm",
    "755",
    "-printf",
    "%f\n",
  ]);
  expect(modes.stdout.split("\n").sort()).toEqual(["", "apk.sh", "apk.sh", "check.sh", "check.sh"]);
  for (const { temporary } of [built, printed]) Bun.spawnSync(["rmdir", temporary]);
});

test("when the build fails the last lines say which tool it was, and what to do", async () => {
  using folder = fakeDocker(`cat >&2 <<'TEXT'
#12 0.9 error: helm 9.9 could not be downloaded from https://example.invalid/helm
#12 0.9 hint: leave it out
#12 ERROR: executor failed running [/bin/sh -c fetch]: exit code: 1
TEXT
exit 1`);
  const { stdout, stderr, exitCode, left, temporary } = await buildWith(folder, "built", []);
  expect(stderr).toEndWith(
    "\nerror: helm 9.9 could not be downloaded from https://example.invalid/helm\nhint: leave it out\n",
  );
  expect({ stdout, exitCode, left: left() }).toEqual({ stdout: "", exitCode: 125, left: [] });
  Bun.spawnSync(["rmdir", temporary]);
});
