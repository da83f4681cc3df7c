import { defineCommand } from "citty";
import { stdout } from "../../host/output.ts";
import { graphSteps } from "../../reports/graph/graphSteps.ts";
import { mermaidGraph } from "../../reports/graph/mermaidGraph.ts";
import { svgFile } from "../../reports/graph/svgGraph.ts";
import { findGraph } from "../findGraph.ts";
import { workspaceFlags } from "../flags.ts";
import { openWorkspace } from "../openWorkspace.ts";
import { graphJson, graphText } from "../output/graphText.ts";
import { messagesTo } from "../output/messages.ts";
import type { CommandData } from "../parseArgs.ts";

export default defineCommand({
  meta: {
    name: "workflow inspect",
    description: "Print the steps of a workflow and what each of them waits for, or draw them.",
  },
  args: {
    workflow: { type: "positional", required: true, description: "The name of the workflow." },
    ...workspaceFlags,
    output: {
      type: "enum",
      options: ["text", "mermaid", "svg", "json"],
      description: "The format: lines, a drawing as Mermaid or SVG, or JSON. Default: text.",
    },
  },
  run: ({ args, data }) => {
    const { outputs }: CommandData = data;
    const workspace = openWorkspace(messagesTo(outputs), args.workspace);
    const { plan: graph } = findGraph(workspace, args.workflow);
    const print = {
      text: () => graphText(graph, stdout.columns ?? 80),
      mermaid: () => mermaidGraph(graphSteps(graph)),
      svg: () => svgFile(`Workflow ${graph.name}`, graphSteps(graph)),
      json: () => graphJson(graph),
    }[args.output ?? "text"];
    stdout.write(print());
    return 0;
  },
});
