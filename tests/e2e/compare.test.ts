import { expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { git } from "../support/git.ts";
import { busybox, makeFolder } from "../support/harness.ts";

const files = {
  "workspace.poly": `name: test-workspace
config:
  container: {image: "${busybox}", env: {REGION: eu}}
blocks:
  - name: web
    from: base
    config:
      replicas: 3
`,
  "blocks/base/block.poly": `name: base
config: {port: 80}
actions:
  - name: go
    script:
      - exit \${1-0}
`,
};

test("two runs that differ in nothing but their times: 0", async () => {
  using folder = makeFolder(files);
  await folder.run(["run", "web", "go"]);
  await folder.run(["run", "web", "go"]);
  const [one, other] = folder.records().map(({ id }) => String(id));
  const { stdout, stderr, exitCode } = await folder.run(["history", "diff", `${one}`, `${other}`]);
  expect(stdout).toMatch(/^KEY +[0-9a-f-]{18} +[0-9a-f-]{18} +DEFINED AT\nduration +[\d.]+ s +[\d.]+ s\n$/);
  expect({ stderr, exitCode }).toEqual({
    stderr: "the runs differ only in their times\n",
    exitCode: 0,
  });
  expect(folder.glob(".logs/snapshots/*")).toHaveLength(1);
  expect((await folder.run(["history", "list"])).stdout).toBe((await folder.run(["history"])).stdout);
});

test("what two runs differ in is printed, with where it is written today: 1", async () => {
  using folder = makeFolder({ ...files, ".gitignore": ".*\nartifacts\n" });
  await git(folder, "init", "--initial-branch=main");
  const commit = async () => {
    await git(folder, "add", "--all");
    await git(folder, "-c", "user.name=x", "-c", "user.email=x@x", "commit", "--quiet", "--message=x");
  };
  await commit();
  await folder.run(["run", "web", "go"]);
  folder.write(
    "workspace.poly",
    files["workspace.poly"].replace("replicas: 3", "replicas: 5").replace("eu", "us"),
  );
  folder.write("blocks/base/block.poly", files["blocks/base/block.poly"].replace("port: 80", "ports: [80]"));
  await commit();
  folder.write("workspace.poly", `${folder.read("workspace.poly")}# more\n`);
  await folder.run(["run", "web", "go", "--", "7"]);
  const [one = {}, other = {}] = folder.records();
  const words = ["history", "diff", String(one.id), String(other.id)];
  const { stdout, exitCode } = await folder.run(words);
  expect(exitCode).toBe(1);
  const rows = stdout
    .split("\n")
    .slice(1, -2)
    .map((line) => line.replace(/ {2,}/g, " | "));
  expect(rows).toEqual([
    "status | succeeded | failed",
    "exit_code | 0 | 7",
    `git_commit | ${one.git_commit} | ${other.git_commit}`,
    "git_dirty | false | true",
    'arguments | [] | ["7"]',
    "workspace.config.container.env.REGION | eu | us | workspace.poly:3:54",
    "workspace.blocks.base.config.port | 80",
    "workspace.blocks.base.config.ports | [80] | blocks/base/block.poly:2:10",
    "block.config.replicas | 3 | 5 | workspace.poly:8:7",
    "block.config.port | 80",
    "block.config.ports | [80] | blocks/base/block.poly:2:10",
    "env.REGION | eu | us | workspace.poly:3:54",
  ]);
  const json = JSON.parse((await folder.run([...words, "--output=json"])).stdout);
  expect(json).toMatchObject({ first: { id: one.id }, second: { id: other.id } });
  expect(json.differences).toContainEqual({
    ...{ key: "block.config.replicas", before: 3, after: 5 },
    ...{ file: "workspace.poly", line: 8, column: 7 },
  });
  expect(json.differences).toContainEqual({ key: "block.config.port", before: 80 });
});

test("a run of an older version, and one whose snapshot is gone, are compared as far as they are known", async () => {
  using folder = makeFolder(files);
  await folder.run(["run", "web", "go"]);
  folder.write("workspace.poly", files["workspace.poly"].replace("eu", "us"));
  await folder.run(["run", "web", "go"]);
  const [one = {}, other = {}] = folder.records();
  rmSync(join(folder.path, `.logs/snapshots/${one.snapshot_sha256}.yml`));
  const gone = await folder.run(["history", "diff", String(one.id), String(other.id)]);
  expect(gone.stderr).toContain("was not kept, so its values are not compared\n");
  expect(gone.stdout).toContain("snapshot_sha256");
  expect(gone.exitCode).toBe(1);
  const [file = ""] = folder.glob(".logs/[0-9]*/**/*.yml");
  const older = folder
    .read(file)
    .replace(
      /^(?:engine|context|image_digest|locked|snapshot_sha256|git_dirty|attempt|warm|inputs|arguments|hosts): .*\n/gm,
      "",
    );
  folder.write(file, older);
  const { stdout, exitCode } = await folder.run(["history", "diff", String(one.id), String(other.id)]);
  expect(stdout.split("\n")).toHaveLength(3);
  expect(exitCode).toBe(0);
  expect(JSON.parse((await folder.run(["history", "--output=json"])).stdout)).toHaveLength(2);
});
