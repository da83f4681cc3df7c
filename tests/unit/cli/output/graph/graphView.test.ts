import { expect, test } from "bun:test";
import { graphView } from "../../../../../src/cli/output/graph/graphView.ts";
import { graphScreen } from "../../../../../src/cli/output/graph/screen.ts";
import { type OutputStyle, stepMessages } from "../../../../../src/cli/output/graph/stepMessages.ts";
import { messagesTo } from "../../../../../src/cli/output/messages.ts";
import { outputTo } from "../../../../../src/host/output.ts";
import type { RunEvent, StepRun } from "../../../../../src/run/events.ts";
import { beginTransaction } from "../../../../../src/run/record.ts";
import { container, planIn, recordPlan } from "../../../../support/execution.ts";
import { fakeStream } from "../../../../support/fakes.ts";
import { makeFolder } from "../../../../support/harness.ts";

using folder = makeFolder({});
const names = ["build", "deploy (r=eu)", "undo"];
const run = container(folder, "x");
const warnings = [{ message: "careful", hint: "do" }];

const of = (index: number, attempt = 1): StepRun => ({
  ...{ index, name: names[index] ?? "", step: names[index] ?? "", matrix: [], attempt },
});

const output = (text: string, stream: "stdout" | "stderr" = "stdout"): RunEvent => ({
  ...{ type: "output", source: "action", stream, bytes: Buffer.from(text) },
});

const planned: RunEvent = {
  ...{ type: "planned", plan: { ...planIn(folder, [run], { plan: { warnings } }), record: recordPlan() } },
  record: {
    transaction: beginTransaction(planIn(folder, [run]), recordPlan(), new Date(0)),
    files: { record: "r", log: "l.log" },
  },
};

const finished = (exitCode: number): RunEvent => ({
  ...{ type: "finished", status: exitCode === 0 ? "succeeded" : "failed", exitCode, stopped: undefined },
  execution: { exitCode, step: run, started: true, failedLine: undefined, tail: "", stopped: undefined },
});

const workflow: RunEvent = { type: "workflow", name: "w", id: "5", steps: names };
const step = (index: number): RunEvent => ({ type: "step", index, runs: "b act" });

type Placed = readonly [RunEvent, StepRun?];

/** What is shown of events that come a second apart. */
async function shown(
  events: readonly Placed[],
  style: OutputStyle,
  { isTTY = false, rows = 24, columns = 80, quiet = false } = {},
) {
  const [stdout, stderr] = [fakeStream({ isTTY }), fakeStream({ isTTY, rows, columns })];
  const messages = messagesTo({ stdout: outputTo(stdout), stderr: outputTo(stderr) }, { quiet });
  let now = new Date(0);
  const screen = graphScreen(messages.outputs, isTTY, () => now);
  const steps = stepMessages(messages, screen, { style, names, quiet });
  const view = graphView(messages, screen, steps, {
    output: undefined,
    quiet,
    verbose: false,
    mayFail: new Set(),
  });
  for (const [index, [event, place]] of events.entries()) {
    now = new Date(index * 1000);
    await view({ ...event, time: now, ...(place === undefined ? {} : { of: place }) });
  }
  screen.close();
  return { stdout: stdout.text(), stderr: stderr.text() };
}

const mixed: readonly Placed[] = [
  ...([[workflow], [step(0), of(0)], [planned, of(0)], [step(1), of(1)], [planned, of(1)]] as const),
  ...([
    [output("a1\nun"), of(0)],
    [output("b1\n"), of(1)],
    [output("finished\n"), of(0)],
  ] as const),
  ...([
    [output("b2", "stderr"), of(1)],
    [finished(7), of(1)],
    [step(1), of(1, 2)],
  ] as const),
  ...([
    [output("open"), of(0)],
    [finished(0), of(0)],
    [planned, of(1, 2)],
    [finished(7), of(1, 2)],
  ] as const),
  ...([[{ type: "stepSkipped", index: 2, reason: "condition" }, of(2)]] as const),
  [{ type: "workflowFinished", exitCode: 7 }],
];

test("each line has its step's name, and no line is cut", async () => {
  const { stdout, stderr } = await shown(mixed, "prefix");
  expect(stdout).toBe(
    [
      "build         | a1",
      "deploy (r=eu) | b1",
      "build         | unfinished",
      "build         | open",
      "",
    ].join("\n"),
  );
  expect(stderr).toBe(
    [
      "build         | warning: careful",
      "build         | hint: do",
      "deploy (r=eu) | b2",
      "deploy (r=eu) | error: b act failed with exit code 7",
      "deploy (r=eu) | log: l.log",
      "deploy (r=eu) | attempt 2: b act",
      "build         | b act succeeded in 12.0 s",
      "deploy (r=eu) | error: b act failed with exit code 7",
      "deploy (r=eu) | log: l.log",
      "undo          | skipped: no step that it needs failed",
      "workflow w, 16.0 s:",
      "  build          succeeded  11.0 s",
      "  deploy (r=eu)  failed     11.0 s (2 attempts)",
      "  undo           skipped",
      "first failure: deploy (r=eu) failed with exit code 7",
      "",
    ].join("\n"),
  );
});

test("in blocks each attempt is whole, in the order in which they start", async () => {
  const { stdout, stderr } = await shown(mixed, "grouped");
  expect(stdout).toBe("a1\nunfinished\nopen\nb1\n");
  expect(stderr).toStartWith(
    [
      "build: b act",
      "warning: careful",
      "hint: do",
      "b act succeeded in 12.0 s",
      "deploy (r=eu): b act",
      "b2",
      "error: b act failed with exit code 7",
      "log: l.log",
      "deploy (r=eu): attempt 2: b act",
      "error: b act failed with exit code 7",
      "log: l.log",
      "undo: skipped: no step that it needs failed",
      "workflow w, 16.0 s:\n",
    ].join("\n"),
  );
});

test("with `--quiet` there are only output and errors", async () => {
  const { stdout, stderr } = await shown(mixed, "prefix", { quiet: true });
  expect(stdout.split("\n")).toHaveLength(5);
  expect(stderr.split("\n").filter((line) => !/ \| (?:error|log): | \| b2$/.test(line))).toEqual([""]);
});

test("at a terminal the steps that run are below, and gone at the end", async () => {
  const { stderr } = await shown(mixed, "prefix", { isTTY: true });
  expect(stderr).toContain("a1\n  build          4.0 s\n  deploy (r=eu)  2.0 s\u001b[?2026l\n");
  expect(stderr).toContain("  deploy (r=eu)  2.0 s  attempt 2\u001b[?2026l\n");
  const end = stderr.slice(stderr.indexOf("workflow w"));
  expect(end).not.toContain("\u001b[?2026h");
  expect(Bun.stripANSI(end)).toEndWith("\nfirst failure: deploy (r=eu) failed with exit code 7\n");
  expect(stderr).not.toContain("\n\n");
  expect(stderr.split("\u001b[?2026h").length).toBe(stderr.split("\u001b[?2026l").length);
});

test("that everything stops is told once; that a step takes too long is told of it", async () => {
  const stopping = (cause: string): RunEvent => ({ type: "stopping", cause, grace: { seconds: 3 } });
  const begun: readonly Placed[] = [
    [workflow],
    [step(0), of(0)],
    [planned, of(0)],
    [step(1), of(1)],
    [planned, of(1)],
  ];
  const timedOut = await shown([...begun, [stopping("timed out"), of(0)]], "prefix");
  expect(timedOut.stderr).toContain(
    "build         | timed out: waiting for the action to end; it will be killed after 3 s\n",
  );
  const stopped = await shown(
    [
      ...begun,
      [stopping("received SIGTERM")],
      [stopping("received SIGTERM"), of(0)],
      [stopping("received SIGTERM"), of(1)],
    ],
    "prefix",
  );
  expect(stopped.stderr.match(/received SIGTERM.*/g)).toEqual([
    "received SIGTERM: waiting for the actions to end; they will be killed after 3 s",
  ]);
});

test("an error of a step is told where it happens", async () => {
  const { stderr } = await shown(
    [
      [workflow],
      [step(0), of(0)],
      [{ type: "stepError", message: "no such file", hint: "make it" }, of(0)],
      [{ type: "workflowFinished", exitCode: 65 }],
    ],
    "grouped",
  );
  expect(stderr).toContain("build: b act\nerror: no such file\nhint: make it\nworkflow w");
  expect(stderr).toEndWith("first failure: build ended in an error\n");
});
