import { expect, test } from "bun:test";
import { traceRequest } from "../../../src/reports/otlp.ts";
import type { ReportedRun } from "../../../src/reports/runReport.ts";
import { beginTransaction } from "../../../src/run/record.ts";
import type { Transaction } from "../../../src/transactions/transaction.ts";
import { container, planIn, recordPlan } from "../../support/execution.ts";
import { makeFolder } from "../../support/harness.ts";

using folder = makeFolder({});
const plan = planIn(folder, [container(folder, "x")]);
const at = (seconds: number) => new Date(seconds * 1000);

/** A run from the first to the eighth second. */
function run(changes: Partial<Transaction> = {}): ReportedRun {
  const begun = beginTransaction(plan, recordPlan({ id: "01a20e8a-0000-7000-8000-00c0ffee0001" }), at(1));
  const transaction: Transaction = {
    ...begun,
    ...{ status: "succeeded", exitCode: 0, finished: at(8), command: ["s3cr3t"], ...changes },
  };
  const spans = [
    { name: "prepare", start: at(1), end: at(2) },
    { name: "build", start: at(2), end: at(4) },
    { name: "prepare", start: at(4), end: at(5) },
    { name: "run", start: at(5), end: at(8) },
  ] as const;
  return { transaction, log: "l", spans, failure: undefined };
}

const spansOf = (...[report, parent]: Parameters<typeof traceRequest>) =>
  traceRequest(report, parent, { "service.name": "s" })?.resourceSpans[0]?.scopeSpans[0]?.spans ?? [];

test("a run is a span with its build and its container", () => {
  const [whole, build, container] = spansOf({ workflow: undefined, steps: [], runs: [run()] }, undefined, {});
  const traceId = "01a20e8a00007000800000c0ffee0001";
  expect(whole).toEqual({
    ...{ traceId, spanId: "800000c0ffee0001", flags: 1, name: "run b act", kind: 1 },
    ...{ startTimeUnixNano: "1000000000", endTimeUnixNano: "8000000000", status: {} },
    attributes: [
      {
        key: "polycrate.transaction.id",
        value: { stringValue: "01a20e8a-0000-7000-8000-00c0ffee0001" },
      },
      { key: "polycrate.block", value: { stringValue: "b" } },
      { key: "polycrate.action", value: { stringValue: "act" } },
      { key: "polycrate.status", value: { stringValue: "succeeded" } },
      { key: "polycrate.exit_code", value: { intValue: "0" } },
      { key: "container.image.name", value: { stringValue: "busybox" } },
    ],
  });
  const parent = { traceId, parentSpanId: "800000c0ffee0001" };
  expect(build).toMatchObject({ ...parent, name: "build image", startTimeUnixNano: "2000000000" });
  expect(container).toMatchObject({ ...parent, name: "run container", endTimeUnixNano: "8000000000" });
  expect(new Set([whole?.spanId, build?.spanId, container?.spanId]).size).toBe(3);
});

test("a run that failed is an error, and so is the part that it failed in", () => {
  const failed = run({ status: "failed", exitCode: 3 });
  const spans = spansOf({ workflow: undefined, steps: [], runs: [failed] }, undefined, {});
  expect(spans.map(({ status }) => status)).toEqual([{ code: 2 }, {}, { code: 2 }]);
});

test("the runs of a workflow are below its span, and that is below the caller's", () => {
  const workflowRun = "01a20e8a-0000-7000-9000-00c0ffee0002";
  const step = (changes: Partial<Transaction>) => run({ workflow: "w", workflowRun, ...changes });
  const id = "01a20e8a-0000-7000-a000-00c0ffee0003";
  const runs = [step({ step: "one" }), step({ id, step: "two", status: "failed", finished: at(9) })];
  const parent = { traceId: "1".repeat(32), spanId: "2".repeat(16), flags: "01" };
  const spans = spansOf({ workflow: "w", steps: ["one", "two"], runs }, parent, {});
  expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([parent.traceId]));
  const named = (name: string) => spans.filter((span) => span.name === name);
  expect(named("workflow w")).toMatchObject([
    {
      parentSpanId: parent.spanId,
      spanId: "900000c0ffee0002",
      endTimeUnixNano: "9000000000",
      status: { code: 2 },
    },
  ]);
  expect(named("run b act").map(({ parentSpanId }) => parentSpanId)).toEqual([
    "900000c0ffee0002",
    "900000c0ffee0002",
  ]);
});

test("nothing is sent of a command or its arguments, and nothing at all when nothing ran", () => {
  const request = traceRequest({ workflow: undefined, steps: [], runs: [run()] }, undefined, {});
  expect(JSON.stringify(request)).not.toContain("s3cr3t");
  expect(traceRequest({ workflow: "w", steps: ["one"], runs: [] }, undefined, {})).toBe(undefined);
});
