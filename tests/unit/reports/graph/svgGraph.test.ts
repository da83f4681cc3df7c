import { expect, test } from "bun:test";
import { planWorkflow } from "../../../../src/plan/workflow/planWorkflow.ts";
import { graphSteps } from "../../../../src/reports/graph/graphSteps.ts";
import { svgFile, svgMarkup } from "../../../../src/reports/graph/svgGraph.ts";
import { statusWords } from "../../../../src/reports/html/words.ts";
import { hostileText } from "../../../support/reports.ts";
import { workflowOf } from "../../../support/workflows.ts";

const steps = graphSteps(
  planWorkflow(
    workflowOf(`
  {name: build, block: b, action: act}
  {name: test, block: b, action: act, needs: build, matrix: {n: [${[...Array(20).keys()].join(", ")}]}}
`),
  ),
);

test("the drawing is a file that needs nothing else, for light and dark pages", () => {
  const svg = svgFile("Workflow release", steps);
  expect(svg).toStartWith('<svg xmlns="http://www.w3.org/2000/svg" class="graph" role="img" viewBox="0 0 ');
  expect(svg).toContain("<title>Workflow release</title>");
  expect(svg).toContain("@media (prefers-color-scheme: dark)");
  expect(svg).not.toMatch(/<script|<image|href|url\(|@import/);
});

test("what others wrote is text in it, and its end is well-formed", () => {
  const [first] = steps;
  if (first === undefined) throw new Error("no step");
  const combination = hostileText.slice(0, 60);
  const hostile = {
    ...first,
    ...{ name: hostileText, runs: hostileText, notes: [hostileText], nodes: [{ index: 0, combination }] },
  };
  const svg = svgFile(hostileText, [hostile]);
  expect(svg).not.toMatch(/<script|<img|<iframe|&nbsp;|[\x00-\x08\x0b-\x1f\x7f]/);
  const opened = svg.match(/<[a-z][^>]*>/g)?.length;
  expect(svg.match(/<\/[a-z]+>/g)?.length).toBe(opened);
});

test("a drawing on a page shows how each node ended; of many, those that did not succeed first", () => {
  const { markup } = svgMarkup("Steps", steps, (node) => ({
    ...statusWords[node === 18 ? "failed" : "succeeded"],
    note: node === 18 ? "3.0 s" : "0.4 s",
  }));
  expect(markup).toContain('<g class="step good"');
  expect(markup).toContain('<g class="step bad"');
  expect(markup).toContain("✗ 3.0 s</text>");
  expect(markup).toContain(">n=17</text>");
  expect(markup).toContain(">and 9 more</text>");
  expect(markup).not.toContain("<style");
});

test("a long text is cut, by its width in columns, and is whole in the title", () => {
  const long = "服".repeat(40);
  const [first] = steps;
  const svg = svgFile("t", first === undefined ? [] : [{ ...first, name: long }]);
  expect(svg).toContain(`<text class="name" x="10" y="20">${"服".repeat(17)}…</text>`);
  expect(svg).toContain(`<title>${long}: b act</title>`);
});
