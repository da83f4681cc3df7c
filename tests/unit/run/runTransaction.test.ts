import { expect, spyOn, test } from "bun:test";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { Engine } from "../../../src/engine/engine.ts";
import type { Plan, Step } from "../../../src/plan/plan.ts";
import { type RunSubject, runTransaction } from "../../../src/run/runTransaction.ts";
import { fakeEngine, fakeHost, shell } from "../../support/fakes.ts";
import { type Folder, makeFolder } from "../../support/harness.ts";

const id = "01a20e8a-0000-7000-8000-00c0ffee0001";
const record = `.logs/2026/11/24/${id}.yml`;
const log = `.logs/2026/11/24/${id}.log`;

function transact(
  folder: Folder,
  step: Partial<Step>,
  subject: Partial<RunSubject> = {},
  engine: Partial<Engine> = {},
) {
  const plan: Plan = {
    engine: fakeEngine({
      inspectImage: () => shell("echo sha256:7"),
      removeContainer: () => shell(":"),
      ...engine,
    }),
    title: "",
    workspace: folder.path,
    runDirectory: undefined,
    folders: [],
    files: [],
    steps: [{ name: "run", argv: shell(":"), environment: [], ...step }],
  };
  const host = fakeHost();
  return runTransaction(
    plan,
    {
      ...{ id, block: "b", action: "act", workflow: undefined, workflowRun: undefined, step: undefined },
      ...{
        image: "busybox",
        version: "1.2.3",
        logsRoot: ".logs",
        artifacts: "artifacts/b",
        blockFolder: undefined,
      },
      ...{ container: "c", status: join(folder.path, "status"), verbose: false, buildOutput: "whole" },
      ...{ terminal: { interactive: false, isTerminal: false }, stopTimeout: 10, timeout: undefined },
      ...subject,
    },
    host,
  );
}

const started = "echo started >status; ";

test("a run is recorded with all that is known of it, its output is in the log", async () => {
  using folder = makeFolder({ "artifacts/b/old": "1", "artifacts/b/kept": "1" });
  const argv = shell(`${started}echo out; echo 22 >artifacts/b/old; echo 1 >artifacts/b/new`);
  const outcome = await transact(folder, { argv }, { workflow: "w", workflowRun: "r", step: "s" });
  expect(parse(folder.read(record))).toEqual({
    id,
    workspace: folder.path,
    block: "b",
    action: "act",
    workflow: "w",
    workflow_run: "r",
    step: "s",
    status: "succeeded",
    exit_code: 0,
    container_exit_code: null,
    started: "2026-11-24T10:00:00.000Z",
    finished: "2026-11-24T10:00:00.000Z",
    image: "busybox",
    image_id: "sha256:7",
    user: outcome.transaction.user,
    host: outcome.transaction.owner.host,
    pid: process.pid,
    pid_start: outcome.transaction.owner.start,
    polycrate: "1.2.3",
    git_commit: null,
    command: ["sh", "-c", expect.stringContaining("artifacts"), "sh"],
    artifacts: [
      { path: "artifacts/b/new", size: 2, change: "new" },
      { path: "artifacts/b/old", size: 3, change: "changed" },
    ],
  });
  expect(folder.read(log)).toBe("out\n");
  expect(outcome).toMatchObject({ stopped: undefined, losses: [], foreign: [], files: { record, log } });
});

test("the record is there, `running`, before the first step", async () => {
  using folder = makeFolder({});
  await transact(folder, { argv: shell(`grep -h '^status\\|^finished\\|^exit_code' ${record} >seen`) });
  expect(folder.read("seen")).toBe("status: running\nexit_code: null\nfinished: null\n");
});

test.each([
  [`${started}exit 7`, { status: "failed", exit_code: 7, container_exit_code: null, image_id: "sha256:7" }],
  ["exit 125", { status: "failed", exit_code: 125, container_exit_code: null }],
  [
    `${started}echo 'error waiting for container' >&2; exit 125`,
    { status: "failed", exit_code: 69, container_exit_code: 125 },
  ],
])("a run that does %j is recorded as %j", async (script, expected) => {
  using folder = makeFolder({});
  await transact(folder, { argv: shell(script) });
  expect(parse(folder.read(record))).toMatchObject(expected);
});

test("a run that takes too long is recorded as timed out", async () => {
  using folder = makeFolder({});
  const outcome = await transact(folder, { argv: shell(`${started}exec sleep 600`) }, { timeout: 0.05 });
  expect(outcome.stopped).toBe("timeout");
  expect(parse(folder.read(record))).toMatchObject({
    status: "timed_out",
    exit_code: 124,
    container_exit_code: 143,
  });
});

test("a run that throws is recorded as failed, with the code it ends with", async () => {
  using folder = makeFolder({});
  await expect(transact(folder, { argv: ["polycrate-no-such-program"] })).rejects.toMatchObject({
    exitCode: 69,
  });
  expect(parse(folder.read(record))).toMatchObject({ status: "failed", exit_code: 69 });
});

test("an image that the engine does not tell of, and one of a container that did not start, have no id", async () => {
  using folder = makeFolder({});
  const silent = { inspectImage: () => ["polycrate-no-such-program"] };
  await transact(folder, { argv: shell(`${started}:`) }, {}, silent);
  expect(parse(folder.read(record))).toMatchObject({ status: "succeeded", image_id: null });
});

test("secrets are masked in log, record and artifacts' names", async () => {
  using folder = makeFolder({});
  const environment = [{ name: "CARRIER", value: "s3cret", from: { variable: "TOKEN" } }];
  const argv = shell(`${started}mkdir -p artifacts/b; echo "$CARRIER"; : >artifacts/b/"$CARRIER"`);
  await transact(folder, { argv, environment });
  expect(folder.read(log)).toBe("***\n");
  expect(folder.read(record)).not.toContain("s3cret");
  expect(parse(folder.read(record)).artifacts).toEqual([{ path: "artifacts/b/***", size: 0, change: "new" }]);
});

test("a record that cannot be finished is a loss, and not the run's failure", async () => {
  using folder = makeFolder({});
  const outcome = await transact(folder, { argv: shell(`${started}mv .logs away; ln -s away .logs`) });
  expect(outcome.transaction.status).toBe("succeeded");
  expect(outcome.losses).toEqual([expect.stringMatching(/^the record is incomplete: /)]);
});

test("a run whose record cannot be written does not start: 73", async () => {
  using folder = makeFolder({});
  symlinkSync("elsewhere", join(folder.path, ".logs"));
  await expect(transact(folder, { argv: shell("touch ran") })).rejects.toMatchObject({ exitCode: 73 });
  expect(folder.glob("ran")).toEqual([]);
});

test("files of another owner that came in the block's folder or among the artifacts are named, but to root", async () => {
  using folder = makeFolder({ "artifacts/b/old": "", "blocks/b/old": "" });
  const script = `${started}touch artifacts/b/new blocks/b/new other`;
  const caller = spyOn(process, "getuid").mockReturnValue(54_321);
  try {
    const { foreign } = await transact(folder, { argv: shell(script) }, { blockFolder: "blocks/b" });
    expect(foreign).toEqual(["artifacts/b/new", "blocks/b/new"]);
  } finally {
    caller.mockRestore();
  }
});

test("a run without a block's folder has foreign artifacts alone", async () => {
  using folder = makeFolder({ "artifacts/b/old": "" });
  const caller = spyOn(process, "getuid").mockReturnValue(54_321);
  try {
    const { foreign } = await transact(folder, { argv: shell(`${started}touch artifacts/b/new other`) });
    expect(foreign).toEqual(["artifacts/b/new"]);
  } finally {
    caller.mockRestore();
  }
});
