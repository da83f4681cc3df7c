import { printable } from "../../errors.ts";
import type { WorkflowNode, WorkflowPlan } from "./planWorkflow.ts";

/** Returns the graph as text, one line a node: its name, what it runs, what it depends on, and what differs from the default. */
export function formatWorkflow({ nodes, isSequence }: WorkflowPlan): string {
  return nodes.map((node) => `${printable(lineOfNode(node, nodes, isSequence))}\n`).join("");
}

function lineOfNode(node: WorkflowNode, nodes: readonly WorkflowNode[], isSequence: boolean): string {
  // In a sequence each node depends on all before it, of which only the last needs to be told.
  const before = isSequence ? node.dependsOn.slice(-1) : node.dependsOn;
  const names = before.map((index) => nodes[index]?.name ?? "");
  const { step, when, retries, timeout, context, allowFailure, env, arguments: words } = node;
  const facts = [
    `${step.block} ${step.action}`,
    ...(names.length === 0 ? [] : [`after ${names.join(", ")}`]),
    ...(when === "success" ? [] : [when === "always" ? "always" : "when one failed"]),
    ...(retries === 0 ? [] : [retries === 1 ? "1 retry" : `${retries} retries`]),
    ...(timeout === undefined ? [] : [`timeout ${timeout} s`]),
    ...(context === undefined ? [] : [`context ${context}`]),
    ...(allowFailure ? ["may fail"] : []),
    ...(Object.keys(env).length === 0 ? [] : [`env ${Object.keys(env).join(", ")}`]),
    ...(words.length === 0 ? [] : [`arguments ${JSON.stringify(words)}`]),
  ];
  return `${node.name}: ${facts.join("; ")}`;
}
