import { exitCodes, PolycrateError } from "../../errors.ts";
import type { ActionTarget } from "../../plan/target.ts";
import type { WorkflowNode, WorkflowPlan } from "../../plan/workflow/planWorkflow.ts";
import type { Workspace } from "../../workspace/load.ts";
import { matrixVariable } from "../../workspace/matrix.ts";
import type { WorkflowSettings } from "../../workspace/poly/schema/workflow.ts";
import { type HostSources, hostSourcesOf } from "./hostSources.ts";

/** A workflow as the jobs of a CI system, each of which runs one step. */
export type Pipeline = {
  readonly workflow: string;
  /** The path of the workspace in its repository; "" when they are one. */
  readonly folder: string;
  readonly isSequence: boolean;
  /** The folder of all artifacts, relative to the workspace. */
  readonly artifactsRoot: string;
  readonly jobs: readonly PipelineJob[];
};

export type PipelineJob = {
  readonly step: string;
  /** What it runs, in words. */
  readonly runs: string;
  readonly matrix: readonly MatrixAxis[];
  /** The jobs that must end before, by their indexes. */
  readonly needs: readonly number[];
  /** Earlier jobs, beside those, whose artifacts it may read. */
  readonly reads: readonly number[];
  readonly when: WorkflowNode["when"];
  readonly allowFailure: boolean;
  readonly retries: number;
  /** The minutes after which the CI system may end it; polycrate ends the action before. */
  readonly timeout: number | undefined;
  /** The folder of the block's artifacts, relative to the workspace. */
  readonly artifacts: string;
  readonly sources: HostSources;
  /** What polycrate would ask before the step. */
  readonly questions: readonly string[];
};

/** A name of a matrix, the variable that has its value in a job, and the values. */
export type MatrixAxis = {
  readonly name: string;
  readonly variable: string;
  readonly values: readonly string[];
};

/** A node of the graph, and the action that it runs. */
export type ExportedNode = { readonly node: WorkflowNode; readonly target: ActionTarget };

/** Returns the jobs of a workflow. Throws (65) when two steps have one name, because only the first could be named. */
export function pipelineOf(
  workspace: Workspace,
  workflow: WorkflowSettings,
  plan: WorkflowPlan,
  nodes: readonly ExportedNode[],
  folder: string,
): Pipeline {
  const groups = [...Map.groupBy(nodes, ({ node }) => node.step).values()];
  const steps = groups.flatMap((group) => group[0] ?? []);
  assertNamedOnce(steps.map(({ node }) => node.step.name));
  const stepOf = new Map(
    groups.flatMap((group, step) => group.map(({ node }) => [plan.nodes.indexOf(node), step] as const)),
  );
  const order = steps.map(({ node }) => ({
    when: node.when,
    before: [...new Set(node.dependsOn.flatMap((index) => stepOf.get(index) ?? []))],
  }));
  const needs = needsOf(order, plan.isSequence);
  const artifacts = steps.map(({ target }) => target.block.places.artifacts);
  const jobs = steps.map(
    ({ node, target }, index): PipelineJob => ({
      step: node.step.name,
      runs: `${node.step.block} ${node.step.action}`,
      matrix: axesOf(groups[index] ?? []),
      needs: needs[index] ?? [],
      reads: readsOf(index, needs, order, artifacts),
      when: node.when,
      allowFailure: node.allowFailure,
      retries: node.retries,
      timeout: minutesOf(node, target, workspace.settings.config.container.stop_timeout),
      artifacts: artifacts[index] ?? "",
      sources: hostSourcesOf(workspace, target, node),
      questions: [
        ...(needs[index]?.length === 0 ? [workflow.prompt?.message ?? []].flat() : []),
        ...[node.step.prompt?.message ?? [], target.action.settings.prompt?.message ?? []].flat(),
      ],
    }),
  );
  const { artifactsRoot } = workspace.layout;
  return { workflow: workflow.name, folder, isSequence: plan.isSequence, artifactsRoot, jobs };
}

function assertNamedOnce(names: readonly string[]): void {
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice === undefined) return;
  throw new PolycrateError(`two steps have the name \`${twice}\`, so a job cannot name the second`, {
    hint: "rename one of them",
    exitCode: exitCodes.invalidWorkspace,
  });
}

type StepOrder = readonly { readonly when: WorkflowNode["when"]; readonly before: readonly number[] }[];

/**
 * Returns what each job needs. A CI system skips a job when one that it needs was skipped, so in a sequence those that only run
 * after a failure are left out, and what others need already.
 */
function needsOf(order: StepOrder, isSequence: boolean): readonly (readonly number[])[] {
  const needs: (readonly number[])[] = [];
  for (const { when, before } of order) {
    if (!isSequence || when === "failure") {
      needs.push(before);
      continue;
    }
    const counted = when === "success" ? before.filter((index) => order[index]?.when !== "failure") : before;
    const implied = new Set(
      counted.flatMap((index) =>
        when === "always" || order[index]?.when === "success"
          ? [...impliedBy(index, needs, order, when)]
          : [],
      ),
    );
    needs.push(counted.filter((index) => !implied.has(index)));
  }
  return needs;
}

/** The steps that have succeeded, or for `always` ended, when this one has. */
function impliedBy(
  index: number,
  needs: readonly (readonly number[])[],
  order: StepOrder,
  when: WorkflowNode["when"] = "success",
): ReadonlySet<number> {
  const found = new Set<number>();
  const visit = (one: number) => {
    for (const need of needs[one] ?? []) {
      if (found.has(need)) continue;
      found.add(need);
      if (when === "always" || order[need]?.when === "success") visit(need);
    }
  };
  visit(index);
  return found;
}

/**
 * A job has the artifacts of those that it needs, and of earlier ones that must have succeeded, unless another of them has passed
 * them on: a job keeps all that is in the folder of its block.
 */
function readsOf(
  index: number,
  needs: readonly (readonly number[])[],
  order: StepOrder,
  artifacts: readonly string[],
): readonly number[] {
  if (order[index]?.when !== "success") return [];
  const direct = needs[index] ?? [];
  const implied = direct.flatMap((need) =>
    order[need]?.when === "success" ? [...impliedBy(need, needs, order)] : [],
  );
  const all = [...new Set([...direct, ...implied])];
  const isPassedOn = (one: number) =>
    all.some(
      (other) =>
        other !== one &&
        artifacts[other] === artifacts[one] &&
        impliedBy(other, needs, order, "always").has(one),
    );
  return all.filter((one) => !direct.includes(one) && !isPassedOn(one)).sort((a, b) => a - b);
}

function axesOf(nodes: readonly ExportedNode[]): readonly MatrixAxis[] {
  const pairs = nodes.flatMap(({ node }) => node.matrix);
  return [...Map.groupBy(pairs, ({ name }) => name)].map(([name, all]) => ({
    name,
    variable: matrixVariable(name),
    values: [...new Set(all.map(({ value }) => value))],
  }));
}

/** All attempts, each with the time to stop, and some for the image and the checkout. */
function minutesOf(
  { timeout, retries }: WorkflowNode,
  { action: { settings } }: ActionTarget,
  stopTimeout: number,
): number | undefined {
  const seconds = timeout ?? settings.timeout ?? settings.config?.timeout ?? undefined;
  return seconds === undefined
    ? undefined
    : Math.ceil(((retries + 1) * (seconds + stopTimeout)) / 60) + minutesForTheRest;
}

const minutesForTheRest = 10;
