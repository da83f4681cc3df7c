import { didYouMean, exitCodes, PolycrateError } from "../../errors.ts";
import type { WorkflowNode, WorkflowPlan } from "./planWorkflow.ts";

/** Which steps of a workflow to run: one, one and those after it, or all; of a matrix all combinations, or those with these values. */
export type StepChoice = {
  readonly only?: string | undefined;
  readonly from?: string | undefined;
  /** `NAME=VALUE`, as on the command line. */
  readonly matrix?: readonly string[] | undefined;
};

/**
 * Returns the workflow with the chosen nodes alone: what they depend on beside each other counts as done, and the step that is
 * named runs whatever its `when` says. In a graph, the steps after one are those that depend on it, directly or not. Throws (64)
 * when choices contradict each other or name nothing, (65) when there are no steps.
 */
export function chooseNodes(plan: WorkflowPlan, { only, from, matrix = [] }: StepChoice): WorkflowPlan {
  if (only !== undefined && from !== undefined) {
    throw new PolycrateError("`--step` and `--from-step` cannot be used together", {
      hint: "use one of them",
      exitCode: exitCodes.wrongCommandLine,
    });
  }
  if (only === undefined && matrix.length > 0) {
    throw new PolycrateError("`--matrix` requires `--step`", {
      hint: "name the step that has the matrix: `--step=NAME --matrix=NAME=VALUE`",
      exitCode: exitCodes.wrongCommandLine,
    });
  }
  if (plan.nodes.length === 0) {
    throw new PolycrateError(`workflow \`${plan.name}\` has no steps`, {
      hint: "write them: `steps: [{name: build, block: my-app, action: build}]`",
      exitCode: exitCodes.invalidWorkspace,
    });
  }
  const named = only ?? from;
  if (named === undefined) return plan;
  const first = namedNodes(plan, named);
  const chosen = only === undefined ? withDependents(plan, first) : withValues(plan, first, matrix);
  return narrowed(
    plan,
    [...chosen].sort((a, b) => a - b),
    new Set(first),
  );
}

/** In a sequence, the first of two steps of the same name. */
function namedNodes({ name, nodes, isSequence }: WorkflowPlan, step: string): readonly number[] {
  const found = nodes.flatMap((node, index) => (node.step.name === step ? [index] : []));
  if (found.length > 0) return isSequence ? found.slice(0, 1) : found;
  const names = [...new Set(nodes.map((node) => node.step.name))];
  throw new PolycrateError(`workflow \`${name}\` has no step \`${step}\``, {
    hint: didYouMean(step, names) ?? `its steps: ${names.join(", ")}`,
    exitCode: exitCodes.wrongCommandLine,
  });
}

function withDependents({ nodes }: WorkflowPlan, first: readonly number[]): ReadonlySet<number> {
  const chosen = new Set(first);
  for (let size = 0; size < chosen.size; ) {
    size = chosen.size;
    for (const [index, { dependsOn }] of nodes.entries()) {
      if (dependsOn.some((one) => chosen.has(one))) chosen.add(index);
    }
  }
  return chosen;
}

function withValues(
  { nodes }: WorkflowPlan,
  step: readonly number[],
  matrix: readonly string[],
): ReadonlySet<number> {
  const isMeant = (index: number) =>
    matrix.every((pair) => nodes[index]?.matrix.some(({ name, value }) => `${name}=${value}` === pair));
  const found = step.filter(isMeant);
  if (found.length > 0) return new Set(found);
  const pairs = step.flatMap(
    (index) => nodes[index]?.matrix.map(({ name, value }) => `${name}=${value}`) ?? [],
  );
  const known = [...new Set(pairs)];
  const name = nodes[step[0] ?? 0]?.step.name;
  if (known.length === 0) {
    throw new PolycrateError(`step \`${name}\` has no matrix`, {
      hint: "omit `--matrix`",
      exitCode: exitCodes.wrongCommandLine,
    });
  }
  const wrong = matrix.find((pair) => !known.includes(pair)) ?? matrix.join(" ");
  throw new PolycrateError(`the matrix of step \`${name}\` has no combination with \`${wrong}\``, {
    hint: didYouMean(wrong, known) ?? `its values: ${known.join(", ")}`,
    exitCode: exitCodes.wrongCommandLine,
  });
}

function narrowed(plan: WorkflowPlan, chosen: readonly number[], named: ReadonlySet<number>): WorkflowPlan {
  const nodes = chosen.flatMap((index): readonly WorkflowNode[] => {
    const node = plan.nodes[index];
    if (node === undefined) return [];
    const dependsOn = node.dependsOn.map((one) => chosen.indexOf(one)).filter((one) => one >= 0);
    return [{ ...node, dependsOn, when: named.has(index) ? "always" : node.when }];
  });
  return { ...plan, nodes };
}
