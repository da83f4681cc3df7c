import { expect, test } from "bun:test";
import { messagesTo } from "../../../../src/cli/output/messages.ts";
import { workflowView } from "../../../../src/cli/output/workflowView.ts";
import { outputTo } from "../../../../src/host/output.ts";
import type { RunEvent } from "../../../../src/run/events.ts";
import { planIn } from "../../../support/execution.ts";
import { fakeStream } from "../../../support/fakes.ts";
import { makeFolder } from "../../../support/harness.ts";

using folder = makeFolder({});

/** What is shown of events that come a second apart. */
function shown(events: readonly RunEvent[], isTTY = false): string {
  const stderr = fakeStream({ isTTY });
  const view = workflowView(messagesTo({ stdout: outputTo(fakeStream()), stderr: outputTo(stderr) }));
  for (const [index, event] of events.entries()) view({ ...event, time: new Date(index * 1000) });
  return stderr.text();
}

const planned: RunEvent = { type: "planned", plan: planIn(folder, []), record: undefined };
const execution = {
  ...{ exitCode: 0, step: undefined, started: true, failedLine: undefined, tail: "", stopped: undefined },
};
const finished = {
  type: "finished",
  status: "succeeded",
  exitCode: 0,
  stopped: undefined,
  execution,
} as const;
const workflow = { type: "workflow", name: "w", id: "5", steps: ["one", "second", "three"] } as const;

test("each step has a head, and all are in a table at the end", () => {
  const failed = { ...finished, status: "timed_out", exitCode: 124 } as const;
  expect(
    shown([
      workflow,
      { type: "step", index: 0, runs: "b act" },
      planned,
      finished,
      { type: "step", index: 1, runs: "b other\u001b" },
      planned,
      failed,
      { type: "workflowFinished", exitCode: 124 },
    ]),
  ).toBe(
    [
      "step 1/3 one: b act",
      "step 2/3 second: b other\\u001b",
      "workflow w, 2.0 s:",
      "  one     succeeded  1.0 s",
      "  second  timed out  1.0 s",
      "  three   not run",
      "",
    ].join("\n"),
  );
});

test("a step that was declined, and one that ended in an error, are told apart", () => {
  const error = { ...finished, execution: undefined };
  const declined = shown([workflow, { type: "stepDeclined" }, { type: "workflowFinished", exitCode: 1 }]);
  expect(declined).toContain("  one     declined  0.0 s\n");
  expect(shown([workflow, planned, error, { type: "workflowFinished", exitCode: 1 }])).toContain(
    "  one     not run\n",
  );
});

test("on a terminal the statuses have colours, and say the same without them", () => {
  const events = [workflow, planned, finished, { type: "workflowFinished", exitCode: 0 }] as const;
  expect(shown(events, true)).not.toContain("\\u001b");
  expect(Bun.stripANSI(shown(events, true))).toBe(shown(events));
});

test("a step that is tried again says so, and its time is that of all attempts; one without a reason is skipped", () => {
  const of = { index: 0, name: "one", step: "one", matrix: [], attempt: 2 };
  const stderr = fakeStream();
  const view = workflowView(messagesTo({ stdout: outputTo(fakeStream()), stderr: outputTo(stderr) }));
  const events: readonly RunEvent[] = [
    ...[workflow, { type: "step", index: 0, runs: "b act" } as const, planned],
    ...[{ ...finished, status: "failed" } as const, { type: "step", index: 0, runs: "b act" } as const],
    ...[planned, finished, { type: "stepSkipped", index: 1, reason: "condition" } as const],
    { type: "workflowFinished", exitCode: 0 },
  ];
  for (const [index, event] of events.entries()) {
    view({ ...event, time: new Date(index * 1000), ...(index >= 4 && index < 7 ? { of } : {}) });
  }
  expect(stderr.text()).toBe(
    [
      "step 1/3 one: b act",
      "step 1/3 one: b act (attempt 2)",
      "workflow w, 2.0 s:",
      "  one     succeeded  2.0 s",
      "  second  skipped",
      "  three   not run",
      "",
    ].join("\n"),
  );
});
