import { afterAll, describe, expect, test } from "bun:test";
import { chmodSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { manual } from "../../src/cli/examples.ts";
import { busybox, call, executable, type Folder, makeFolder, type Result } from "../support/harness.ts";

const built = new Set<string>();
afterAll(async () => {
  for (const workspace of built) {
    const { stdout } = await call([
      "docker",
      "image",
      "ls",
      "--quiet",
      `--filter=label=polycrate.workspace=${workspace}`,
    ]);
    const ids = [...new Set(stdout.split("\n").filter((line) => line !== ""))];
    if (ids.length > 0) await call(["docker", "image", "rm", "--force", ...ids]);
  }
});

const olderClient = `/usr/bin:${process.env.PATH}`;

const builders = [
  ["the classic builder", { DOCKER_BUILDKIT: "0" }],
  ["the classic builder of docker 20.10", { DOCKER_BUILDKIT: "0", PATH: olderClient }],
  ["BuildKit", { DOCKER_BUILDKIT: "1", PATH: olderClient }],
] as const;

const firstLine = `FROM ${busybox}\n`;

function makeWorkspace(
  dockerfile: string,
  files: Readonly<Record<string, string>> = {},
  name?: string,
): Folder {
  const folder = makeFolder(
    {
      "workspace.poly":
        "name: Foo/Bar_baz\nblocks: [{name: app, actions: [{name: show, script: cat /copied/*}]}]",
      "Dockerfile.poly": dockerfile,
      ...files,
    },
    name,
  );
  built.add(folder.path);
  return folder;
}

const copying = `FROM ${busybox}\nCOPY folder /copied\n`;

test.each(builders)(
  "with %s an image is built exactly when its content changed",
  async (_, env) => {
    using folder = makeWorkspace(copying, {
      "folder/one": `${Math.random()}\n`,
      uncopied: "x",
      "blocks/app.yml": "x",
    });
    const isBuilt = async () => {
      const { stdout, stderr, exitCode } = await folder.run(["build"], { env });
      expect({ stderr: exitCode === 0 ? "" : stderr, stdout }).toEqual({
        stderr: "",
        stdout: expect.stringMatching(/^polycrate-workspace:[0-9a-f]{32}\n$/),
      });
      return /^building the image: (.*)$/m.exec(stderr)?.[1];
    };
    expect(await isBuilt()).toBe("this workspace has no image yet");
    expect(await isBuilt()).toBeUndefined();
    utimesSync(join(folder.path, "folder/one"), 1, 1);
    folder.write("uncopied", "y");
    folder.write("blocks/app.yml", "y");
    folder.write("artifacts/blocks/app/out", "z");
    expect(await isBuilt()).toBeUndefined();
    const first = folder.read("folder/one");
    folder.write("folder/one", `${first}more`);
    expect(await isBuilt()).toBe("folder/one changed");
    folder.write("folder/one", first);
    expect(await isBuilt()).toBeUndefined();
    chmodSync(join(folder.path, "folder/one"), 0o755);
    expect(await isBuilt()).toContain("folder/one changed");
    folder.write("folder/two", "2");
    expect(await isBuilt()).toBe("folder/two added");
    folder.write(".dockerignore", "**/two\n");
    expect(await isBuilt()).toBeUndefined();
  },
  60_000,
);

const hidden = [
  [
    "ignored as its ignore file is",
    { ".dockerignore": "Dockerfile.poly\nworkspace.poly\n.dockerignore\n" },
    [],
  ],
  [
    "ignored by a file that is copied",
    { ".dockerignore": "Dockerfile.poly\nworkspace.poly\n" },
    [".dockerignore"],
  ],
  [
    "ignored by its own ignore file",
    { "Dockerfile.poly.dockerignore": "Dockerfile*\nworkspace.poly\n", ".dockerignore": "f\n" },
    [".dockerignore"],
  ],
  ["from elsewhere", { "../F": "", "../F.dockerignore": "Dockerfile.poly\nworkspace.poly" }, []],
  [
    "from elsewhere, with an ignore file that is copied",
    { "../F": "", ".dockerignore": "*.poly\nx\n" },
    [".dockerignore"],
  ],
] as const;

describe.each([builders[0], builders[2]])("with %s", (_, env) => {
  test.each(hidden)(
    "a Dockerfile that is %s is neither in the image nor in the cache key of a copy, in a run and in its script",
    async (_, files: Readonly<Record<string, string>>, alsoCopied) => {
      using folder = makeWorkspace("", { ...files, f: `${Math.random()}` });
      const isElsewhere = "../F" in files;
      const flags = isElsewhere ? ["--dockerfile", "../F"] : [];
      const write = (last: string) =>
        folder.write(
          isElsewhere ? "../F" : "Dockerfile.poly",
          `${firstLine}COPY . /app/\nRUN cat /proc/uptime >/stamp\n${last}\n`,
        );
      const seen = async () => {
        const list = ["exec", ...flags, "--", "sh", "-c", "cat /stamp; cd /app; find . -type f | sort"];
        const { stdout, stderr } = await folder.run(list, { env });
        const [stamp, ...paths] = stdout.trim().split("\n");
        return { stamp, paths, stderr };
      };
      write("ENV A=1");
      const first = await seen();
      expect(first.paths).toEqual([...alsoCopied, "f"].map((path) => `./${path}`));
      write("ENV A=2");
      const second = await seen();
      expect(second).toMatchObject({ stamp: first.stamp, paths: first.paths });
      expect(second.stderr).toContain(
        `building the image: ${isElsewhere ? "../F" : "Dockerfile.poly"} changed\n`,
      );
      write("ENV A=3");
      const { stdout: script } = await folder.run(["build", ...flags, "--dry-run"], { env });
      expect(await call(["sh"], { input: script, env })).toMatchObject({ exitCode: 0 });
      const third = await seen();
      expect(third).toMatchObject({ stamp: first.stamp, paths: first.paths });
      expect(third.stderr).not.toContain("building");
    },
    60_000,
  );
});

test("the reason stands in one line before a build in a run", async () => {
  using folder = makeWorkspace(copying, { "folder/one": `${Math.random()}\n` });
  const { stdout, stderr } = await folder.run(["run", "app", "show"]);
  expect(stdout).toBe(folder.read("folder/one"));
  expect(stderr).toStartWith("building the image: this workspace has no image yet\n");
  expect((await folder.run(["run", "app", "show"])).stderr).toMatch(/^app show succeeded/);
});

test("`--explain` lists what counts and what changed, and builds nothing", async () => {
  using folder = makeWorkspace(copying, { "folder/one": `${Math.random()}\n` });
  const before = await folder.run(["build", "--explain"]);
  expect(before.stdout).toMatch(
    /^0644 [0-9a-f]{64} +Dockerfile\.poly\n0755 directory +folder\n0644 [0-9a-f]{64} +folder\/one\n$/,
  );
  expect(before.stderr).toMatch(
    /^polycrate-workspace:[0-9a-f]+ has to be built: this workspace has no image yet\n$/,
  );
  await folder.run(["build"]);
  expect((await folder.run(["build", "--explain"])).stderr).toMatch(
    /^polycrate-workspace:[0-9a-f]+ already exists\n$/,
  );
  folder.write("folder/two", "2");
  expect((await folder.run(["build", "--explain"])).stderr).toContain("has to be built: folder/two added\n");
});

test("`--build` and `--no-cache` build again, `--no-build` refuses", async () => {
  using folder = makeWorkspace(copying, { "folder/one": `${Math.random()}\n` });
  const refused = await folder.run(["run", "app", "show", "--no-build"]);
  expect(refused.stderr).toContain("hint: run without `--no-build`, or run `polycrate build` first\n");
  expect(refused.exitCode).toBe(125);
  await folder.run(["build"]);
  expect((await folder.run(["build", "--build"])).stderr).toContain(
    "building the image: because of `--build`",
  );
  expect((await folder.run(["build", "--no-cache"])).stderr).toContain("building the image");
});

test.each(builders)(
  "with %s a failed build names the instruction and its line, and tags nothing",
  async (_, env) => {
    using folder = makeWorkspace(`FROM ${busybox}\n\nRUN echo ${Math.random()} && \\\n  exit 65\n`);
    const { stdout, stderr, exitCode } = await folder.run(["build"], { env });
    expect(stderr).toMatch(
      /^error: the image could not be built: Dockerfile\.poly:3: RUN echo .* \(docker exited with code (?:65|1)\)$/m,
    );
    expect(stderr).toContain("`polycrate build --dry-run | sh` runs it by hand\n");
    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 125 });
    expect((await folder.run(["run", "app", "show"], { env })).exitCode).toBe(125);
    const { stdout: images } = await call([
      "docker",
      "image",
      "ls",
      "--quiet",
      `--filter=label=polycrate.workspace=${folder.path}`,
    ]);
    expect(images).toBe("");
    expect(folder.glob(".polycrate/locks/*")).toEqual([]);
  },
);

test("the command that repeats a failed build works when it is pasted, and ends as the build does", async () => {
  using folder = makeWorkspace(`FROM ${busybox}\nRUN echo ${Math.random()} && exit 65\n`);
  const { stdout, exitCode } = await call(["sh", "-c", `${executable} build --dry-run | sh`], {
    directory: folder.path,
  });
  expect(stdout).toContain("Step 2/");
  expect(exitCode).toBe(125);
});

const classic = { DOCKER_BUILDKIT: "0" };
const environments = { classic, BuildKit: { DOCKER_BUILDKIT: "1", PATH: olderClient } } as const;
const toBuildKit = "install the docker buildx plugin; before docker 23, run `export DOCKER_BUILDKIT=1`";
const toNewerBuildKit = "add `# syntax=docker/dockerfile:1` as its first line, or update docker";
const onClassic = "requires BuildKit, but docker used the classic builder";

test.each([
  ["classic", "FOO bar", "Dockerfile.poly:2: unknown instruction: FOO", undefined],
  ["BuildKit", "FOO bar", "Dockerfile.poly:2: unknown instruction: FOO", undefined],
  ["classic", "COPY --lnik a /a", "Dockerfile.poly:2: Unknown flag: lnik", undefined],
  [
    "classic",
    "RUN <<EOF\necho hi\nEOF",
    `Dockerfile.poly:2: a heredoc (\`RUN <<EOF\`) ${onClassic}`,
    toBuildKit,
  ],
  [
    "classic",
    "\nCOPY <<-X /a\n\thi\nX",
    `Dockerfile.poly:3: a heredoc (\`COPY <<-X\`) ${onClassic}`,
    toBuildKit,
  ],
  [
    "classic",
    "RUN --mount=type=cache,target=/x ls",
    `Dockerfile.poly:2: \`RUN --mount\` ${onClassic}`,
    toBuildKit,
  ],
  ["classic", "COPY --chmod=755 a /a", `Dockerfile.poly:2: \`COPY --chmod\` ${onClassic}`, toBuildKit],
  ["classic", "COPY --link a /a", `Dockerfile.poly:2: \`COPY --link\` ${onClassic}`, toBuildKit],
  ["classic", "COPY --exclude=b a /a", `Dockerfile.poly:2: \`COPY --exclude\` ${onClassic}`, toBuildKit],
  [
    "BuildKit",
    "RUN <<EOF\necho hi\nEOF",
    "Dockerfile.poly:2: a heredoc (`RUN <<EOF`) requires a newer BuildKit",
    toNewerBuildKit,
  ],
  [
    "BuildKit",
    "COPY --link a /a",
    "Dockerfile.poly:2: `COPY --link` requires a newer BuildKit",
    toNewerBuildKit,
  ],
] as const)("with the %s builder, `%s` fails because of %s", async (builder, instruction, reason, hint) => {
  using folder = makeWorkspace(`${firstLine}${instruction}\n`, { a: "", b: "" });
  const { stderr, exitCode } = await folder.run(["build"], { env: environments[builder] });
  expect(stderr).toContain(`\nerror: the image could not be built: ${reason} (docker exited with code 1)\n`);
  expect(stderr).toEndWith(
    `\nhint: ${hint ?? "docker's output is above; `polycrate build --dry-run | sh` runs it by hand"}\n`,
  );
  expect(exitCode).toBe(125);
});

async function idOf(image: string): Promise<string> {
  return (await call(["docker", "image", "inspect", "--format={{.Id}}", image.trim()])).stdout;
}

/** The id of the image that `latest` is. */
const latest = () => idOf("polycrate-workspace:latest");

test("`polycrate-workspace:latest` is what a command found or built, in a script too", async () => {
  using folder = makeWorkspace(copying, { "folder/one": "" });
  const [a, b] = [`a ${Math.random()}`, `b ${Math.random()}`];
  const write = (content: string) => folder.write("folder/one", content);
  const ways: readonly (() => Promise<Result>)[] = [
    () => folder.run(["run", "app", "show"]),
    () => folder.run(["build"]),
    () => folder.run(["exec", "--no-build", "--", "true"]),
    async () => call(["sh"], { input: (await folder.run(["run", "app", "show", "--dry-run"])).stdout }),
    async () =>
      call(["sh"], { input: (await folder.run(["exec", "--no-build", "--dry-run", "--", "true"])).stdout }),
  ];
  write(a);
  const idOfA = await idOf((await folder.run(["build"])).stdout);
  for (const way of ways) {
    write(b);
    const { stdout: imageOfB } = await folder.run(["build"]);
    expect(await latest()).toBe(await idOf(imageOfB));
    write(a);
    expect(await way()).toMatchObject({ exitCode: 0 });
    expect(await latest()).toBe(idOfA);
  }
}, 60_000);

test("a run with its image waits for one docker call before the container, and looks for no other when `latest` is right", async () => {
  using folder = makeWorkspace(copying, { "folder/one": "" });
  const [a, b] = [`a ${Math.random()}`, `b ${Math.random()}`];
  const log = join(folder.path, "../calls");
  folder.write("../bin/docker", `#!/bin/sh\necho "$1 $2" >>${log}\nexec ${Bun.which("docker")} "$@"\n`);
  chmodSync(join(folder.path, "../bin/docker"), 0o755);
  const calls = async () => {
    folder.write("../calls", "");
    await folder.run(["exec", "--", "true"], {
      env: { PATH: `${join(folder.path, "../bin")}:${process.env.PATH}` },
    });
    return folder.read("../calls").trim().split("\n");
  };
  folder.write("folder/one", a);
  const { stdout: imageOfA } = await folder.run(["build"]);
  folder.write("folder/one", b);
  await folder.run(["build"]);
  expect(await calls()).toEqual(["image inspect", "run --rm"]);
  folder.write("folder/one", a);
  expect((await calls()).sort()).toEqual(["image inspect", "image tag", "run --rm"]);
  expect(await latest()).toBe(await idOf(imageOfA));
});

test("the classic builder makes one step of the labels, and its note and colours are in no pipe and no log", async () => {
  using folder = makeWorkspace(`${firstLine}RUN echo ${Math.random()}; echo red >&2\nCOPY folder /copied\n`, {
    "folder/one": "",
  });
  const { stderr } = await folder.run(["run", "app", "show"], { env: classic });
  const [log = ""] = folder.glob(".logs/**/*.log");
  for (const output of [stderr, folder.read(log)]) {
    expect(output.match(/^Step .* : LABEL .*$/gm)).toEqual([
      `Step 4/4 : LABEL polycrate.workspace=${folder.path}`,
    ]);
    expect(output).toContain("\nred\n");
    expect(output).not.toMatch(/DEPRECATED|legacy builder|go\/buildx|\x1b/);
  }
});

/** Runs polycrate at a terminal, and returns what it printed there. */
async function atTerminal(folder: Folder, words: readonly string[]): Promise<string> {
  let output = "";
  const child = Bun.spawn([executable, ...words], {
    cwd: folder.path,
    env: { ...process.env, CI: undefined, DOCKER_BUILDKIT: "0" },
    terminal: {
      cols: 80,
      rows: 40,
      data: (_, data) => {
        output += Buffer.from(data).toString();
      },
    },
  });
  await child.exited;
  return output.replaceAll(/\r+\n/g, "\n");
}

test("on a terminal a build is one line, and all of it with `--verbose` and in the log", async () => {
  const random = Math.random();
  using folder = makeWorkspace(`${firstLine}RUN echo ${random} $((1 + 1))\nCOPY folder /copied\n`, {
    "folder/one": "in",
  });
  const quiet = await atTerminal(folder, ["run", "app", "show"]);
  expect(quiet).toContain(`\r\x1b[2K  step 2/4: RUN echo ${random} $((1 + 1))\r\r\x1b[2K`);
  expect(quiet).not.toContain(`${random} 2`);
  const [log = ""] = folder.glob(".logs/**/*.log");
  expect(folder.read(log)).toContain(`\n${random} 2\n`);
  folder.write("folder/one", "other");
  const whole = await atTerminal(folder, ["build", "--verbose", "--no-cache"]);
  expect(whole).toContain(`\n${random} 2\n`);
  expect(whole).not.toContain("\r");
});

test("on a terminal the last ten lines of a build that failed are printed", async () => {
  using folder = makeWorkspace(`${firstLine}RUN seq 100 120; exit 3\n`);
  const output = await atTerminal(folder, ["build"]);
  expect(output).toContain(
    "\x1b[2K112\n113\n114\n115\n116\n117\n118\n119\n120\nThe command '/bin/sh -c seq 100 120; exit 3' returned a non-zero code: 3\nerror: ",
  );
  expect(output).toEndWith(
    "hint: the end of docker's output is above; `polycrate build --verbose` shows all of it\n",
  );
});

test("with `--quiet` only the action is heard, and errors with the end of a failed build", async () => {
  using folder = makeWorkspace(`${copying}RUN echo ${Math.random()}\n`, { "folder/one": "1\n" });
  folder.write("blocks/broken/block.poly", "nmae: x");
  expect(await folder.run(["run", "app", "show", "--quiet"])).toEqual({
    stdout: "1\n",
    stderr: "",
    exitCode: 0,
  });
  folder.write("folder/one", "2\n");
  expect(await folder.run(["build", "--quiet"])).toMatchObject({ stderr: "", exitCode: 0 });
  folder.write("Dockerfile.poly", `${firstLine}RUN seq 100 120; exit 3\n`);
  const { stderr, exitCode } = await folder.run(["build", "--quiet"], { env: classic });
  expect(stderr).toStartWith("112\n113\n");
  expect(stderr).toContain(
    "returned a non-zero code: 3\nerror: the image could not be built: Dockerfile.poly:2:",
  );
  expect(exitCode).toBe(125);
  expect(await folder.run(["build", "--quiet", "--verbose"])).toMatchObject({
    stderr: "error: `--quiet` and `--verbose` cannot be used together\nhint: use only one of them\n",
    exitCode: 64,
  });
});

test("doctor names the old images of the workspace, and `prune --images` removes them, also when a layer is all they share", async () => {
  using folder = makeWorkspace(copying, { "folder/one": `${Math.random()}\n` });
  const oldImages = async () => {
    const { stdout } = await folder.run(["doctor", "--output=json"]);
    const { findings }: { findings: readonly { check: string; message: string; cure: string | null }[] } =
      JSON.parse(stdout);
    return findings.find(({ check }) => check === "old images");
  };
  const { stdout: first } = await folder.run(["build"]);
  expect(await oldImages()).toMatchObject({
    message: "none from earlier builds of this workspace",
    cure: null,
  });
  folder.write("Dockerfile.poly", `# the same image by another name\n${copying}`);
  const { stdout: same } = await folder.run(["build"]);
  folder.write("folder/one", `${Math.random()}\n`);
  const { stdout: current } = await folder.run(["build"]);
  expect(await oldImages()).toMatchObject({
    message: expect.stringMatching(
      /^[12] images? from earlier builds of this workspace, \d+ MB including shared layers$/,
    ),
    cure: "`polycrate prune --images` removes them",
  });
  await folder.run(["prune", "--images"]);
  const words = ["docker", "image", "ls", "--format={{.Repository}}:{{.Tag}}", "polycrate-workspace"];
  const left = (await call(words)).stdout.split("\n");
  expect(left).toContain(current.trim());
  expect(left).not.toContain(first.trim());
  expect(left).not.toContain(same.trim());
  folder.write("Dockerfile.poly", `# again\n${copying}`);
  const { stdout: newest } = await folder.run(["build"]);
  await folder.run(["prune", "--images"]);
  const after = (await call(words)).stdout.split("\n");
  expect(after).toContain(newest.trim());
  expect(after).not.toContain(current.trim());
}, 30_000);

test("two processes that need the same missing image build it once", async () => {
  using folder = makeWorkspace(`FROM ${busybox}\nRUN sleep 1; echo ${Math.random()} >/copied\n`);
  const results = await Promise.all([folder.run(["build"]), folder.run(["build"]), folder.run(["build"])]);
  expect(results.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0]);
  expect(results.filter(({ stderr }) => stderr.includes("building the image")).length).toBe(1);
  expect(
    results.filter(({ stderr }) =>
      /^waiting for another process that builds the same image \(pid \d+ on .*\)$/m.test(stderr),
    ).length,
  ).toBe(2);
  expect(folder.glob(".polycrate/locks/*")).toEqual([]);
}, 30_000);

test("a build that is stopped leaves no tag and no lock", async () => {
  using folder = makeWorkspace(`FROM ${busybox}\nRUN echo ${Math.random()}; sleep 30\n`);
  const child = Bun.spawn([executable, "build"], { cwd: folder.path, stdout: "ignore", stderr: "pipe" });
  const reader = child.stderr.getReader();
  for (let seen = ""; !seen.includes("Step 2/"); )
    seen += new TextDecoder().decode((await reader.read()).value);
  child.kill("SIGINT");
  expect(await child.exited).toBe(130);
  const { stdout } = await call([
    "docker",
    "image",
    "ls",
    "--quiet",
    `--filter=label=polycrate.workspace=${folder.path}`,
  ]);
  expect(stdout).toBe("");
  expect(folder.glob(".polycrate/locks/*")).toEqual([]);
}, 30_000);

test("keys, logs and artifacts never reach the engine unless they are copied by name, and then there is a warning", async () => {
  using folder = makeWorkspace(`FROM ${busybox}\nCOPY . /copied\n`, {
    id_rsa: "KEY",
    ".git/config": "x",
    ".logs/2026/x.log": "x",
    "artifacts/blocks/app/x": "x",
    kept: `${Math.random()}`,
  });
  chmodSync(join(folder.path, "id_rsa"), 0o600);
  await folder.run(["build"]);
  const list = ["exec", "--", "sh", "-c", "cd /copied; find . -type f | sort"];
  expect((await folder.run(list)).stdout).toBe("./Dockerfile.poly\n./kept\n./workspace.poly\n");
  folder.write("Dockerfile.poly", `FROM ${busybox}\nCOPY id_rsa /copied/\n`);
  const named = await folder.run(list);
  expect(named.stdout).toBe("./id_rsa\n");
  expect(named.stderr).toMatch(/^warning: .*id_rsa/);
}, 30_000);

test("prune --images removes this workspace's images except the current one", async () => {
  using folder = makeWorkspace(copying, { "folder/one": `${Math.random()}\n` });
  const { stdout: old } = await folder.run(["build"]);
  folder.write("folder/one", `${Math.random()}\n`);
  const { stdout: current } = await folder.run(["build"]);
  expect((await folder.run(["prune", "--images", "--dry-run"])).stdout).toBe(`would remove image ${old}`);
  // As the manual's example has it.
  const record = ".logs/2020/01/01/01500e8a-0000-7000-8000-000000000000.yml";
  folder.write(record, "status: failed\n");
  const example = manual.prune?.examples.find(({ command }) => command.includes("--images"));
  const [, ...words] = example?.command.split(" ") ?? [];
  expect((await folder.run(words)).stdout).toBe(`removed ${record}\nremoved image ${old}`);
  expect((await folder.run(["prune", "--images", "--all"])).stdout).toBe(`removed image ${current}`);
});

test("exec passes arguments, input and the exit code through, and starts in the block's folder", async () => {
  using folder = makeFolder({
    "workspace.poly": `name: test-workspace\nconfig: {container: {image: "${busybox}", env: {GREETING: hello}}}`,
    "blocks/app/block.poly": "name: app",
  });
  const words = [
    "exec",
    "--block",
    "app",
    "--",
    "sh",
    "-c",
    'cat; echo "$GREETING $1 $PWD"; exit 9',
    "sh",
    "a b",
  ];
  expect(await folder.run(words, { input: "in\n" })).toMatchObject({
    stdout: "in\nhello a b /workspace/blocks/app\n",
    exitCode: 9,
  });
  expect(await folder.run(["exec", "--", "nonsense"])).toMatchObject({ exitCode: 127 });
  expect((await folder.run(["exec", "--block", "app", "--dry-run", "--", "pwd"])).stdout).toContain(
    "docker run \\\n",
  );
  expect(await folder.run(["exec"])).toMatchObject({ exitCode: 64 });
});

test("a base image that copies by ONBUILD, or sets a variable that is copied by, takes the whole workspace", async () => {
  const base = `polycrate-test-onbuild:${process.pid}`;
  const dockerfile = `FROM ${busybox}\nENV PLACE=other\nONBUILD COPY . /copied\n`;
  await call(["docker", "build", `--tag=${base}`, "-"], { input: dockerfile, env: { DOCKER_BUILDKIT: "0" } });
  try {
    using folder = makeWorkspace(`FROM ${base}\n`, { uncopied: `${Math.random()}` });
    const { stdout } = await folder.run(["exec", "--", "ls", "/copied"]);
    expect(stdout).toBe("Dockerfile.poly\nuncopied\nworkspace.poly\n");
    expect((await folder.run(["build", "--explain"])).stderr).toStartWith(
      `the whole workspace is in the hash: line 1: \`${base}\` copies from the context by ONBUILD\n`,
    );
    folder.write("uncopied", "changed");
    expect((await folder.run(["build"])).stderr).toContain("building the image: uncopied changed\n");
  } finally {
    await call(["docker", "image", "rm", "--force", base]);
  }
}, 30_000);

test("a file that changes while it is sent ends the build, and nothing is tagged", async () => {
  using folder = makeWorkspace(`FROM ${busybox}\nCOPY folder /copied\n`, {
    "folder/one": `${Math.random()}`,
  });
  const dry = await folder.run(["build", "--dry-run"]);
  folder.write("folder/one", "another");
  const { exitCode, stderr } = await call(["sh"], { directory: "/", input: dry.stdout });
  expect(stderr).toContain("folder/one has changed since this script was printed");
  expect(exitCode).not.toBe(0);
});
