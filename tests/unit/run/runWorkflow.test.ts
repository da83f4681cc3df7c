import { expect, test } from "bun:test";
import { PolycrateError } from "../../../src/errors.ts";
import { cancellationBy } from "../../../src/run/cancellation.ts";
import { runWorkflow, type WorkflowStepRun } from "../../../src/run/runWorkflow.ts";
import { newTransactionId } from "../../../src/transactions/transaction.ts";
import { container, eventLog, fakeSignals, planIn, recordPlan } from "../../support/execution.ts";
import { shell } from "../../support/fakes.ts";
import { type Folder, makeFolder } from "../../support/harness.ts";

/** A step whose container does this. */
function step(folder: Folder, name: string, text: string, changes: Partial<WorkflowStepRun> = {}) {
  const engine = { inspectImage: () => shell("echo sha256:7") };
  return {
    name,
    runs: `b ${name}`,
    confirm: async () => true,
    plan: async (workflowRun: string) => ({
      ...planIn(folder, [container(folder, `echo started >status; ${text}`)], { engine }),
      record: recordPlan({
        ...{ id: newTransactionId(), action: name, workflow: "w", workflowRun, step: name },
      }),
    }),
    ...changes,
  };
}

/** Runs the steps, and returns the exit code and the course. */
async function run(steps: readonly WorkflowStepRun[], continueOnFailure = false, signals = fakeSignals()) {
  const log = eventLog();
  const cancellation = cancellationBy({ onSignal: signals.onSignal, outputs: [] });
  const done = runWorkflow({ name: "w", continueOnFailure, steps }, cancellation, [log.read]);
  const course = () =>
    log.events.flatMap((event) => {
      if (event.type === "step") return [`${event.index} ${event.runs}`];
      return event.type === "finished" ? [event.status] : [];
    });
  return { done, course, ...log };
}

test("steps run one after the other, under one id", async () => {
  using folder = makeFolder({});
  const steps = ["one", "two"].map((name) => step(folder, name, `echo ${name} >>ran`));
  const { done, course, events } = await run(steps);
  expect(await done).toBe(0);
  expect(course()).toEqual(["0 b one", "succeeded", "1 b two", "succeeded"]);
  expect(folder.read("ran")).toBe("one\ntwo\n");
  const ids = events.flatMap((event) => (event.type === "planned" ? [event.plan.record?.workflowRun] : []));
  expect(new Set(ids).size).toBe(1);
  expect([events[0]?.type, events.at(-1)]).toMatchObject([
    "workflow",
    { type: "workflowFinished", exitCode: 0 },
  ]);
});

test.each([
  [false, 7, ["0 b one", "failed"]],
  [true, 0, ["0 b one", "failed", "1 b two", "succeeded"]],
])("a failure, where the workflow continues: %p", async (continues, code, expected) => {
  using folder = makeFolder({});
  const { done, course } = await run([step(folder, "one", "exit 7"), step(folder, "two", "")], continues);
  expect(await done).toBe(code);
  expect(course()).toEqual(expected);
});

test("a step is planned after those before it have run", async () => {
  using folder = makeFolder({});
  const { plan } = step(folder, "two", "");
  const late = step(folder, "two", "", {
    plan: async (workflowRun) => {
      expect(folder.read("ran")).toBe("one\n");
      return plan(workflowRun);
    },
  });
  const { done } = await run([step(folder, "one", "echo one >ran"), late]);
  expect(await done).toBe(0);
});

test("a step whose question is answered with no ends the workflow", async () => {
  using folder = makeFolder({});
  const steps = [step(folder, "one", "touch ran", { confirm: async () => false }), step(folder, "two", "")];
  const { done, told } = await run(steps);
  expect(await done).not.toBe(0);
  expect(told()).toEqual(["workflow", "step", "stepDeclined", "workflowFinished"]);
  expect(folder.glob("ran")).toEqual([]);
});

test("an interrupt ends the workflow, even if it continues on failure", async () => {
  using folder = makeFolder({});
  const signals = fakeSignals();
  const steps = [
    step(folder, "one", "trap 'exit 0' INT; while :; do sleep 0.05; done"),
    step(folder, "two", ""),
  ];
  const { done, course, until } = await run(steps, true, signals);
  await until("started");
  signals.send("SIGINT");
  expect(await done).toBe(130);
  expect(course()).toEqual(["0 b one", "interrupted"]);
});

test("a timeout is a failure like any other", async () => {
  using folder = makeFolder({});
  const slow = step(folder, "one", "exec sleep 600");
  const timed = {
    ...slow,
    plan: async (workflowRun: string) => {
      const plan = await slow.plan(workflowRun);
      const steps = plan.steps.map((one) => (one.kind === "run" ? { ...one, timeout: 0.05 } : one));
      return { ...plan, steps };
    },
  };
  const { done, course } = await run([timed, step(folder, "two", "")], true);
  expect(await done).toBe(0);
  expect(course()).toEqual(["0 b one", "timed_out", "1 b two", "succeeded"]);
});

test("a workflow that ends in an error says that it ended, with the error's code", async () => {
  using folder = makeFolder({});
  const error = new PolycrateError("no", { exitCode: 65 });
  const broken = step(folder, "two", "", { plan: () => Promise.reject(error) });
  const { done, course, events } = await run([step(folder, "one", ""), broken]);
  expect(await done.catch((thrown) => thrown)).toBe(error);
  expect(course()).toEqual(["0 b one", "succeeded", "1 b two"]);
  expect(events.at(-1)).toMatchObject({ type: "workflowFinished", exitCode: 65 });
});
