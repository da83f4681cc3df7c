import { expect, spyOn, test } from "bun:test";
import { rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { thisOwner, writeOwner } from "../../../src/host/owner.ts";
import type { ContainerStep, RecordPlan } from "../../../src/plan/plan.ts";
import { cancellationBy } from "../../../src/run/cancellation.ts";
import { runAction } from "../../../src/run/runAction.ts";
import { type Changes, container, eventLog, planIn, recordPlan } from "../../support/execution.ts";
import { fakeHost, shell } from "../../support/fakes.ts";
import { git } from "../../support/git.ts";
import { type Folder, makeFolder } from "../../support/harness.ts";

const id = "01a20e8a-0000-7000-8000-00c0ffee0001";
const record = `.logs/2026/11/24/${id}.yml`;
const log = `.logs/2026/11/24/${id}.log`;

const sha256 = (text: string) => new Bun.CryptoHasher("sha256").update(text).digest("hex");

/** Runs a plan of one container, and returns how it ended and all that the events told. */
async function run(
  folder: Folder,
  text: string,
  {
    step,
    recorded,
    ...changes
  }: Changes & { step?: Partial<ContainerStep>; recorded?: Partial<RecordPlan> } = {},
) {
  const engine = { inspectImage: () => shell("echo sha256:7"), ...changes.engine };
  const plan = {
    ...planIn(folder, [container(folder, text, step)], { ...changes, engine }),
    record: recordPlan({ id, artifacts: "artifacts/b", ...recorded }),
  };
  const events = eventLog();
  const cancellation = cancellationBy({ onSignal: () => () => {}, outputs: [] });
  const outcome = await runAction(plan, cancellation, [events.read], fakeHost());
  return { ...outcome, ...events };
}

const started = "echo started >status; ";

test("a run is recorded with all that is known of it, its output is in the log", async () => {
  using folder = makeFolder({ "artifacts/b/old": "1", "artifacts/b/kept": "1" });
  const text = `${started}echo out; echo 22 >artifacts/b/old; echo 1 >artifacts/b/new`;
  const recorded = { workflow: "w", workflowRun: "r", step: "s", arguments: ["a b"] };
  const engine = {
    inspectImage: () => shell('echo \'sha256:7 ["else@sha256:8","busybox@sha256:8"]\''),
  };
  const { transaction, stopped, told } = await run(folder, text, { recorded, engine });
  expect(parse(folder.read(record))).toEqual({
    id,
    workspace: folder.path,
    block: "b",
    action: "act",
    workflow: "w",
    workflow_run: "r",
    step: "s",
    matrix: {},
    status: "succeeded",
    exit_code: 0,
    container_exit_code: null,
    started: "2026-11-24T10:00:00.000Z",
    finished: "2026-11-24T10:00:00.000Z",
    engine: "docker",
    context: "default",
    image: "busybox",
    image_id: "sha256:7",
    image_digest: "busybox@sha256:8",
    locked: {},
    snapshot_sha256: "0",
    user: "anna",
    host: transaction.owner.host,
    pid: process.pid,
    pid_start: transaction.owner.start,
    polycrate: "1.2.3",
    git_commit: null,
    git_dirty: null,
    failed_at: null,
    inspected: null,
    attempt: 1,
    warm: false,
    inputs: {},
    command: ["sh", "-c", expect.stringContaining("artifacts"), "sh"],
    arguments: ["a b"],
    hosts: [],
    artifacts: [
      { path: "artifacts/b/new", size: 2, change: "new", sha256: sha256("1\n") },
      { path: "artifacts/b/old", size: 3, change: "changed", sha256: sha256("22\n") },
    ],
  });
  expect(folder.read(log)).toBe("out\n");
  expect(stopped).toBe(undefined);
  expect([told()[0], ...told().slice(-3)]).toEqual(["planned", "artifact", "artifact", "finished"]);
});

test("tracked files that differ from the commit make the record dirty, files that git does not track do not", async () => {
  using folder = makeFolder({ file: "1", ".gitignore": ".logs\n" });
  await git(folder, "init");
  await git(folder, "add", "file");
  await git(folder, "-c", "user.name=x", "-c", "user.email=x@x", "commit", "--message=x");
  const dirty = async (text: string) => (await run(folder, `${started}${text}`)).transaction.dirty;
  expect(await dirty(":")).toBe(false);
  rmSync(join(folder.path, ".logs"), { recursive: true });
  folder.write("file", "2");
  expect(await dirty(":")).toBe(true);
  rmSync(join(folder.path, ".logs"), { recursive: true });
  rmSync(join(folder.path, "status"));
  expect((await run(folder, "exit 125")).transaction).toMatchObject({
    ...{ commit: await git(folder, "rev-parse", "HEAD"), dirty: undefined },
  });
});

test("the record is there, `running`, before the first step", async () => {
  using folder = makeFolder({});
  await run(folder, `grep -h '^status\\|^finished\\|^exit_code' ${record} >seen`);
  expect(folder.read("seen")).toBe("status: running\nexit_code: null\nfinished: null\n");
});

test.each([
  [`${started}exit 7`, { status: "failed", exit_code: 7, container_exit_code: null, image_id: "sha256:7" }],
  ["exit 125", { status: "failed", exit_code: 125, container_exit_code: null, image_id: null }],
  [
    `${started}echo 'error waiting for container' >&2; exit 125`,
    { status: "failed", exit_code: 69, container_exit_code: 125 },
  ],
])("a run that does %j is recorded as %j", async (text, expected) => {
  using folder = makeFolder({});
  await run(folder, text);
  expect(parse(folder.read(record))).toMatchObject(expected);
});

test("a run that takes too long is recorded as timed out", async () => {
  using folder = makeFolder({});
  const { stopped } = await run(folder, `${started}exec sleep 600`, { step: { timeout: 0.05 } });
  expect(stopped).toBe("timeout");
  expect(parse(folder.read(record))).toMatchObject({
    ...{ status: "timed_out", exit_code: 124, container_exit_code: 143 },
  });
});

test("a run that throws is recorded as failed, with the code it ends with", async () => {
  using folder = makeFolder({});
  await expect(run(folder, "", { step: { argv: ["polycrate-no-such-program"] } })).rejects.toMatchObject({
    exitCode: 69,
  });
  expect(parse(folder.read(record))).toMatchObject({ status: "failed", exit_code: 69 });
});

test("an image that the engine does not tell of has no id, and is asked for once more at the end", async () => {
  using folder = makeFolder({});
  const inspectImage = () => shell("echo x >>asked; exit 1");
  await run(folder, `${started}:`, { engine: { inspectImage } });
  expect(parse(folder.read(record))).toMatchObject({ status: "succeeded", image_id: null });
  expect(folder.read("asked")).toBe("x\nx\n");
});

test("of an image whose name a pull gives to another one, the record has the one that ran", async () => {
  using folder = makeFolder({});
  const inspectImage = () => shell("cat pulled 2>/dev/null || { echo sha256:1; echo >asked; }");
  const text = `while [ ! -e asked ]; do sleep 0.01; done; echo "latest: Pulling from x" >&2
    echo sha256:2 >pulled; until grep -qs Pulling ${log}; do sleep 0.01; done; ${started}:`;
  await run(folder, text, { engine: { inspectImage } });
  expect(parse(folder.read(record))).toMatchObject({ status: "succeeded", image_id: "sha256:2" });
});

test("an engine without a client tells of no image, and fails nothing", async () => {
  using folder = makeFolder({});
  const inspectImage = () => ["polycrate-no-such-program"];
  await run(folder, `${started}:`, { engine: { inspectImage } });
  expect(parse(folder.read(record))).toMatchObject({ status: "succeeded", image_id: null });
});

test("secrets are masked in log, record, arguments and artifacts' names", async () => {
  using folder = makeFolder({});
  const environment = [{ name: "CARRIER", value: "s3cret", from: { variable: "TOKEN" } }];
  const text = `${started}mkdir -p artifacts/b; echo "$CARRIER"; : >artifacts/b/"$CARRIER"`;
  const argv = shell(text, "--token=s3cret");
  await run(folder, text, {
    step: { environment, argv },
    recorded: { arguments: ["--token=s3cret", "s3cre"] },
  });
  expect(folder.read(log)).toBe("***\n");
  expect(folder.read(record)).not.toContain("s3cret");
  expect(parse(folder.read(record))).toMatchObject({
    command: expect.arrayContaining(["--token='***'"]),
    arguments: ["--token=***", "s3cre"],
  });
  expect(parse(folder.read(record)).artifacts).toEqual([
    { path: "artifacts/b/***", size: 0, change: "new", sha256: sha256("") },
  ]);
});

test("a record that cannot be finished is warned of, and not the run's failure", async () => {
  using folder = makeFolder({});
  const { transaction, told } = await run(folder, `${started}mv .logs away; ln -s away .logs`);
  expect(transaction.status).toBe("succeeded");
  expect(told().slice(-2)).toEqual([
    expect.stringMatching(/^warning: the record is incomplete: /),
    "finished",
  ]);
});

test("a run whose record cannot be written does not start: 73", async () => {
  using folder = makeFolder({});
  symlinkSync("elsewhere", join(folder.path, ".logs"));
  await expect(run(folder, "touch ran")).rejects.toMatchObject({ exitCode: 73 });
  expect(folder.glob("ran")).toEqual([]);
});

test("a run that lacks a file which has to be there does not start, and has no record: 65", async () => {
  using folder = makeFolder({});
  const requires = [{ path: "hosts", message: "no hosts", hint: "write them" }];
  await expect(run(folder, "touch ran", { plan: { requires } })).rejects.toMatchObject({ exitCode: 65 });
  expect(folder.glob("**/*")).toEqual([]);
});

test("a run that died before is warned of", async () => {
  const dead = writeOwner({ ...thisOwner(), start: "00000000-1" });
  using folder = makeFolder({ ".polycrate/run/x/owner": dead });
  expect((await run(folder, started)).told()[1]).toBe(
    "warning: an earlier run was not cleaned up\nhint: `polycrate prune` removes what it left behind",
  );
});

/** The paths of foreign files that a run told of, for a caller with another uid. */
async function foreignFiles(folder: Folder, text: string, blockFolder?: string) {
  const caller = spyOn(process, "getuid").mockReturnValue(54_321);
  try {
    const { events } = await run(folder, text, { recorded: { blockFolder } });
    return events.flatMap((event) => (event.type === "foreignFiles" ? event.paths : []));
  } finally {
    caller.mockRestore();
  }
}

test("files of another owner that came in the block's folder or among the artifacts are told", async () => {
  using folder = makeFolder({ "artifacts/b/old": "", "blocks/b/old": "" });
  const text = `${started}touch artifacts/b/new blocks/b/new other`;
  expect(await foreignFiles(folder, text, "blocks/b")).toEqual(["artifacts/b/new", "blocks/b/new"]);
});

test("a run without a block's folder has foreign artifacts alone, and root has none", async () => {
  using folder = makeFolder({ "artifacts/b/old": "" });
  expect(await foreignFiles(folder, `${started}touch artifacts/b/new other`)).toEqual(["artifacts/b/new"]);
  const caller = spyOn(process, "getuid").mockReturnValue(0);
  using other = makeFolder({});
  const { told } = await run(other, `${started}mkdir -p artifacts/b; touch artifacts/b/x`);
  caller.mockRestore();
  expect(told()).not.toContain("foreignFiles");
});
