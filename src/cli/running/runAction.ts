import { type Host, thisHost } from "../../host/stdio.ts";
import type { Container } from "../../plan/container.ts";
import { printScript, type Script } from "../../plan/dryRun/script.ts";
import type { Terminal } from "../../plan/entrypoint.ts";
import { buildOutputOf } from "../../run/buildView.ts";
import { listenForStops } from "../../run/cancellation.ts";
import { noLog } from "../../run/outputRelay.ts";
import { noNews, runPlan, verdictOf } from "../../run/runPlan.ts";
import { type Outcome, runTransaction } from "../../run/runTransaction.ts";
import { version } from "../../version.ts";
import { assertFilesExist } from "../../workspace/blockPaths.ts";
import type { Workspace } from "../../workspace/load.ts";
import type { Loudness } from "../output/notices.ts";
import { reportPlan, reportRun } from "../output/runSummary.ts";
import type { ChosenAction, PlannedContainer } from "./planContainer.ts";
import { sayLostRuns } from "./prepare.ts";

/** What an execution is to say and to write beside the action's own output. */
export type Manner = {
  /** The action's standard output goes to standard error, because standard output is for the transaction. */
  readonly quietStdout: boolean;
  /** Seconds that win over the action's own timeout. */
  readonly timeout: number | undefined;
} & Loudness;

/** What a workflow gives to each of its steps. */
export type WorkflowRun = { readonly workflow: string; readonly id: string };

/** Prints the plans as one script, and returns polycrate's exit code. */
export function printDryRun(script: Script): number {
  process.stdout.write(printScript(script));
  return 0;
}

/** Executes the plan of an action, remembers it as a transaction, and says how it ended. */
export async function carryOutAction(
  workspace: Workspace,
  chosen: ChosenAction,
  { plan, container, image, terminal }: PlannedContainer,
  manner: Manner,
  workflowRun?: WorkflowRun,
): Promise<Outcome> {
  assertFilesExist(plan.workspace, plan.requires ?? []);
  const { block, action, step } = chosen;
  const subject = {
    ...watchOf(workspace, container, terminal, manner),
    timeout: manner.timeout ?? action.settings.timeout ?? action.settings.config?.timeout ?? undefined,
    id: container.transaction,
    block: block.resolved.name,
    action: action.name,
    workflow: workflowRun?.workflow,
    workflowRun: workflowRun?.id,
    step: step?.name,
    image: image.reference,
    version,
    logsRoot: workspace.layout.logsRoot,
    artifacts: block.places.artifacts,
    blockFolder: action.directory,
  };
  sayLostRuns(workspace);
  const outcome = await runTransaction(plan, subject, hostFor(manner));
  reportRun(outcome, { image, shell: container.shell, buildOutput: subject.buildOutput }, action);
  return outcome;
}

/** Executes a plan that leaves no transaction behind, and returns polycrate's exit code. A build has no container. */
export async function carryOutUnrecorded(
  workspace: Workspace,
  {
    plan,
    container,
    image,
    terminal,
  }: Omit<PlannedContainer, "container"> & { readonly container?: Container },
  loudness: Loudness = { quiet: false, verbose: false },
): Promise<number> {
  assertFilesExist(plan.workspace, plan.requires ?? []);
  const manner = { quietStdout: false, timeout: undefined, ...loudness };
  const watch = { ...watchOf(workspace, container, terminal, manner), timeout: undefined };
  const host = hostFor(manner);
  using stopping = listenForStops(host, watch.stopTimeout);
  const execution = await runPlan(plan, watch, { host, stopping, log: noLog, ...noNews });
  const refused = { image, shell: container?.shell ?? "", buildOutput: watch.buildOutput };
  return reportPlan(execution, verdictOf(execution), refused);
}

function watchOf(
  workspace: Workspace,
  container: Container | undefined,
  terminal: Terminal,
  { quiet, verbose }: Manner,
) {
  return {
    container: container?.name ?? "",
    status: container?.paths.status ?? "",
    terminal: { interactive: terminal.interactive, isTerminal: terminal.size !== undefined },
    stopTimeout: workspace.settings.config.container.stop_timeout,
    verbose,
    buildOutput: buildOutputOf(process.stderr, { quiet, verbose }),
  };
}

function hostFor({ quietStdout, quiet }: Manner): Host {
  const host = thisHost();
  return {
    ...host,
    ...(quietStdout ? { stdout: host.stderr } : {}),
    ...(quiet ? { say: () => {} } : {}),
  };
}
