import type { WorkflowNode, WorkflowPlan } from "../../plan/workflow/planWorkflow.ts";
import { nodeName } from "../../workspace/matrix.ts";

/** A step of a workflow as it is shown: once, whatever the combinations of its matrix. */
export type GraphStep = {
  readonly name: string;
  /** `BLOCK ACTION`. */
  readonly runs: string;
  /** The steps before it, by their indexes; in a sequence only the last. */
  readonly needs: readonly number[];
  readonly when: WorkflowNode["when"];
  /** What is not the default, in words. */
  readonly notes: readonly string[];
  /** Its nodes by their indexes in the plan, each with its combination: `region=eu`; without a matrix it is empty. */
  readonly nodes: readonly { readonly index: number; readonly combination: string }[];
};

/** Returns the steps of a workflow, in the order of the file. */
export function graphSteps({ nodes, isSequence }: WorkflowPlan): readonly GraphStep[] {
  const indexed = nodes.map((node, index) => ({ node, index }));
  // In a sequence two steps may have one name.
  const groups = [...Map.groupBy(indexed, ({ node }) => node.step).values()];
  const stepOf = new Map(groups.flatMap((group, step) => group.map(({ index }) => [index, step] as const)));
  return groups.flatMap((group): readonly GraphStep[] => {
    const [first] = group;
    if (first === undefined) return [];
    const { step, when, dependsOn } = first.node;
    const before = [...new Set(dependsOn.flatMap((index) => stepOf.get(index) ?? []))];
    return [
      {
        name: step.name,
        runs: `${step.block} ${step.action}`,
        needs: isSequence ? before.slice(-1) : before,
        when,
        notes: notesOf(first.node),
        nodes: group.map(({ node: { matrix }, index }) => ({
          index,
          combination: matrix.length === 0 ? "" : nodeName("", matrix).slice(2, -1),
        })),
      },
    ];
  });
}

/** In words what a node has that is not the default. */
function notesOf({ when, retries, timeout, allowFailure }: WorkflowNode): readonly string[] {
  return [
    ...(when === "success" ? [] : [when === "always" ? "always" : "when one failed"]),
    ...(retries === 0 ? [] : [retries === 1 ? "1 retry" : `${retries} retries`]),
    ...(timeout === undefined ? [] : [`timeout ${formatWhole(timeout)}`]),
    ...(allowFailure ? ["may fail"] : []),
  ];
}

/** A number of seconds: `5 min`, `1 h 30 min`. */
function formatWhole(seconds: number): string {
  const parts = [
    `${Math.floor(seconds / 3600)} h`,
    `${Math.floor(seconds / 60) % 60} min`,
    `${seconds % 60} s`,
  ];
  const shown = parts.filter((part) => !part.startsWith("0 "));
  return shown.length === 0 ? "0 s" : shown.join(" ");
}
