import { printable } from "../../errors.ts";
import type { GraphStep } from "./graphSteps.ts";

/** Returns the graph as a flowchart of Mermaid, which GitHub, GitLab and many editors draw. */
export function mermaidGraph(steps: readonly GraphStep[]): string {
  const boxes = steps.flatMap(boxLines);
  const lines = steps.flatMap(({ needs, when }, index) =>
    needs.map((need) => `  s${need} ${arrows[when]} s${index}`),
  );
  return [...["flowchart LR"], ...boxes, ...lines, ""].join("\n");
}

const arrows: Readonly<Record<GraphStep["when"], string>> = {
  success: "-->",
  failure: "-. failed .->",
  always: "-. always .->",
};

/** A matrix is a box around its combinations. */
function boxLines({ name, runs, notes, nodes }: GraphStep, index: number): readonly string[] {
  const label = [name, runs, ...notes].map(mermaidText).join("<br>");
  if (nodes.every(({ combination }) => combination === "")) return [`  s${index}["${label}"]`];
  return [
    `  subgraph s${index}["${label}"]`,
    ...nodes.map((node) => `    n${node.index}["${mermaidText(node.combination)}"]`),
    "  end",
  ];
}

/** Mermaid writes characters by their numbers as `#34;`, and takes a backtick for Markdown. */
function mermaidText(text: string): string {
  return printable(text).replace(/[^\p{L}\p{N} ./:=+,@_-]/gu, (one) => `#${one.codePointAt(0)};`);
}
