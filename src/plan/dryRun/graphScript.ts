import type { Plan } from "../plan.ts";
import type { WorkflowNode, WorkflowPlan } from "../workflow/planWorkflow.ts";
import { comment, planLines, scriptHead } from "./script.ts";

/** A workflow that is more than steps in order, of which the first failure stops all others; `plans` are by its nodes. */
export type GraphScript = {
  readonly title: string;
  readonly workflow: WorkflowPlan;
  readonly plans: readonly Plan[];
};

/** True if steps in order, each ended by a failure of those before it, say all there is to say of the workflow. */
export function isPlainSequence({ isSequence, nodes }: WorkflowPlan): boolean {
  const [first] = nodes;
  return (
    isSequence &&
    nodes.every(
      ({ when, retries, allowFailure }, index) =>
        // The first step runs in any case.
        (when === "success" || index === 0) && retries === 0 && allowFailure === first?.allowFailure,
    )
  );
}

/**
 * Returns a script that runs the nodes one after the other, in an order that the graph allows, each under the same condition as
 * in the graph. It ends with the code of the first failure, and a signal ends all of it.
 */
export function printGraphScript({ title, workflow, plans }: GraphScript): string {
  const order = legalOrder(workflow.nodes);
  const steps = order.flatMap((index) => {
    const [node, plan] = [workflow.nodes[index], plans[index]];
    return node === undefined || plan === undefined ? [] : nodeLines(workflow, index, node, plan);
  });
  return [
    ...scriptHead(title),
    ...comment("It runs the steps one after the other, where polycrate runs several at once.").filter(
      () => !workflow.isSequence,
    ),
    "(",
    "first=0",
    ...steps,
    "",
    'exit "$first"',
    ")",
    "",
  ].join("\n");
}

/** Returns the nodes' indexes so that each comes after those it depends on, else in the order of the file. */
export function legalOrder(nodes: readonly WorkflowNode[]): readonly number[] {
  const order: number[] = [];
  const isDone = (index: number) => order.includes(index);
  while (order.length < nodes.length) {
    const next = nodes.findIndex(({ dependsOn }, index) => !isDone(index) && dependsOn.every(isDone));
    if (next < 0) throw new Error("the nodes depend on each other in a cycle");
    order.push(next);
  }
  return order;
}

function nodeLines(workflow: WorkflowPlan, index: number, node: WorkflowNode, plan: Plan): readonly string[] {
  const condition = conditionOf(workflow, node);
  const attempts = node.retries + 1;
  const run = [
    ...planLines(plan),
    "code=$?",
    // A signal ends a workflow whatever it allows.
    'case $code in 129 | 130 | 143) exit "$code" ;; esac',
  ];
  const repeated =
    attempts === 1
      ? run
      : [`for attempt in ${numbersTo(attempts)}; do`, ...run, '[ "$code" -ne 0 ] || break', "done"];
  const failed = node.allowFailure
    ? `else state_${index}=ok`
    : `else state_${index}=failed; [ "$first" -ne 0 ] || first=$code`;
  const whole = [...repeated, `if [ "$code" -eq 0 ]; then state_${index}=ok; ${failed}; fi`];
  return [
    "",
    ...comment(`${node.name}: ${plan.title}`),
    ...(condition === "" ? whole : [`if ${condition}; then`, ...whole, `else state_${index}=skipped; fi`]),
  ];
}

function numbersTo(count: number): string {
  return Array.from({ length: count }, (_, index) => index + 1).join(" ");
}

/** "" where a node runs in any case. */
function conditionOf({ isSequence }: WorkflowPlan, { when, dependsOn }: WorkflowNode): string {
  if (when === "always") return "";
  const states = dependsOn.map((one) => `"$state_${one}"`);
  if (when === "failure") {
    return states.length === 0 ? "false" : states.map((state) => `[ ${state} = failed ]`).join(" || ");
  }
  return states.map((state) => (isSequence ? `[ ${state} != failed ]` : `[ ${state} = ok ]`)).join(" && ");
}
