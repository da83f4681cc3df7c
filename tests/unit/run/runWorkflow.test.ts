import { expect, test } from "bun:test";
import { PolycrateError } from "../../../src/errors.ts";
import { planWorkflow, type WorkflowNode } from "../../../src/plan/workflow/planWorkflow.ts";
import { cancellationBy } from "../../../src/run/cancellation.ts";
import { runWorkflow, type WorkflowStepRun } from "../../../src/run/runWorkflow.ts";
import { newTransactionId } from "../../../src/transactions/transaction.ts";
import { container, eventLog, fakeSignals, planIn, recordPlan } from "../../support/execution.ts";
import { shell } from "../../support/fakes.ts";
import { type Folder, makeFolder } from "../../support/harness.ts";
import { workflowOf } from "../../support/workflows.ts";

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

/** A graph of these steps; `changes` of its nodes are by their names. */
async function runGraph(
  steps: readonly WorkflowStepRun[],
  changes: Readonly<Record<string, Partial<WorkflowNode>>> = {},
  { jobs = 4, failFast = false } = {},
) {
  const log = eventLog();
  const signals = fakeSignals();
  const cancellation = cancellationBy({ onSignal: signals.onSignal, outputs: [] });
  const nodes = planWorkflow(
    workflowOf(steps.map(({ name }) => `{name: ${name}, block: b, action: act, needs: []}`).join("\n")),
  ).nodes.map((node) => ({ ...node, ...changes[node.name] }));
  const done = runWorkflow(
    {
      ...{ name: "w", continueOnFailure: false },
      steps: steps.map((one, index) => ({
        ...one,
        ...(nodes[index] === undefined ? {} : { node: nodes[index] }),
      })),
      graph: { jobs, failFast, stopTimeout: 7 },
    },
    cancellation,
    [log.read],
  );
  const ends = () =>
    log.events.flatMap((event) =>
      event.type === "finished" ? [`${event.of?.name}.${event.of?.attempt} ${event.status}`] : [],
    );
  return { done, ends, signals, ...log };
}

/** The text of a step that ends when all of these have begun. */
const meeting = (name: string, names: readonly string[]) =>
  `touch ${name}; for n in ${names.join(" ")}; do until [ -e $n ]; do sleep 0.02; done; done`;

test("steps of a graph run at the same time, each with events and a record of its own", async () => {
  using folder = makeFolder({});
  const names = ["one", "two", "three"];
  const { done, ends, events } = await runGraph(
    names.map((name) => step(folder, name, meeting(name, names))),
  );
  expect(await done).toBe(0);
  expect([...ends()].sort()).toEqual(["one.1 succeeded", "three.1 succeeded", "two.1 succeeded"]);
  expect(folder.records()).toHaveLength(3);
  for (const { type, of } of events) expect(of === undefined).toBe(type.startsWith("workflow"));
});

test("one listener is enough for all of them", async () => {
  using folder = makeFolder({});
  const names = ["one", "two", "three"];
  const { done, signals, until } = await runGraph(
    names.map((name) => step(folder, name, meeting(name, names))),
  );
  await until("started");
  expect(signals.listeners.size).toBe(1);
  await done;
  expect(signals.listeners.size).toBe(0);
});

test("an attempt is a run of its own", async () => {
  using folder = makeFolder({});
  const flaky = step(folder, "one", "[ -e again ] || { touch again; exit 3; }");
  const { done, ends } = await runGraph([flaky], { one: { retries: 2 } });
  expect(await done).toBe(0);
  expect(ends()).toEqual(["one.1 failed", "one.2 succeeded"]);
  expect(folder.records().map(({ status }) => status)).toEqual(["failed", "succeeded"]);
});

test("an error of a step is told and is its failure; the others run on, and its code is the exit code", async () => {
  using folder = makeFolder({});
  const error = new PolycrateError("no", { exitCode: 65, hint: "do" });
  const broken = step(folder, "one", "", { plan: () => Promise.reject(error) });
  const { done, ends, events } = await runGraph(
    [broken, step(folder, "two", ""), step(folder, "three", "")],
    {
      three: { dependsOn: [0] },
    },
  );
  expect(await done).toBe(65);
  expect(ends()).toEqual(["two.1 succeeded"]);
  expect(events.filter(({ type }) => type === "stepError" || type === "stepSkipped")).toMatchObject([
    { type: "stepError", message: "no", hint: "do", of: { name: "one" } },
    { type: "stepSkipped", reason: "needs", of: { name: "three" } },
  ]);
});

test("a bug ends the workflow when the others have ended", async () => {
  using folder = makeFolder({});
  const bug = step(folder, "one", "", { plan: () => Promise.reject(new Error("a bug")) });
  const { done, ends, events } = await runGraph([bug, step(folder, "two", "sleep 0.1")]);
  await expect(done).rejects.toThrow("a bug");
  expect(ends()).toEqual(["two.1 succeeded"]);
  expect(events.at(-1)).toMatchObject({ type: "workflowFinished", exitCode: 70 });
});

test("a signal ends all of them, is told once for the workflow, and starts nothing more", async () => {
  using folder = makeFolder({});
  const wait = (name: string) => step(folder, name, `touch ${name}; exec sleep 600`);
  const steps = [wait("one"), wait("two"), step(folder, "three", "")];
  const { done, ends, events, signals } = await runGraph(
    steps,
    { three: { when: "always", dependsOn: [0] } },
    { jobs: 2 },
  );
  while (folder.glob("{one,two}").length < 2) await new Promise((next) => setImmediate(next));
  signals.send("SIGTERM");
  expect(await done).toBe(143);
  expect([...ends()].sort()).toEqual(["one.1 interrupted", "two.1 interrupted"]);
  const stops = events.filter((event) => event.type === "stopping");
  expect(stops.filter(({ of }) => of === undefined)).toMatchObject([
    { cause: "received SIGTERM", grace: { seconds: 7 } },
  ]);
});

test("fail-fast ends those that run, and what is there for a failure still runs", async () => {
  using folder = makeFolder({});
  const steps = [
    step(folder, "one", "until [ -e there ]; do sleep 0.02; done; exit 7"),
    step(folder, "two", "touch there; exec sleep 600"),
    step(folder, "undo", ""),
    step(folder, "more", ""),
  ];
  const changes = { undo: { when: "failure", dependsOn: [1] }, more: { dependsOn: [1] } } as const;
  const { done, ends, events } = await runGraph(steps, changes, { failFast: true });
  expect(await done).toBe(7);
  expect(ends()).toEqual(["one.1 failed", "two.1 interrupted", "undo.1 succeeded"]);
  expect(events.find(({ type }) => type === "stopping")).toMatchObject({ cause: "another step failed" });
});
