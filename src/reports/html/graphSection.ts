import { graphSteps } from "../graph/graphSteps.ts";
import type { NodeOutcome } from "../graph/svgGraph.ts";
import { svgMarkup } from "../graph/svgGraph.ts";
import { lastAttempts, stepNameOf } from "../outcome.ts";
import type { RunReport } from "../runReport.ts";
import { html, type Markup, nothing } from "./markup.ts";
import { statusWords, timeOfRun } from "./words.ts";

/** Returns the drawing of a graph with how each step ended; nothing for steps that run in order. */
export function graphMarkup(report: RunReport): Markup {
  const { workflow = "", graph, skipped = [], runs } = report;
  if (graph === undefined) return nothing;
  const runOfNode = new Map(lastAttempts(runs).map((run) => [stepNameOf(run), run]));
  const outcomeOf = (index: number): NodeOutcome => {
    const name = graph.nodes[index]?.name ?? "";
    const run = runOfNode.get(name);
    if (run !== undefined) return { ...statusWords[run.transaction.status], note: timeOfRun(run) };
    return skipped.includes(name) ? skippedWords : notRunWords;
  };
  return html`<section aria-labelledby="graph">
<h2 id="graph">Steps</h2>
<div class="wide" role="group" aria-label="Graph of the steps" tabindex="0">
${svgMarkup(`Steps of ${workflow}, and what they wait for`, graphSteps(graph), outcomeOf)}
</div>
</section>
`;
}

const skippedWords: NodeOutcome = { label: "skipped", symbol: "–", tone: "plain", note: "" };
const notRunWords: NodeOutcome = { label: "not run", symbol: "–", tone: "open", note: "" };
