import { thisHost } from "../execution/host.ts";
import { noLog } from "../execution/output.ts";
import { runPlan, verdictOf } from "../execution/runPlan.ts";
import { runTransaction } from "../execution/runTransaction.ts";
import type { Container } from "../plan/container.ts";
import type { Image } from "../plan/image.ts";
import type { Plan } from "../plan/plan.ts";
import type { Terminal } from "../plan/script.ts";
import { printPlan } from "../plan/shellScript.ts";
import { version } from "../version.ts";
import type { Workspace } from "../workspace/loadWorkspace.ts";
import type { ResolvedAction, ResolvedBlock } from "../workspace/resolveBlock.ts";
import type { BlockPlaces } from "../workspace/runFiles.ts";
import { reportPlan, reportRun } from "./report.ts";

/** What a plan is about; only an action leaves a transaction behind. */
export type Purpose = {
  readonly workspace: Workspace;
  readonly container: Container;
  readonly image: Image;
  readonly terminal: Terminal;
  readonly transaction:
    | {
        readonly block: { readonly resolved: ResolvedBlock; readonly places: BlockPlaces };
        readonly action: ResolvedAction;
      }
    | undefined;
};

/**
 * Prints the plan, or executes it: the one place that asks whether this is a dry run. Returns the exit code that polycrate
 * is to end with.
 */
export async function carryOut(plan: Plan, purpose: Purpose, dryRun: boolean): Promise<number> {
  if (dryRun) {
    process.stdout.write(printPlan(plan));
    return 0;
  }
  const { workspace, container, image, terminal, transaction } = purpose;
  const watch = {
    container: container.name,
    status: container.paths.status,
    terminal: { interactive: terminal.interactive, isTerminal: terminal.size !== undefined },
    stopTimeout: workspace.settings.config?.container?.stop_timeout ?? 10,
  };
  const host = thisHost();
  if (transaction === undefined) {
    const execution = await runPlan(plan, { ...watch, timeout: undefined }, host, noLog, () => {});
    return reportPlan(execution, verdictOf(execution), purpose);
  }
  const { block, action } = transaction;
  const outcome = await runTransaction(
    plan,
    {
      ...watch,
      id: container.transaction,
      block: block.resolved.name,
      action: action.name,
      workflow: undefined,
      workflowRun: undefined,
      step: undefined,
      image: image.reference,
      version,
      logsRoot: workspace.layout.logsRoot,
      artifacts: block.places.artifacts,
      timeout: action.settings.timeout ?? action.settings.config?.timeout ?? undefined,
    },
    host,
  );
  return reportRun(outcome, purpose, action);
}
