import { expect, test } from "bun:test";
import { planWorkflow } from "../../../../src/plan/workflow/planWorkflow.ts";
import { graphSteps } from "../../../../src/reports/graph/graphSteps.ts";
import { mermaidGraph } from "../../../../src/reports/graph/mermaidGraph.ts";
import { workflowOf } from "../../../support/workflows.ts";

test("a graph in Mermaid has a box for a matrix, and words on lines that are not for a success", () => {
  const plan = planWorkflow(
    workflowOf(`
  {name: build, block: b, action: act}
  {name: end, block: "x\\"]<br>y", action: act, needs: build, matrix: {os: [linux, '"];click']}, when: always}
  {name: tell, block: b, action: act, needs: [end, build], when: failure}
`),
  );
  expect(mermaidGraph(graphSteps(plan))).toBe(`flowchart LR
  s0["build<br>b act"]
  subgraph s1["end<br>x#34;#93;#60;br#62;y act<br>always"]
    n1["os=linux"]
    n2["os=#34;#92;#34;#93;#59;click#34;"]
  end
  s2["tell<br>b act<br>when one failed"]
  s0 -. always .-> s1
  s0 -. failed .-> s2
  s1 -. failed .-> s2
`);
});
