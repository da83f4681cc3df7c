import { expect, test } from "bun:test";
import { mkdtempSync, readdirSync, realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bumpTable } from "../../scripts/toolchainTable.ts";
import { toolchainDockerfile, toolchainFiles } from "../../src/toolchain/files.ts";
import { downloads, fixedPart, optionalParts, tools } from "../../src/toolchain/tools.ts";
import { call, executable, type Folder, makeFolder } from "../support/harness.ts";

const source = join(import.meta.dir, "../../src/toolchain");

test("the executable carries every file of src/toolchain", () => {
  const files = [...new Bun.Glob("**/*").scanSync({ cwd: source })].filter((path) => !path.endsWith(".ts"));
  expect(toolchainFiles.map(({ path }) => path)).toEqual(files.sort());
});

test("every tool has a package that the Dockerfile installs, or downloads for both processors and a stage that fetches them", () => {
  const installed =
    toolchainDockerfile
      .replaceAll("\\\n", " ")
      .match(/apt-get install[^&]*/g)
      ?.join(" ") ?? "";
  for (const { name, source: from } of tools) {
    if ("debian" in from) expect(installed.split(/\s+/)).toContain(from.debian);
    else {
      expect([name, ...from.downloads.map(({ architecture }) => architecture)]).toEqual([
        name,
        "amd64",
        "arm64",
      ]);
      expect(toolchainDockerfile).toMatch(new RegExp(`^FROM fetch AS ${name}$`, "m"));
      expect(toolchainDockerfile).toMatch(new RegExp(`^COPY --from=${name} /out/ /$`, "m"));
    }
  }
});

test.each(downloads.map((one) => [`${one.tool} for ${one.architecture}`, one] as const))(
  "the pinned %s is one version of one address",
  (_, { address, version, sha256, executableSha256 }) => {
    expect(address).toMatch(/^https:\/\/\S+$/);
    expect(address).toContain(version);
    for (const checksum of [sha256, executableSha256 ?? sha256]) expect(checksum).toMatch(/^[0-9a-f]{64}$/);
  },
);

test("every part but the shell has a build argument, which is written down for the check", () => {
  expect(optionalParts).not.toContain(fixedPart);
  for (const part of optionalParts) {
    const name = part.toUpperCase();
    expect(toolchainDockerfile).toMatch(new RegExp(`^ARG ${name}=yes$`, "m"));
    expect(toolchainDockerfile).toContain(`"${part}=$${name}"`);
  }
});

test("the Dockerfile keeps hadolint's rules, but for versions of Debian's packages (DL3008)", () => {
  const instructions = toolchainDockerfile
    .replaceAll(/^#.*\n/gm, "")
    .replaceAll("\\\n", " ")
    .split("\n");
  for (const line of instructions) {
    if (line.includes("apt-get install")) {
      expect(line).toContain("--yes --no-install-recommends"); // DL3014, DL3015
      expect(line).toContain("apt-get update"); // DL3059 and its reason: lists of the same age
      expect(line).toContain("rm -rf /var/lib/apt/lists/*"); // DL3009
    }
    if (line.startsWith("RUN")) expect(line).not.toMatch(/\b(?:sudo|cd|wget|curl) -|\s\|\s/); // DL3003, DL3004, DL4001, DL4006
    expect(line).not.toMatch(/^(?:ADD|MAINTAINER|ENTRYPOINT|SHELL)\b|:latest/); // DL3007, DL3020, DL4000
    if (line.startsWith("CMD")) expect(line).toMatch(/^CMD \["/); // DL3025
    if (line.startsWith("WORKDIR")) expect(line).toMatch(/^WORKDIR \//); // DL3000
  }
});

test("the image's scripts are checked by shellcheck", async () => {
  const scripts = readdirSync(source).filter((name) => name.endsWith(".sh"));
  const { stdout, exitCode } = await call(["shellcheck", ...scripts.map((name) => join(source, name))]);
  expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 0 });
});

test("`polycrate toolchain` lists every tool; as JSON with addresses and checksums", async () => {
  const table = await call([executable, "toolchain"]);
  expect(table.stdout).toMatch(/^part +tool +version +source\n/);
  expect(table.stdout).toMatch(/^terraform +terraform +\d+\.\d+\.\d+ +https:\/\/releases\.hashicorp\.com\//m);
  expect(table.stdout).toMatch(/^aws +aws +Debian 13's +package awscli$/m);
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
  [["--only=azur"], 64, "error: the toolchain has no part `azur`\nhint: did you mean `azure`?\n"],
  [
    ["--only=aws", "--without=yq"],
    64,
    "error: `--only` and `--without` are two ways to say one thing\nhint: write one of them\n",
  ],
  [
    ["--downloads=/nowhere"],
    65,
    "error: `/nowhere` cannot be read\nhint: `--downloads` wants the folder that the downloads are in\n",
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
    /other` holds none of the toolchain's downloads\nhint: they are found by these names: terraform_\S+_linux_amd64\.zip, /,
  );
  const wrong = await folder.run(["toolchain", "build", "--downloads=wrong"]);
  expect(wrong.exitCode).toBe(65);
  expect(wrong.stderr).toMatch(
    /helm-v4\.1\.4-linux-amd64\.tar\.gz` has sha256 [0-9a-f]{64}, but [0-9a-f]{64} is pinned\n/,
  );
});

/** A docker that writes down its words and what the context holds; the real one takes minutes. */
function fakeDocker(exit = ""): Folder {
  const folder = makeFolder({
    "bin/docker": `#!/bin/sh
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

test("another version of a tool changes its rows alone", async () => {
  const table =
    "# head\np\ttool\t1.0\tamd64\told\thttps://x/1.0/tool_1.0\tbin/tool\told\np\tother\t1.0\tamd64\tsum\thttps://x/1.0\t-\t-\n";
  const asked: string[] = [];
  const bumped = await bumpTable(table, "tool", "2.0", async (address, member) => {
    asked.push(`${address} ${member}`);
    return { sha256: "new", executableSha256: undefined };
  });
  expect(asked).toEqual(["https://x/2.0/tool_2.0 bin/tool"]);
  expect(bumped).toBe(
    table.replace(
      "tool\t1.0\tamd64\told\thttps://x/1.0/tool_1.0\tbin/tool\told",
      "tool\t2.0\tamd64\tnew\thttps://x/2.0/tool_2.0\tbin/tool\t-",
    ),
  );
  expect(
    bumpTable(table, "nope", "2.0", async () => ({ sha256: "", executableSha256: undefined })),
  ).rejects.toThrow("the table has no nope");
});
