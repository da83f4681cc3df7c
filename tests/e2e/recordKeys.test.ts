import { expect, test } from "bun:test";
import { git } from "../support/git.ts";
import { busybox, type CallOptions, type Folder, makeFolder } from "../support/harness.ts";

const workspace = `name: test-workspace
config: {container: {image: "${busybox}"}}
blocks: [{name: b, config: {x: 1}, actions: [{name: go, script: 'cat in >"$POLYCRATE_BLOCK_ARTIFACTS/out"'}]}]
`;

/** Runs the action, and returns its record. */
async function recordOf(folder: Folder, words: readonly string[] = [], options: CallOptions = {}) {
  const { stderr, exitCode } = await folder.run(["run", "b", "go", ...words], options);
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  return folder.records().at(-1) ?? {};
}

const socket = process.env.DOCKER_HOST ?? "unix:///var/run/docker.sock";

type Cause = (folder: Folder) => Promise<unknown> | unknown;
type Case = {
  readonly key: string;
  readonly change?: Cause;
  readonly words?: readonly string[];
  readonly options?: CallOptions;
};

const cases: readonly Case[] = [
  { key: "arguments", words: ["--", "x"] },
  { key: "command", words: ["--", "x"] },
  { key: "context", options: { env: { DOCKER_HOST: socket.replace("unix:///", "unix:////") } } },
  {
    key: "snapshot_sha256",
    change: (folder) => folder.write("workspace.poly", workspace.replace("x: 1", "x: 2")),
  },
  { key: "snapshot_sha256", words: ["--env=A=b"] },
  { key: "git_dirty", change: (folder) => folder.write("tracked", "2") },
  { key: "git_commit", change: (folder) => commit(folder, "--allow-empty") },
  { key: "artifacts", change: (folder) => folder.write("in", "2") },
];

function commit(folder: Folder, ...options: readonly string[]): Promise<string> {
  return git(
    folder,
    "-c",
    "user.name=x",
    "-c",
    "user.email=x@x",
    "commit",
    "--quiet",
    "--message=x",
    ...options,
  );
}

test.each(cases)("$key changes when its cause does", async ({ key, change, words, options }) => {
  using folder = makeFolder({ "workspace.poly": workspace, in: "1", tracked: "1" });
  await git(folder, "init", "--initial-branch=main");
  await git(folder, "add", "tracked");
  await commit(folder);
  // The second run changes the artifact of the first.
  await recordOf(folder);
  const before = await recordOf(folder);
  const same = await recordOf(folder);
  await change?.(folder);
  const after = await recordOf(folder, words, options);
  if (key !== "command") expect(same[key]).toEqual(before[key]);
  expect(after[key]).not.toEqual(before[key]);
});

test("a record says what is the same in every run so far, and what is not known", async () => {
  using folder = makeFolder({ "workspace.poly": workspace, in: "1" });
  expect(await recordOf(folder)).toMatchObject({
    ...{ engine: "docker", image_digest: null, git_commit: null, git_dirty: null },
    ...{ attempt: 1, warm: false, inputs: {}, arguments: [], hosts: [] },
    artifacts: [{ sha256: new Bun.CryptoHasher("sha256").update("1").digest("hex") }],
  });
});

test("history, inspect and run print the same record", async () => {
  using folder = makeFolder({ "workspace.poly": workspace, in: "1" });
  const run = await folder.run(["run", "b", "go", "--output=json", "--", "a b"]);
  const [record] = JSON.parse(run.stdout);
  const history = await folder.run(["history", "--output=json"]);
  expect(JSON.parse(history.stdout)).toEqual([record]);
  const inspect = await folder.run(["inspect", `--transaction=${record.id}`, "--output=json"]);
  expect(JSON.parse(inspect.stdout)).toEqual(record);
});
