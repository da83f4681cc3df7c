import { expect, test } from "bun:test";
import fc from "fast-check";
import type { StepVariable } from "../../../src/plan/stepVariable.ts";
import type { RunEvent } from "../../../src/run/events.ts";
import type { Execution } from "../../../src/run/execution.ts";
import { afterEvent, beginTransaction } from "../../../src/run/record.ts";
import type { YamlScalar } from "../../../src/yaml/value.ts";
import { container, planIn, recordPlan } from "../../support/execution.ts";
import { makeFolder } from "../../support/harness.ts";

const started = new Date("2026-11-24T10:00:00.000Z");
const later = new Date("2026-11-24T10:00:07.000Z");
using folder = makeFolder({});
const plan = {
  ...planIn(folder, [container(folder, "x")]),
  record: recordPlan(),
};
const begun = beginTransaction(plan, plan.record, started);
const first: RunEvent = {
  ...{ type: "planned", plan },
  record: { transaction: begun, files: { record: "r", log: "l" } },
};

/** The transaction after these events. */
const fold = (...events: readonly RunEvent[]) =>
  events.reduce<ReturnType<typeof afterEvent>>(
    (transaction, event) => afterEvent(transaction, { ...event, time: later }),
    undefined,
  );

const execution = {
  ...{ exitCode: 125, step: undefined, started: true, failedLine: undefined, tail: "", stopped: undefined },
};

test("a transaction begins as `running`, with the command", () => {
  expect(begun).toMatchObject({ status: "running", started, finished: undefined, artifacts: [] });
  expect(begun.command).toEqual(["sh", "-c", "x", "sh"]);
});

test("a record is a fold over the events of a run", () => {
  const artifact = { path: "a/x", size: 1, change: "new", uid: 0, sha256: undefined } as const;
  const counts = { ok: 1, changed: 2, unreachable: 0, failed: 3, skipped: 0, rescued: 0, ignored: 0 };
  const web = { host: "web", ...counts };
  const finished = { type: "finished", status: "failed", exitCode: 69, stopped: undefined } as const;
  expect(
    fold(
      first,
      { type: "image", id: "sha256:7", digest: "a@sha256:8" },
      { type: "inspected", milliseconds: 1234 },
      { type: "started" },
      { type: "worktree", dirty: true },
      { type: "recap", hosts: [web] },
      { type: "artifact", artifact },
      {
        ...finished,
        execution,
      },
    ),
  ).toEqual({
    ...begun,
    ...{ status: "failed", exitCode: 69, containerExitCode: 125, finished: later },
    ...{ imageId: "sha256:7", imageDigest: "a@sha256:8", dirty: true, hosts: [web], artifacts: [artifact] },
    ...{ inspected: 1.2 },
  });
  expect(fold(first, { ...finished, exitCode: 125, execution })?.containerExitCode).toBe(undefined);
  expect(fold(first, { ...finished, execution: { ...execution, started: false } })?.containerExitCode).toBe(
    undefined,
  );
  expect(fold(first, { ...finished, execution: undefined })).toMatchObject({
    status: "failed",
    exitCode: 69,
  });
});

test("events of anything that has no record change nothing", () => {
  expect(
    fold({ type: "planned", plan, record: undefined }, { type: "image", id: "x", digest: undefined }),
  ).toBe(undefined);
  fc.assert(
    fc.property(fc.constantFrom("starting", "started"), (type) => {
      expect(fold(first, { type })).toEqual(begun);
    }),
  );
});

test("facts come in any order, and fold to the same record", () => {
  const counts = { ok: 1, changed: 0, unreachable: 0, failed: 0, skipped: 0, rescued: 0, ignored: 0 };
  const facts: readonly RunEvent[] = [
    { type: "image", id: "sha256:7", digest: undefined },
    { type: "worktree", dirty: false },
    { type: "recap", hosts: [{ host: "web", ...counts }] },
    { type: "inspected", milliseconds: 5000 },
    { type: "starting" },
    { type: "started" },
    { type: "warning", message: "x", hint: undefined },
    { type: "output", source: "action", stream: "stdout", bytes: Buffer.from("x") },
  ];
  const inOrder = fold(first, ...facts);
  expect(inOrder).not.toEqual(begun);
  fc.assert(
    fc.property(fc.shuffledSubarray([...facts], { minLength: facts.length }), (shuffled) => {
      expect(fold(first, ...shuffled)).toEqual(inOrder);
    }),
  );
});

test("a record says where the script failed, unless it was the engine", () => {
  const step = container(folder, "false");
  const items = ["echo one\ntrue\n", "false"];
  const failed = { ...execution, step: { ...step, items }, exitCode: 7, failedLine: 3 };
  const placeOf = (exitCode: number, changes: Partial<Execution> = {}) =>
    fold(first, {
      ...{ type: "finished", status: "failed", stopped: undefined, exitCode },
      execution: { ...failed, ...changes },
    })?.failedAt;
  expect(placeOf(7)).toEqual({ item: 2, line: 1 });
  expect(placeOf(7, { failedLine: undefined, tail: "/run/polycrate/script: line 2: x: unbound" })).toEqual({
    item: 1,
    line: 2,
  });
  expect(placeOf(7, { started: false })).toBe(undefined);
  expect(placeOf(69)).toBe(undefined);
});

test("the values of inputs are recorded, without secrets that they contain", () => {
  const step = container(folder, "x", { environment: [variable("s3cr3t-value")] });
  const inputs = new Map<string, YamlScalar>([
    ["url", "https://u:s3cr3t-value@host"],
    ["size", { digits: "3", source: "3" }],
    ["token", "***"],
  ]);
  const { inputs: recorded } = beginTransaction(planIn(folder, [step]), recordPlan({ inputs }), started);
  expect([...recorded]).toEqual([
    ["url", "https://u:***@host"],
    ["size", { digits: "3", source: "3" }],
    ["token", "***"],
  ]);
});

/** A secret of a step. */
function variable(value: string): StepVariable {
  return { name: "POLYCRATE_ENV_TOKEN", value, from: { variable: "TOKEN" } };
}
