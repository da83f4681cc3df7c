import { expect, test } from "bun:test";
import { chmodSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { readRecord } from "../../src/transactions/history.ts";
import { call, executable, type Folder, makeFolder, workspaceWith } from "../support/harness.ts";

const id = "01a20e8a-0000-7000-8000-000000000000";
const day = ".logs/2026/11/24";
const workspace = workspaceWith("- {name: greet, script: echo hello}");

const record = `id: ${id}
block: b
action: greet
status: failed
exit_code: 3
started: "2026-11-24T10:00:00.000Z"
finished: "2026-11-24T10:00:02.000Z"
`;

/** What a container or a clone may have put in the place of a file. */
const things: Readonly<Record<string, (path: string) => unknown>> = {
  "a pipe": (path) => Bun.spawnSync(["mkfifo", path]),
  "a link to an endless device": (path) => symlinkSync("/dev/zero", path),
  "a sparse file of 3 GB": (path) => Bun.spawnSync(["truncate", "-s", "3G", path]),
  "a folder": (path) => mkdirSync(path),
};

function place(folder: Folder, path: string, thing: (path: string) => unknown): void {
  const absolute = join(folder.path, path);
  rmSync(absolute, { recursive: true, force: true });
  mkdirSync(dirname(absolute), { recursive: true });
  thing(absolute);
}

/** Ends after 30 seconds at the latest, and has no engine. */
function bounded(folder: Folder, ...words: readonly string[]) {
  return call(["timeout", "--signal=KILL", "30", executable, ...words], {
    directory: folder.path,
    env: { DOCKER_HOST: "unix:///nowhere/docker.sock" },
  });
}

/** The lock of a build is waited for, and is looked at in a test of its own. */
const believed = [
  `${day}/${id}.yml`,
  ".polycrate/cache/bases.json",
  ".polycrate/run/01a20e8a-0000-7000-8000-000000000001/owner",
  ".git/HEAD",
  ".git",
];

test.each(
  believed.flatMap((path) => Object.entries(things).map(([what, thing]) => [what, path, thing] as const)),
)(
  "%s as `%s` holds up no command",
  async (_, path, thing) => {
    using folder = makeFolder({ "workspace.poly": workspace, "Dockerfile.poly": "FROM scratch\n" });
    place(folder, path, thing);
    const ends = async (...words: readonly string[]) => (await bounded(folder, ...words)).exitCode;
    expect(await ends("history")).toBe(0);
    expect(await ends("run", "b", "greet", "--dry-run")).toBe(0);
    expect(await ends("inspect", `--transaction=${id}`)).toBe(64);
    // There is no engine: what is looked at here is that the way to it is not blocked.
    expect(await ends("run", "b", "greet")).toBe(69);
  },
  60_000,
);

// A log may have any size.
test.each(Object.entries(things).filter(([what]) => !what.includes("GB")))(
  "%s as a log is not printed",
  async (_, thing) => {
    using folder = makeFolder({ "workspace.poly": workspace, [`${day}/${id}.yml`]: record });
    place(folder, `${day}/${id}.log`, thing);
    expect(await bounded(folder, "logs", "--follow")).toEqual({
      stdout: "",
      stderr: `error: the log \`${day}/${id}.log\` is not a file\nhint: polycrate does not follow links here; move or remove it\n`,
      exitCode: 65,
    });
  },
);

test("a log that is a link is not printed, nor one in a folder that is a link", async () => {
  using folder = makeFolder({
    "workspace.poly": workspace,
    [`${day}/${id}.yml`]: record,
    secret: "secret\n",
  });
  symlinkSync("../../../../secret", join(folder.path, day, `${id}.log`));
  expect(await bounded(folder, "logs")).toMatchObject({ stdout: "", exitCode: 65 });
  using other = makeFolder({ "workspace.poly": workspace });
  symlinkSync(join(folder.path, ".logs"), join(other.path, ".logs"));
  expect(await bounded(other, "logs")).toMatchObject({ stdout: "", exitCode: 64 });
  expect(await bounded(other, "history")).toEqual({ stdout: "", stderr: "", exitCode: 0 });
});

const secretFrom = (path: string) =>
  workspaceWith("- {name: greet, script: echo hello}", `env: {TOKEN: {from_file: ${path}}}`);

test.each([
  ["a pipe", "`secret` is not a file"],
  ["a link to an endless device", "`secret` is not a file"],
  ["a folder", "`secret` is not a file"],
  ["a sparse file of 3 GB", "the value of `TOKEN` is too long: Linux passes at most 128 KiB to a program"],
])("%s as `from_file` is refused with its position", async (what, message) => {
  using folder = makeFolder({ "workspace.poly": secretFrom("secret") });
  place(folder, "secret", things[what] ?? (() => {}));
  for (const words of [
    ["snapshot", "b", "greet"],
    ["run", "b", "greet", "--dry-run"],
  ]) {
    const { stdout, stderr, exitCode } = await bounded(folder, ...words);
    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 65 });
    expect(stderr).toStartWith(`error: workspace.poly:5:18: ${message}\nhint: `);
  }
});

test("a `from_file` in the workspace that leads out of it is refused, and one that is named outside of it is not", async () => {
  using outside = makeFolder({ file: "secret\n" }, "outside");
  using folder = makeFolder({ "workspace.poly": secretFrom("keys/secret"), "keys/real": "s3cr3t\n" });
  const words = ["run", "b", "greet", "--dry-run"];
  for (const [link, target] of [
    ["keys/secret", `${outside.path}/file`],
    ["keys", outside.path],
  ] as const) {
    rmSync(join(folder.path, link), { recursive: true, force: true });
    symlinkSync(target, join(folder.path, link));
    if (link === "keys") symlinkSync("file", join(outside.path, "secret"));
    expect(await bounded(folder, ...words)).toEqual({
      stdout: "",
      stderr: `error: workspace.poly:5:18: \`keys/secret\` is a link to a path outside of the workspace\nhint: replace the link with the file, or use its path: \`${outside.path}/file\`\n`,
      exitCode: 65,
    });
  }
  folder.write("workspace.poly", secretFrom(`${outside.path}/secret`));
  expect(await bounded(folder, ...words)).toMatchObject({ stderr: "", exitCode: 0 });
});

test("a printed script does not read a secret through a link that was not there", async () => {
  using outside = makeFolder({ file: "secret\n" }, "outside");
  using folder = makeFolder({ "workspace.poly": secretFrom("keys/secret"), "keys/real": "s3cr3t\n" });
  symlinkSync("real", join(folder.path, "keys/secret"));
  const { stdout: script } = await bounded(folder, "run", "b", "greet", "--dry-run");
  expect(script).toContain(`$(cat ${folder.path}/keys/real && printf x)`);
  place(folder, "keys/real", (at) => symlinkSync(`${outside.path}/file`, at));
  expect(await call(["sh"], { input: script, env: { DOCKER_HOST: "unix:///nowhere/docker.sock" } })).toEqual({
    stdout: "",
    stderr: `error: \`${folder.path}/keys/real\` is not a file\nhint: polycrate does not follow links here; move or remove it\n`,
    exitCode: 73,
  });
});

test.each([
  ["Dockerfile.poly", "a sparse file of 3 GB", "is larger than 16 MB"],
  [".dockerignore", "a sparse file of 3 GB", "is larger than 16 MB"],
  [".dockerignore", "a pipe", "is not a file"],
  [".dockerignore", "a folder", "is not a file"],
])("`%s` as %s is refused", async (path, what, reason) => {
  using folder = makeFolder({ "workspace.poly": workspace, "Dockerfile.poly": "FROM scratch\nCOPY . /\n" });
  place(folder, path, things[what] ?? (() => {}));
  const { stdout, stderr, exitCode } = await bounded(folder, "run", "b", "greet", "--dry-run");
  expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 65 });
  expect(stderr).toStartWith(`error: \`${folder.path}/${path}\` ${reason}\nhint: `);
});

test.each([
  ["exit_code: {a: 1}"],
  ["finished: [1]"],
  ["finished: yesterday"],
  ["block: {a: 1}"],
  ["artifacts: 3"],
  ["artifacts: [{path: 3, size: x}]"],
  ["command: {a: b}"],
  ["id: 01a20e8a-0000-7000-8000-000000000009"],
  ["pid: .nan"],
])("what has `%s` is not a record", async (line) => {
  using folder = makeFolder({ "workspace.poly": workspace });
  const key = line.split(":")[0];
  const others = record.split("\n").filter((one) => !one.startsWith(`${key}:`));
  folder.write(`${day}/${id}.yml`, [...others, line, ""].join("\n"));
  expect((await bounded(folder, "history")).stdout).toBe("");
  folder.write(`${day}/${id}.yml`, record);
  expect((await bounded(folder, "history")).stdout).toMatch(/ failed 3 +[\d.]+ s +b greet\n$/);
});

test("a record with tens of thousands of artifacts is listed, and read without them", async () => {
  using folder = makeFolder({ "workspace.poly": workspace });
  const artifact = "  - path: artifacts/blocks/b/a-file\n    size: 1\n    change: new\n";
  folder.write(`${day}/${id}.yml`, `${record}artifacts:\n${artifact.repeat(30_000)}`);
  expect((await bounded(folder, "history")).stdout).toContain("b greet\n");
  folder.write(`${day}/${id}.yml`, `artifacts:\n${artifact.repeat(30_000)}${record}`);
  expect((await bounded(folder, "history")).stdout).toBe("");
});

test("the head of a record is the record without its command and artifacts, however long these are", () => {
  using folder = makeFolder({});
  const file = `${day}/${id}.yml`;
  folder.write(file, `${record}command:\n${"  - docker\n".repeat(100_000)}artifacts: []\n`);
  const head = readRecord(folder.path, file, "head");
  expect([...(head?.record.keys() ?? [])]).toEqual(record.match(/^\w+/gm) ?? []);
  expect(head?.status).toBe("failed");
  folder.write(file, `${"command:\n  - docker\n".repeat(50_000)}${record}`);
  expect(readRecord(folder.path, file, "head")).toBeUndefined();
});

test("what the last image was built from is not read when it is more than a build writes", async () => {
  using folder = makeFolder({
    "workspace.poly": workspaceWith("[]").replace(/\n.*image: .*/, "\n    dockerfile: Dockerfile.poly"),
    "Dockerfile.poly": "FROM x:1\nCOPY a /a\n",
    a: "",
    ".polycrate/cache/built.json": `{${Array.from({ length: 1_000_000 }, (_, index) => `"${index}":0`).join()}}`,
    "bin/docker": "#!/bin/sh\nexit 1\n",
  });
  chmodSync(join(folder.path, "bin/docker"), 0o755);
  const run = Bun.spawn([executable, "build", "--explain"], {
    cwd: folder.path,
    env: { ...process.env, PATH: `${folder.path}/bin:${process.env.PATH}` },
    stdio: ["ignore", "ignore", "pipe"],
  });
  expect(await new Response(run.stderr).text()).toEndWith(
    "has to be built: the engine does not have the image\n",
  );
  await run.exited;
});

test("a record is shown without what turns the direction of text", async () => {
  using folder = makeFolder({ "workspace.poly": workspace });
  folder.write(`${day}/${id}.yml`, `${record}user: "a\\u202eb\\u2066c\\u200fd"\nkey\u202e: 1\n`);
  const { stdout, exitCode } = await bounded(folder, "inspect", `--transaction=${id}`);
  expect(exitCode).toBe(0);
  expect(stdout).toContain('user: "a\\u202eb\\u2066c\\u200fd"');
  expect(stdout).not.toMatch(/[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/);
});

const keyed = { "workspace.poly": workspace, "keys/key": "key\n" };

test.each(["id_rsa", "id_rsa.pub", "known_hosts"])(
  "`%s` as a link out of the workspace is refused",
  async (name) => {
    using outside = makeFolder({ file: "" }, "outside");
    using folder = makeFolder(keyed);
    symlinkSync(`${outside.path}/file`, join(folder.path, name));
    const cure = {
      id_rsa: "replace the link with the file, or set `config.sshprivatekey` to",
      "id_rsa.pub": "replace the link with the file, or set `config.sshpublickey` to",
      known_hosts: "replace the link with a copy of",
    }[name];
    for (const words of [
      ["run", "b", "greet"],
      ["run", "b", "greet", "--dry-run"],
      ["snapshot", "b"],
    ]) {
      expect(await bounded(folder, ...words)).toEqual({
        stdout: "",
        stderr: `error: \`${name}\` is a link to a path outside of the workspace\nhint: ${cure} \`${outside.path}/file\`\n`,
        exitCode: 65,
      });
    }
  },
);

test("a mount that leads out of the workspace by a link is refused, unless it is named itself", async () => {
  using outside = makeFolder({ file: "secret\n" });
  using folder = makeFolder({ "workspace.poly": "", "inside/file": "value\n" });
  const run = (path: string) => {
    const text = `${workspaceWith("- {name: a, script: echo}")}extramounts: ['${path}:/file']\n`;
    folder.write("workspace.poly", text);
    return folder.run(["run", "b", "a", "--dry-run"]);
  };
  symlinkSync("inside", join(folder.path, "data"));
  expect((await run("data/file")).exitCode).toBe(0);
  rmSync(join(folder.path, "data"));
  symlinkSync(outside.path, join(folder.path, "data"));
  for (const path of ["data/file", `${folder.path}/data/file`]) {
    const { stderr, exitCode } = await run(path);
    expect(exitCode).toBe(65);
    expect(stderr).toContain(`: \`${path}\` is a link to a path outside of the workspace\n`);
    expect(stderr).toContain(`hint: use its real path: \`${outside.path}/file\`\n`);
  }
  expect((await run(`${outside.path}/file`)).exitCode).toBe(0);
});

test("a key outside of the workspace may be named by an absolute path, and a link inside leads to its file", async () => {
  using outside = makeFolder({ key: "key\n" }, "outside");
  using folder = makeFolder(keyed);
  Bun.spawnSync(["chmod", "600", join(outside.path, "key"), join(folder.path, "keys/key")]);
  symlinkSync("keys/key", join(folder.path, "id_rsa"));
  symlinkSync("keys/hosts", join(folder.path, "known_hosts"));
  folder.write("keys/hosts", "");
  const linked = await bounded(folder, "run", "b", "greet", "--dry-run");
  expect(linked).toMatchObject({ stderr: "", exitCode: 0 });
  expect(linked.stdout).toContain(
    `--mount=type=bind,source=${folder.path}/keys/key,target=/root/.ssh/id_rsa,readonly`,
  );
  expect(linked.stdout).toContain(
    `--mount=type=bind,source=${folder.path}/keys/hosts,target=/root/.ssh/known_hosts`,
  );
  folder.write(
    "workspace.poly",
    workspace.replace("config:\n", `config:\n  sshprivatekey: ${outside.path}/key\n`),
  );
  expect((await bounded(folder, "run", "b", "greet", "--dry-run")).stdout).toContain(
    `source=${outside.path}/key,`,
  );
});

/** What a printed script writes through, and what may be in its place. */
const written: readonly (readonly [string, "file" | "folder"])[] = [
  [".polycrate", "folder"],
  [".polycrate/run", "folder"],
  [".polycrate/.gitignore", "file"],
  [".snapshot.yml", "file"],
  ["artifacts", "folder"],
  ["artifacts/blocks", "folder"],
  ["artifacts/blocks/b", "folder"],
  ["known_hosts", "file"],
];

test.each(
  written.flatMap(([path, kind]) =>
    ["link", "thing of another kind"].map((what) => [path, what, kind] as const),
  ),
)("a printed script ends with 73, as the run does, when `%s` is a %s", async (path, what, kind) => {
  using outside = makeFolder({ "folder/.keep": "" }, "outside");
  using folder = makeFolder({ "workspace.poly": workspace, id_rsa: "key\n" });
  Bun.spawnSync(["chmod", "600", join(folder.path, "id_rsa")]);
  const { stdout: script } = await bounded(folder, "run", "b", "greet", "--dry-run");
  place(folder, path, (at) => {
    if (what === "link")
      symlinkSync(kind === "folder" ? `${outside.path}/folder` : `${outside.path}/new`, at);
    else if (kind === "folder") Bun.write(at, "");
    else mkdirSync(at);
  });
  const isHosts = path === "known_hosts" && what === "link";
  const refusal = {
    stdout: "",
    stderr: `error: \`${folder.path}/${path}\` is not a ${kind}\nhint: polycrate does not follow links here; move or remove it\n`,
    exitCode: 73,
  };
  expect(await call(["sh"], { input: script, env: { DOCKER_HOST: "unix:///nowhere/docker.sock" } })).toEqual(
    refusal,
  );
  if (!isHosts) expect(await bounded(folder, "run", "b", "greet")).toEqual(refusal);
  expect(outside.glob("**/*")).toEqual(["folder/.keep"]);
});

test("a workspace that has become read-only is 73, not a bug", async () => {
  using folder = makeFolder({ "workspace.poly": workspace });
  await bounded(folder, "run", "b", "greet");
  const shown = `mount --bind . . && mount -o remount,ro,bind . && cd "$PWD" && "$@"; echo "code $?" >&2`;
  for (const words of [
    ["run", "b", "greet"],
    ["exec", "--", "true"],
  ]) {
    const { stderr } = await call(["unshare", "--mount", "sh", "-c", shown, "sh", executable, ...words], {
      directory: folder.path,
      env: { DOCKER_HOST: "unix:///nowhere/docker.sock" },
    });
    expect(stderr).toMatch(
      /^error: cannot write `.*`: the file system is read-only\nhint: use a writable file system\ncode 73\n$/,
    );
  }
});
