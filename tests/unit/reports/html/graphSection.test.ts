import { expect, test } from "bun:test";
import { planWorkflow } from "../../../../src/plan/workflow/planWorkflow.ts";
import { graphMarkup } from "../../../../src/reports/html/graphSection.ts";
import { at, reportedRun } from "../../../support/reports.ts";
import { workflowOf } from "../../../support/workflows.ts";

const graph = planWorkflow(
  workflowOf(`{name: build, block: web, action: act}
    {name: test, block: web, action: act, needs: build, matrix: {os: [linux, mac]}, retries: 1}
    {name: deploy, block: web, action: act, needs: test}
    {name: undo, block: web, action: act, needs: build, when: failure}`),
);

const run = (step: string, changes: object) => reportedRun({ transaction: { step, ...changes } });

test("a report on a graph has its drawing with how each node ended, after its last attempt", () => {
  const of = (os: string, attempt: number) => ({ matrix: [{ name: "os", value: os }], attempt });
  const { markup } = graphMarkup({
    workflow: "release",
    steps: graph.nodes.map(({ name }) => name),
    skipped: ["undo"],
    graph,
    runs: [
      run("build", { finished: at(7) }),
      run("test", { ...of("linux", 1), status: "failed" }),
      run("test", { ...of("linux", 2), finished: at(4) }),
      run("test", { ...of("mac", 1), status: "timed_out", finished: at(5) }),
    ],
  });
  const outcomes = [...markup.matchAll(/<text class="outcome (\w+)"[^>]*>([^<]*)</g)];
  expect(outcomes.map(([, tone, text]) => `${tone} ${text}`)).toEqual([
    "good ✓ 7.0 s",
    "good ✓ 4.0 s",
    "bad ✗ 5.0 s",
    "open – not run",
    "plain – skipped",
  ]);
});

test("a report on steps in order has none", () => {
  expect(graphMarkup({ workflow: "release", steps: ["a"], runs: [] }).markup).toBe("");
});
