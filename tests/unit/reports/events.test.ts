import { expect, test } from "bun:test";
import fc, { type Arbitrary } from "fast-check";
import * as v from "valibot";
import { eventSchema, type ReportedEvent } from "../../../src/reports/eventSchema.ts";
import { eventDescriber, eventLine } from "../../../src/reports/events.ts";
import type { RunEvent, StepRun } from "../../../src/run/events.ts";
import { beginTransaction } from "../../../src/run/record.ts";
import { build, container, planIn, probe, recordPlan } from "../../support/execution.ts";
import { makeFolder } from "../../support/harness.ts";

using folder = makeFolder({});
const canary = "s3cr3t-canary";
const variable = { name: "TOKEN", value: canary, from: { streams: true } } as const;
const step = container(folder, "x", { items: ["one", "two"], environment: [variable] });
const steps = [build(undefined, `x ${canary}`), probe("x"), step];
const plan = planIn(folder, steps, { plan: { warnings: [{ message: "careful", hint: "do" }] } });
const record = recordPlan({ id: "7" });
const files = { record: ".logs/7.yml", log: ".logs/7.log" };
const transaction = beginTransaction(plan, record, new Date(0));
const planned: RunEvent = { type: "planned", plan, record: { transaction, files } };
const execution = {
  ...{ exitCode: 7, step, started: true, failedLine: 2, tail: "", stopped: undefined },
};
const failed: RunEvent = {
  ...{ type: "finished", status: "failed", exitCode: 7, stopped: undefined, execution },
};

/** The lines of events that come a second apart. */
function described(events: readonly RunEvent[]): readonly ReportedEvent[] {
  const describe = eventDescriber();
  return events.flatMap((event, index) => describe({ ...event, time: new Date(index * 1000) }));
}

const output = (text: string | Buffer, stream: "stdout" | "stderr" = "stdout"): RunEvent => {
  return { type: "output", source: "action", stream, bytes: Buffer.from(text) };
};

test("an action is told with its id and times, by the facts of its record and the kinds of its steps", () => {
  const head = { v: 1, transaction: "7", workflow_run: null, step: null };
  const at = (second: number) => `1970-01-01T00:00:0${second}.000Z`;
  expect<unknown>(described([planned, { type: "starting" }, output("hi\n"), failed])).toEqual([
    {
      ...{ ...head, type: "planned", time: at(0) },
      ...{
        workspace: folder.path,
        block: "b",
        action: "act",
        workflow: null,
        image: "busybox",
        user: "anna",
      },
      ...{ host: transaction.owner.host, polycrate: "1.2.3", git_commit: null, ...files },
      steps: ["build", "probe", "run"].map((kind) => ({ kind, image: "image" })),
    },
    { ...head, type: "warning", time: at(0), message: "careful", hint: "do" },
    { ...head, type: "starting", time: at(1) },
    { ...head, type: "output", time: at(2), source: "action", stream: "stdout", text: "hi\n" },
    { ...head, type: "item", time: at(3), item: 2, line: 1, status: "failed" },
    {
      ...{ ...head, type: "finished", time: at(3), status: "failed", exit_code: 7 },
      ...{ container_exit_code: null, stopped: null },
      failure: { by: "action", message: "failed with exit code 7", hint: null },
    },
  ]);
});

test("in a workflow each line has its run and step, and between the runs no transaction", () => {
  const lines = described([
    { type: "workflow", name: "w", id: "5", steps: ["one", "two"] },
    { type: "step", index: 0, runs: "b act" },
    planned,
    failed,
    { type: "step", index: 1, runs: "b act" },
    { type: "stepDeclined" },
    { type: "workflowFinished", exitCode: 1 },
  ]);
  expect(lines.map((line) => [line.type, line.workflow_run, line.step, line.transaction])).toEqual([
    ["workflow", "5", null, null],
    ["step", "5", "one", null],
    ["planned", "5", "one", "7"],
    ["warning", "5", "one", "7"],
    ["item", "5", "one", "7"],
    ["finished", "5", "one", "7"],
    ["step", "5", "two", null],
    ["step_declined", "5", "two", null],
    ["workflow_finished", "5", null, null],
  ]);
});

/** A run of the step at this place. */
const of = (index: number, attempt = 1): StepRun => ({
  ...{ index, name: `s (n=${index})`, step: "s", matrix: [{ name: "n", value: String(index) }], attempt },
});

test("of runs that go on at once, each line has the transaction, the combination and the attempt of its own", () => {
  const describe = eventDescriber();
  const time = new Date(0);
  const planOf = (id: string): RunEvent => ({
    ...({ type: "planned", plan: planIn(folder, []) } as const),
    record: { transaction: beginTransaction(plan, recordPlan({ id }), new Date(0)), files },
  });
  const events: readonly (readonly [RunEvent, StepRun | undefined])[] = [
    [{ type: "workflow", name: "w", id: "5", steps: ["s (n=0)", "s (n=1)"] }, undefined],
    [{ type: "step", index: 0, runs: "b act" }, of(0)],
    [planOf("70"), of(0)],
    [{ type: "step", index: 1, runs: "b act" }, of(1)],
    [planOf("71"), of(1)],
    [output(Buffer.from("ä").subarray(0, 1)), of(0)],
    [output(Buffer.from("ö").subarray(0, 1)), of(1)],
    [output(Buffer.from("ä").subarray(1)), of(0)],
    [failed, of(0)],
    [{ type: "step", index: 0, runs: "b act" }, of(0, 2)],
    [failed, of(1)],
  ];
  const lines = events.flatMap(([event, run]) =>
    describe({ ...event, time, ...(run === undefined ? {} : { of: run }) }),
  );
  expect(
    lines.map(({ type, transaction, step, matrix, attempt }) => [
      type,
      transaction,
      step,
      matrix?.n,
      attempt,
    ]),
  ).toEqual([
    ["workflow", null, null, undefined, undefined],
    ["step", null, "s", "0", 1],
    ["planned", "70", "s", "0", 1],
    ["step", null, "s", "1", 1],
    ["planned", "71", "s", "1", 1],
    ["output", "70", "s", "0", 1],
    ["item", "70", "s", "0", 1],
    ["finished", "70", "s", "0", 1],
    ["step", null, "s", "0", 2],
    ["output", "71", "s", "1", 1],
    ["item", "71", "s", "1", 1],
    ["finished", "71", "s", "1", 1],
  ]);
  expect(lines.flatMap((line) => (line.type === "output" ? [line.text ?? line.base64] : []))).toEqual([
    "ä",
    "ww==",
  ]);
});

test("the streams are cut each by itself, and what is open at the end comes before it", () => {
  const [first, rest] = [Buffer.from("ä").subarray(0, 1), Buffer.from("ä").subarray(1)];
  const lines = described([
    planned,
    output(first),
    output("err", "stderr"),
    output(rest),
    output(first),
    failed,
  ]);
  const outputs = lines.flatMap((line) => (line.type === "output" ? [line] : []));
  expect(outputs.map(({ text, base64 }) => text ?? base64)).toEqual(["err", "ä", "ww=="]);
  expect(lines.at(-1)?.type).toBe("finished");
});

test("a command is its program and what it does, without arguments", () => {
  const argv = ["docker", "run", `--env=TOKEN=${canary}`, { value: canary, written: "" }];
  const lines = described([
    planned,
    { type: "command", argv },
    { type: "command", argv: ["docker", "-H", canary] },
  ]);
  expect(lines.slice(2)).toMatchObject([{ command: ["docker", "run"] }, { command: ["docker"] }]);
});

test("a line is one line, and holds nothing that a terminal obeys", () => {
  const line = eventLine({
    ...{ v: 1, type: "waiting", time: "1970-01-01T00:00:00.000Z", transaction: "7" },
    ...{ workflow_run: null, step: null, message: "a\n\u001b[2J\u0085\u2028\u202e\u007f" },
  });
  expect(line).toMatch(/^[ -~]+\n$/);
  expect(JSON.parse(line).message).toBe("a\n\u001b[2J\u0085\u2028\u202e\u007f");
});

const text = fc.string({ unit: "binary" });
const some = <Value>(value: Arbitrary<Value>) => fc.option(value, { nil: undefined });
const code = fc.nat({ max: 255 });
const argv = fc.array(fc.oneof(text, fc.record({ value: text, written: text })));
const stopped = fc.constantFrom("SIGINT" as const, "timeout" as const, "reader gone" as const);
const status = fc.constantFrom("succeeded" as const, "failed" as const, "timed_out" as const);
const executions = fc.record({
  ...{ exitCode: code, step: fc.constantFrom(undefined, ...steps), started: fc.boolean() },
  ...{ failedLine: some(fc.nat({ max: 3 })), tail: text, stopped: some(stopped) },
});

/** Every event of the type: one that is added and not told here is an error of the compiler. */
const anyOf: {
  readonly [Type in RunEvent["type"]]: Arbitrary<Extract<RunEvent, { type: Type }>>;
} = {
  stepSkipped: fc.record({
    ...{ type: fc.constant("stepSkipped" as const), index: fc.nat({ max: 2 }) },
    reason: fc.constantFrom("needs" as const, "condition" as const),
  }),
  stepError: fc.record({ type: fc.constant("stepError" as const), message: text, hint: some(text) }),
  workflow: fc.record({
    type: fc.constant("workflow" as const),
    name: text,
    id: text,
    steps: fc.array(text),
  }),
  step: fc.record({ type: fc.constant("step" as const), index: fc.nat({ max: 3 }), runs: text }),
  stepDeclined: fc.constant({ type: "stepDeclined" as const }),
  workflowFinished: fc.record({ type: fc.constant("workflowFinished" as const), exitCode: code }),
  planned: fc.record({
    type: fc.constant("planned" as const),
    plan: fc.constant(plan),
    record: some(fc.constant({ transaction, files })),
  }),
  warning: fc.record({ type: fc.constant("warning" as const), message: text, hint: some(text) }),
  command: fc.record({ type: fc.constant("command" as const), argv }),
  commandEnded: fc.record({
    type: fc.constant("commandEnded" as const),
    argv,
    milliseconds: fc.double({ min: 0, max: 1e9, noNaN: true }),
  }),
  waiting: fc.record({ type: fc.constant("waiting" as const), message: text }),
  building: fc.record({ type: fc.constant("building" as const), reason: text }),
  built: fc.record({ type: fc.constant("built" as const), failed: fc.boolean() }),
  image: fc.record({ type: fc.constant("image" as const), id: text, digest: some(text) }),
  worktree: fc.record({ type: fc.constant("worktree" as const), dirty: fc.boolean() }),
  recap: fc.record({
    type: fc.constant("recap" as const),
    hosts: fc.array(
      fc.record({
        ...{ host: text, ok: fc.nat(), changed: fc.nat(), unreachable: fc.nat(), failed: fc.nat() },
        ...{ skipped: fc.nat(), rescued: fc.nat(), ignored: fc.nat() },
      }),
    ),
  }),
  sent: fc.record({
    ...{ type: fc.constant("sent" as const), files: fc.nat(), bytes: fc.nat() },
    leftOut: fc.array(fc.record({ path: text, reason: text })),
  }),
  fetched: fc.record({
    ...{ type: fc.constant("fetched" as const), fetched: fc.nat(), removed: fc.nat(), bytes: fc.nat() },
    conflicts: fc.array(fc.record({ path: text, reason: text, theirs: some(text) })),
    leftOut: fc.array(fc.record({ path: text, reason: text })),
  }),
  starting: fc.constant({ type: "starting" as const }),
  pulling: fc.constant({ type: "pulling" as const }),
  started: fc.constant({ type: "started" as const }),
  warm: fc.constant({ type: "warm" as const, command: ["docker"] }),
  inspecting: fc.constant({ type: "inspecting" as const }),
  inspected: fc.record({
    type: fc.constant("inspected" as const),
    milliseconds: fc.double({ min: 0, max: 1e9, noNaN: true }),
  }),
  output: fc.record({
    type: fc.constant("output" as const),
    source: fc.constantFrom("build" as const, "probe" as const, "action" as const),
    stream: fc.constantFrom("stdout" as const, "stderr" as const),
    bytes: fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  }),
  stopping: fc.record({
    type: fc.constant("stopping" as const),
    cause: text,
    grace: fc.constantFrom(undefined, { seconds: 10 }, { untilKilled: true } as const),
  }),
  artifact: fc.record({
    type: fc.constant("artifact" as const),
    artifact: fc.record({
      ...{ path: text, size: fc.nat(), uid: fc.nat(), sha256: some(text) },
      change: fc.constantFrom("new" as const, "changed" as const),
    }),
  }),
  foreignFiles: fc.record({ type: fc.constant("foreignFiles" as const), paths: fc.array(text) }),
  finished: fc.record({
    type: fc.constant("finished" as const),
    status,
    exitCode: code,
    stopped: some(stopped),
    execution: some(executions),
  }),
};

const anyEvent = fc.oneof(...Object.values(anyOf));

test("every line of every event is what the schema says, and has nothing beside it", () => {
  fc.assert(
    fc.property(fc.array(anyEvent), (events) => {
      for (const line of described(events)) {
        const read = JSON.parse(eventLine(line));
        expect(v.parse(eventSchema, read)).toEqual(read);
      }
    }),
  );
});

test("no line has the value of a secret, or an argument that only the plan has", () => {
  expect(
    described([planned, { type: "starting" }, failed])
      .map(eventLine)
      .join(""),
  ).not.toContain(canary);
});
