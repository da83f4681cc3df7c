import { expect, test } from "bun:test";
import fc from "fast-check";
import type { RunEvent } from "../../../src/run/events.ts";
import { afterEvent, beginTransaction } from "../../../src/run/record.ts";
import { container, planIn } from "../../support/execution.ts";
import { makeFolder } from "../../support/harness.ts";

const started = new Date("2026-11-24T10:00:00.000Z");
const later = new Date("2026-11-24T10:00:07.000Z");
using folder = makeFolder({});
const plan = {
  ...planIn(folder, [container(folder, "x")]),
  record: {
    ...{ id: "1", block: "b", action: "act", workflow: undefined, workflowRun: undefined, step: undefined },
    ...{ image: "busybox", version: "1.2.3", user: "anna", logsRoot: ".logs", artifacts: "a" },
    blockFolder: undefined,
  },
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
  const artifact = { path: "a/x", size: 1, change: "new", uid: 0 } as const;
  const finished = { type: "finished", status: "failed", exitCode: 69, stopped: undefined } as const;
  expect(
    fold(
      first,
      { type: "image", id: "sha256:7" },
      { type: "inspected", milliseconds: 1234 },
      { type: "started" },
      { type: "artifact", artifact },
      {
        ...finished,
        execution,
      },
    ),
  ).toEqual({
    ...begun,
    ...{ status: "failed", exitCode: 69, containerExitCode: 125, finished: later },
    ...{ imageId: "sha256:7", artifacts: [artifact], inspected: 1.2 },
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
  expect(fold({ type: "planned", plan, record: undefined }, { type: "image", id: "x" })).toBe(undefined);
  fc.assert(
    fc.property(fc.constantFrom("starting", "started"), (type) => {
      expect(fold(first, { type })).toEqual(begun);
    }),
  );
});
