import { printable } from "../../errors.ts";
import type { WorkflowPlan } from "../../plan/workflow/planWorkflow.ts";
import { type GraphStep, graphSteps } from "../../reports/graph/graphSteps.ts";
import { formatJson } from "./json.ts";
import { wrapWords } from "./wrapWords.ts";

/** Returns the graph as text, a line a node: what it runs, the steps that it follows, and what is not the default. */
export function graphText(plan: WorkflowPlan, columns: number): string {
  const steps = graphSteps(plan);
  const rows = steps.flatMap((step) =>
    step.nodes.map(({ combination }) => ({
      name: printable(combination === "" ? step.name : `${step.name} (${combination})`),
      text: printable(stepFacts(step, steps).join("; ")),
    })),
  );
  const left = Math.min(Math.max(...rows.map(({ name }) => name.length)), Math.floor(columns / 2));
  return rows.map(({ name, text }) => rowText(name, text, left, columns)).join("");
}

function stepFacts({ runs, needs, notes }: GraphStep, steps: readonly GraphStep[]): readonly string[] {
  const names = needs.map((index) => steps[index]?.name ?? "");
  return [runs, ...(names.length === 0 ? [] : [`after ${names.join(", ")}`]), ...notes];
}

function rowText(name: string, text: string, left: number, columns: number): string {
  const indent = " ".repeat(left + 2);
  const [first = "", ...more] = wrapWords(text, Math.max(20, columns - indent.length));
  const head = name.length > left ? [name, `${indent}${first}`] : [`${name.padEnd(left)}  ${first}`];
  return [...head, ...more.map((line) => indent + line)].map((line) => `${line.trimEnd()}\n`).join("");
}

/** Returns the graph for programs: each node with the names of the nodes that end before it starts. */
export function graphJson({ name, isSequence, nodes }: WorkflowPlan): string {
  return formatJson({
    workflow: name,
    kind: isSequence ? "sequence" : "graph",
    nodes: nodes.map((node) => ({
      name: node.name,
      step: node.step.name,
      block: node.step.block,
      action: node.step.action,
      matrix: Object.fromEntries(node.matrix.map((one) => [one.name, one.value])),
      needs: node.dependsOn.map((index) => nodes[index]?.name ?? ""),
      when: node.when,
      allow_failure: node.allowFailure,
      retries: node.retries,
      timeout: node.timeout ?? null,
      context: node.context ?? null,
      arguments: node.arguments,
    })),
  });
}
