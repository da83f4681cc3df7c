import { afterAll, expect, test } from "bun:test";
import { chmodSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { busybox, call, executable, type Folder, makeFolder } from "./harness.ts";

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

const builders = [
  ["the classic builder", { DOCKER_BUILDKIT: "0" }],
  ["BuildKit", { DOCKER_BUILDKIT: "1", PATH: `/usr/bin:${process.env.PATH}` }],
] as const;

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
    /^polycrate-workspace:[0-9a-f]+ is to be built: this workspace has no image yet\n$/,
  );
  await folder.run(["build"]);
  expect((await folder.run(["build", "--explain"])).stderr).toMatch(
    /^polycrate-workspace:[0-9a-f]+ is built\n$/,
  );
  folder.write("folder/two", "2");
  expect((await folder.run(["build", "--explain"])).stderr).toContain("is to be built: folder/two added\n");
});

test("`--build` and `--no-cache` build again, `--no-build` refuses", async () => {
  using folder = makeWorkspace(copying, { "folder/one": `${Math.random()}\n` });
  const refused = await folder.run(["run", "app", "show", "--no-build"]);
  expect(refused.stderr).toContain("hint: run without `--no-build`, or `polycrate build`\n");
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
    using folder = makeWorkspace(`FROM ${busybox}\n\nRUN echo ${Math.random()} && \\\n  false\n`);
    const { stdout, stderr, exitCode } = await folder.run(["build"], { env });
    expect(stderr).toContain("error: the image could not be built: Dockerfile.poly:3: RUN echo");
    expect(stderr).toContain("`polycrate build --dry-run | sh` repeats it by hand\n");
    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 1 });
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

test("the command that repeats a failed build works when it is pasted", async () => {
  using folder = makeWorkspace(`FROM ${busybox}\nRUN echo ${Math.random()} && false\n`);
  const { stdout, exitCode } = await call(["sh", "-c", `${executable} build --dry-run | sh`], {
    directory: folder.path,
  });
  expect(stdout).toContain("Step 2/");
  expect(exitCode).not.toBe(0);
});

test("two processes that need the same missing image build it once", async () => {
  using folder = makeWorkspace(`FROM ${busybox}\nRUN sleep 1; echo ${Math.random()} >/copied\n`);
  const results = await Promise.all([folder.run(["build"]), folder.run(["build"]), folder.run(["build"])]);
  expect(results.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0]);
  expect(results.filter(({ stderr }) => stderr.includes("building the image")).length).toBe(1);
  expect(
    results.filter(({ stderr }) =>
      /^waiting for process \d+ on .*, which builds the same image$/m.test(stderr),
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
  expect((await folder.run(["prune", "--images"])).stdout).toBe(`removed image ${old}`);
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
      `the whole workspace counts: line 1: \`${base}\` copies from the context by ONBUILD\n`,
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
