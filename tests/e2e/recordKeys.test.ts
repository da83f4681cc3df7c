import { expect, test } from "bun:test";
import { recordKeys } from "../../src/transactions/transaction.ts";
import { git } from "../support/git.ts";
import { busybox, type CallOptions, type Folder, makeFolder } from "../support/harness.ts";

const workspace = `name: test-workspace
config: {container: {image: "${busybox}"}}
blocks:
  - name: b
    config: {x: 1}
    actions:
      - {name: go, script: 'cat in >"$POLYCRATE_BLOCK_ARTIFACTS/out"'}
      - {name: other, script: "true"}
      - {name: fail, script: [":", exit 3]}
      - {name: wait, script: sleep 60, timeout: 1}
  - {name: c, actions: [{name: go, script: "true"}]}
workflows:
  - {name: w, steps: [{name: one, block: b, action: go}]}
  - {name: m, steps: [{name: one, block: b, action: go, matrix: {region: [eu]}}]}
  - {name: again, steps: [{name: one, block: b, action: fail, retries: 1}]}
`;

/** Runs the action, and returns its record. */
async function recordOf(folder: Folder, words: readonly string[] = ["b", "go"], options: CallOptions = {}) {
  const { stderr, exitCode } = await folder.run(["run", ...words], options);
  const record = folder.records().at(-1) ?? {};
  expect({ exitCode, stderr }).toMatchObject({ exitCode: record.exit_code });
  return record;
}

const socket = process.env.DOCKER_HOST ?? "unix:///var/run/docker.sock";

type Cause = (folder: Folder) => Promise<unknown> | unknown;
type Case = {
  readonly keys: readonly string[];
  readonly change?: Cause;
  readonly words?: readonly string[];
  readonly options?: CallOptions;
};

const other = busybox.replace("busybox", "debian");

const cases: readonly Case[] = [
  { keys: ["block"], words: ["c", "go"] },
  { keys: ["action"], words: ["b", "other"] },
  { keys: ["workflow", "workflow_run", "step"], words: ["w"] },
  { keys: ["matrix"], words: ["m"] },
  { keys: ["attempt"], words: ["again"] },
  { keys: ["status", "exit_code", "failed_at"], words: ["b", "fail"] },
  { keys: ["container_exit_code"], words: ["b", "wait"] },
  { keys: ["image", "image_id"], words: ["b", "go", `--image=${other}`] },
  { keys: ["arguments", "command"], words: ["b", "go", "--", "x"] },
  { keys: ["context"], options: { env: { DOCKER_HOST: socket.replace("unix:///", "unix:////") } } },
  {
    keys: ["snapshot_sha256"],
    change: (folder) => folder.write("workspace.poly", workspace.replace("x: 1", "x: 2")),
  },
  { keys: ["snapshot_sha256"], words: ["b", "go", "--env=A=b"] },
  { keys: ["git_dirty"], change: (folder) => folder.write("tracked", "2") },
  { keys: ["git_commit"], change: (folder) => commit(folder, "--allow-empty") },
  { keys: ["artifacts"], change: (folder) => folder.write("in", "2") },
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

test.each(cases)("$keys change when their cause does", async ({ keys, change, words, options }) => {
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
  for (const key of keys) {
    // The command names the container, which is named by the run's id.
    if (key !== "command") expect(same[key]).toEqual(before[key]);
    expect(after[key]).not.toEqual(before[key]);
  }
});

/** Of another time, process, machine or version; tested where the cause is; or the same in every run so far. */
const others = [
  ...["id", "started", "finished", "pid", "pid_start", "workspace", "user", "host", "polycrate"],
  ...["hosts", "inspected", "image_digest", "locked"],
  ...["engine", "warm", "inputs"],
];

test("every key is among them, or one of those others", () => {
  const known = new Set([...cases.flatMap(({ keys }) => keys), ...others]);
  expect([...known].toSorted()).toEqual(Object.keys(recordKeys).toSorted());
});

test("a record says what is the same in every run so far, and what is not known", async () => {
  using folder = makeFolder({ "workspace.poly": workspace, in: "1" });
  expect(await recordOf(folder)).toMatchObject({
    ...{ engine: "docker", image_digest: null, locked: {}, git_commit: null, git_dirty: null },
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
