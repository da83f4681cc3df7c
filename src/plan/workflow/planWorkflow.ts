import type { WorkflowStep } from "../../workspace/blocks/resolveWorkflow.ts";
import { type Combination, matrixVariables, nodeName } from "../../workspace/matrix.ts";
import type { WorkflowSettings } from "../../workspace/poly/schema/workflow.ts";

/** A workflow as a graph. */
export type WorkflowPlan = {
  readonly name: string;
  /** No step has `needs` or `matrix`: the nodes run one after the other, and each depends on all before it. */
  readonly isSequence: boolean;
  readonly nodes: readonly WorkflowNode[];
};

/** What runs as one: a step, or one combination of its matrix. */
export type WorkflowNode = {
  /** The name of the step, and the combination: `deploy (region=eu)`. */
  readonly name: string;
  readonly step: WorkflowStep;
  readonly matrix: Combination;
  /** The nodes that end before it starts, by their indexes. */
  readonly dependsOn: readonly number[];
  readonly when: WorkflowStep["when"];
  /** Its failure counts as success. */
  readonly allowFailure: boolean;
  readonly retries: number;
  /** The docker context that it runs in; undefined leaves it to the workspace. */
  readonly context: string | undefined;
  /** In seconds; undefined leaves it to the action. */
  readonly timeout: number | undefined;
  /** The step's own variables, and those of the matrix. */
  readonly env: NonNullable<WorkflowStep["env"]>;
  readonly arguments: readonly string[];
};

/**
 * Returns the nodes of a workflow in the order of the file, those of a matrix with its last name changing first. A step that
 * needs one with a matrix depends on all of its combinations.
 */
export function planWorkflow({ name, steps, allow_failure: allowsAll }: WorkflowSettings): WorkflowPlan {
  const isSequence = steps.every(({ needs, matrix }) => (needs ?? matrix ?? null) === null);
  const places = steps.flatMap((step) => combinationsOf(step).map((matrix) => ({ step, matrix })));
  const nodes = places.map(
    ({ step, matrix }, index): WorkflowNode => ({
      name: nodeName(step.name, matrix),
      step,
      matrix,
      dependsOn: places.flatMap((other, place) =>
        (isSequence ? place < index : (step.needs ?? []).includes(other.step.name)) ? [place] : [],
      ),
      when: step.when,
      allowFailure: allowsAll || step.allow_failure,
      retries: step.retries,
      context: contextOf(step, matrix),
      timeout: step.timeout ?? undefined,
      env: { ...step.env, ...matrixVariables(matrix) },
      arguments: step.arguments,
    }),
  );
  return { name, isSequence, nodes };
}

function contextOf({ context }: WorkflowStep, matrix: Combination): string | undefined {
  if (typeof context !== "object" || context === null) return context ?? undefined;
  return matrix.find(({ name }) => name === context.from_matrix)?.value;
}

function combinationsOf({ matrix }: WorkflowStep): readonly Combination[] {
  return Object.entries(matrix ?? {}).reduce<readonly Combination[]>(
    (all, [name, values]) => all.flatMap((one) => values.map((value) => [...one, { name, value }])),
    [[]],
  );
}
