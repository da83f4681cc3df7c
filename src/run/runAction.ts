import { exitCodes, PolycrateError } from "../errors.ts";
import { type Host, thisHost } from "../host/stdio.ts";
import { type ActionPlan, type RecordPlan, secretValues, type Warning } from "../plan/plan.ts";
import { masked, maskedTexts } from "../secrets/mask.ts";
import { artifactsSince, hashArtifacts, stateOf } from "../transactions/artifacts.ts";
import { lostRuns } from "../transactions/recovery.ts";
import { keepSnapshot } from "../transactions/snapshots.ts";
import { beginRecord, type Transaction, transactionFiles } from "../transactions/transaction.ts";
import { assertFilesExist } from "../workspace/blockPaths.ts";
import type { Cancellation, RunCancellation, StopReason } from "./cancellation.ts";
import { stopOptions } from "./context.ts";
import { type Emit, emitTo, type Reader } from "./events.ts";
import type { Execution } from "./execution.ts";
import { execute } from "./executor.ts";
import { factsReader } from "./factsReader.ts";
import { logTo } from "./log.ts";
import { beginTransaction, recordTo } from "./record.ts";
import { type Verdict, verdictOf } from "./verdict.ts";

/** A run that ended. */
export type Outcome = {
  readonly transaction: Transaction;
  /** Why nothing more must run; the reason may have occurred after the action ended. */
  readonly stopped: StopReason | undefined;
};

/**
 * Executes the plan of an action and records it: the record exists before anything is built or started, and is finished
 * however the run ends. Throws (73) before the start when the workspace cannot be written, (65) when a required file is
 * missing, (69) when the engine's client is missing.
 */
export async function runAction(
  plan: ActionPlan,
  cancellation: Cancellation,
  readers: readonly Reader[],
  host: Host = thisHost(),
): Promise<Outcome> {
  assertFilesExist(plan.workspace, plan.requires);
  const all = [...readers];
  const emit = emitTo(all, host.now);
  const { stopTimeout, workspace, record } = plan;
  using run = cancellation(stopOptions(stopTimeout, host, emit));
  const context = { host, cancellation: run, emit };
  const transaction = beginTransaction(plan, record, host.now());
  const files = transactionFiles(record.logsRoot, transaction);
  const begun = { transaction, files };
  const recorder = recordTo(begun, emit);
  const secrets = maskedTexts(secretValues(plan));
  const facts = factsReader(plan, transaction.commit, context);
  const keep = () => keepSnapshot(workspace, record.logsRoot, record.snapshot);
  const log = beginRecord(workspace, files, transaction, keep);
  all.unshift(logTo(log, secrets, emit), recorder.read, facts.read);
  const reportFiles = watchWrittenFiles(workspace, record, secrets, emit);
  emit({ type: "planned", plan, record: begun });
  if (lostRuns(workspace, host).length > 0) emit({ type: "warning", ...lostRunWarning });
  const finish = async (verdict: Verdict, execution: Execution | undefined) => {
    await facts.settle(execution?.started === true);
    await reportFiles(run);
    await emit({ type: "finished", ...verdict, stopped: run.reason(), execution });
  };
  try {
    const execution = await execute(plan, context);
    await finish(verdictOf(execution), execution);
    return { transaction: recorder.current(), stopped: run.reason() };
  } catch (error) {
    const exitCode = error instanceof PolycrateError ? error.exitCode : exitCodes.bug;
    await finish({ status: "failed", exitCode }, undefined);
    throw error;
  }
}

const lostRunWarning: Warning = {
  message: "an earlier run was not cleaned up",
  hint: "`polycrate prune` removes what it left behind",
};

/**
 * Returns a function that reports the files written since now: artifacts with their hashes, and files of other owners among
 * them and in the folder that the action runs in. For root, other owners are not reported, so that folder is not read.
 */
function watchWrittenFiles(
  workspace: string,
  { artifacts, blockFolder }: RecordPlan,
  secrets: readonly Buffer[],
  emit: Emit,
): (cancellation: Pick<RunCancellation, "reason">) => Promise<void> {
  const caller = process.getuid?.() ?? 0;
  const folder = caller === 0 ? undefined : blockFolder;
  const before = stateOf(workspace, artifacts);
  const folderBefore = folder === undefined ? undefined : stateOf(workspace, folder);
  return async ({ reason }) => {
    const found = artifactsSince(before, stateOf(workspace, artifacts));
    const stopped = reason();
    const limits = { bytes: stopped === undefined ? 1e9 : 1e8, isStopped: () => reason() !== stopped };
    for await (const artifact of hashArtifacts(workspace, found, limits)) {
      emit({ type: "artifact", artifact: { ...artifact, path: masked(artifact.path, secrets) } });
    }
    if (caller === 0) return;
    const written =
      folder === undefined || folderBefore === undefined
        ? []
        : artifactsSince(folderBefore, stateOf(workspace, folder));
    const foreign = [...found, ...written].filter(({ uid }) => uid !== caller);
    if (foreign.length === 0) return;
    emit({ type: "foreignFiles", paths: foreign.map(({ path }) => masked(path, secrets)) });
  };
}
