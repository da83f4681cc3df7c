import type { WorkflowNode } from "../plan/workflow/planWorkflow.ts";

/** What is walked: which nodes end before a node starts, and what has to be true of them. */
export type Graph = {
  /** Nodes run one after the other: one that had no reason to run stops nothing. */
  readonly isSequence: boolean;
  readonly nodes: readonly Pick<WorkflowNode, "dependsOn" | "when" | "allowFailure" | "retries">[];
};

export type WalkOptions = {
  /** How many nodes run at once at most. */
  readonly jobs: number;
  /** After the first failure, only nodes that run because of it are started, and `onFirstFailure` is called. */
  readonly failFast: boolean;
  readonly onFirstFailure?: () => void;
  /** True when nothing more is to be started. */
  readonly isCancelled: () => boolean;
};

/** How one attempt of a node ended: `stopped` ends the walk. */
export type AttemptEnd = { readonly end: "succeeded" | "failed" | "stopped"; readonly exitCode: number };

/** How a node ended. Of `not run` nothing more is known: the walk ended before. */
export type NodeState = "succeeded" | "failed" | "allowed" | "stopped" | "skipped" | "not run";

/** Why a node is skipped: what it depends on did not succeed, or did not fail. */
export type SkipReason = "needs" | "condition";

/** What is done for a node. */
export type NodeWork = {
  readonly run: (index: number, attempt: number) => Promise<AttemptEnd>;
  readonly skip: (index: number, reason: SkipReason) => void;
};

/** How the nodes ended, and the code of the walk: that of what stopped it, else of the first failure in time, else 0. */
export type Walked = { readonly states: readonly NodeState[]; readonly exitCode: number };

/**
 * Runs the nodes of a graph, each when all that it depends on has ended and its condition holds, in the order of the file as far
 * as that goes. A node that fails is run again as often as it may be. Rejects when an attempt does, once no other runs.
 */
export async function walkGraph(
  { nodes, isSequence }: Graph,
  { jobs, failFast, onFirstFailure, isCancelled }: WalkOptions,
  { run, skip }: NodeWork,
): Promise<Walked> {
  const states = new Map<number, NodeState>();
  const running = new Map<number, Promise<void>>();
  let failure: number | undefined;
  let stop: number | undefined;
  let error: { readonly cause: unknown } | undefined;
  const isOver = () => stop !== undefined || error !== undefined || isCancelled();
  const attempts = async (index: number): Promise<void> => {
    const { retries = 0, allowFailure = false } = nodes[index] ?? {};
    for (let attempt = 1; ; attempt += 1) {
      const { end, exitCode } = await run(index, attempt);
      if (end === "failed" && attempt <= retries && !isOver()) continue;
      states.set(index, end === "failed" && allowFailure ? "allowed" : end);
      // What is stopped because of a failure does not stop what is to run because of it.
      if (end === "stopped" && !(failFast && failure !== undefined)) stop ??= exitCode;
      if (end !== "failed" || allowFailure) return;
      if (failure === undefined && failFast) onFirstFailure?.();
      failure ??= exitCode;
      return;
    }
  };
  const start = (index: number) => {
    const ended = attempts(index).catch((cause) => {
      error ??= { cause };
    });
    running.set(
      index,
      ended.finally(() => running.delete(index)),
    );
  };
  for (let hasChanged = true; hasChanged; ) {
    hasChanged = false;
    for (const [index, node] of nodes.entries()) {
      if (states.has(index) || running.has(index) || running.size >= jobs || isOver()) continue;
      const before = node.dependsOn.map((one) => states.get(one));
      const ended = before.filter((state) => state !== undefined);
      if (ended.length < before.length) continue;
      const reason = skipReason(node.when, ended, isSequence);
      if (reason !== undefined) {
        states.set(index, "skipped");
        skip(index, reason);
        hasChanged = true;
      } else if (failFast && failure !== undefined && node.when === "success") {
        states.set(index, "not run");
        hasChanged = true;
      } else start(index);
    }
    if (running.size === 0 || hasChanged) continue;
    await Promise.race(running.values());
    hasChanged = true;
  }
  if (error !== undefined) throw error.cause;
  return { states: nodes.map((_, index) => states.get(index) ?? "not run"), exitCode: stop ?? failure ?? 0 };
}

function skipReason(
  when: WorkflowNode["when"],
  before: readonly NodeState[],
  isSequence: boolean,
): SkipReason | undefined {
  const hasFailed = before.some((state) => state === "failed" || state === "stopped");
  if (when === "failure") return hasFailed ? undefined : "condition";
  if (when === "always") return undefined;
  const isSuccess = isSequence
    ? !hasFailed
    : before.every((state) => state === "succeeded" || state === "allowed");
  return isSuccess ? undefined : "needs";
}
