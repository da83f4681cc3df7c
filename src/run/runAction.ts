import { imageIdOf } from "../engine/images.ts";
import { exitCodes, PolycrateError } from "../errors.ts";
import { type Host, thisHost } from "../host/stdio.ts";
import { type ActionPlan, type Plan, type RecordPlan, secretValues, type Warning } from "../plan/plan.ts";
import { masked, maskedTexts } from "../secrets/mask.ts";
import { artifactsSince, stateOf } from "../transactions/artifacts.ts";
import { lostRuns } from "../transactions/recovery.ts";
import { beginRecord, type Transaction, transactionFiles } from "../transactions/transaction.ts";
import { assertFilesExist } from "../workspace/blockPaths.ts";
import type { Cancellation, StopReason } from "./cancellation.ts";
import { type ExecutionContext, stopOptions } from "./context.ts";
import { type Emit, emitTo, type Reader } from "./events.ts";
import type { Execution } from "./execution.ts";
import { execute } from "./executor.ts";
import { logTo } from "./log.ts";
import { beginTransaction, recordTo } from "./record.ts";
import { type Verdict, verdictOf } from "./verdict.ts";

/** A run that ended. */
export type Outcome = {
  readonly transaction: Transaction;
  /** Why nothing more is to run; it may have come when the action had ended already. */
  readonly stopped: StopReason | undefined;
};

/**
 * Carries out the plan of an action and remembers it: the record exists before anything is built or started, and is finished
 * however the run ends. Throws (73) before the start when the workspace cannot be written, (65) when a file that has to be
 * there is missing, (69) when there is no client of the engine.
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
  const image = imageIdReader(plan, record.image, context);
  all.unshift(logTo(beginRecord(workspace, files, transaction), secrets, emit), recorder.read, image.read);
  const reportFiles = watchWrittenFiles(workspace, record, secrets, emit);
  emit({ type: "planned", plan, record: begun });
  if (lostRuns(workspace, host).length > 0) emit({ type: "warning", ...lostRunWarning });
  const finish = async (verdict: Verdict, execution: Execution | undefined) => {
    await image.settle(execution?.started === true);
    reportFiles();
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
  message: "an earlier run did not end in order",
  hint: "`polycrate prune` removes what it left behind",
};

/**
 * Returns a reader that asks for the id of the image when the container has started, unless the events tell it; `settle`
 * waits for the answer. Facts for the record must never be what a run fails of, or waits for when it is to end.
 */
function imageIdReader(plan: Plan, image: string, { host, cancellation, emit }: ExecutionContext) {
  const options = { directory: plan.workspace, environment: host.environment, timeout: 5 };
  let isKnown = false;
  let asking: Promise<void> | undefined;
  const ask = async () => {
    try {
      const id = await imageIdOf(plan.engine, image, { ...options, cancelled: cancellation.signal });
      if (id !== undefined) emit({ type: "image", id });
    } catch {
      // The record then has no id.
    }
  };
  const read: Reader = ({ type }) => {
    if (type === "image") isKnown = true;
    if (type === "started" && !isKnown) asking = ask();
    return undefined;
  };
  const settle = async (hasStarted: boolean) => {
    await asking;
    if (hasStarted && !isKnown) await ask();
  };
  return { read, settle };
}

/**
 * Returns what reports the files that the run wrote from now on: artifacts, and those of other owners among them and in the
 * folder that the action runs in. Root owns whatever it likes, so only other callers pay for that look.
 */
function watchWrittenFiles(
  workspace: string,
  { artifacts, blockFolder }: RecordPlan,
  secrets: readonly Buffer[],
  emit: Emit,
): () => void {
  const caller = process.getuid?.() ?? 0;
  const folder = caller === 0 ? undefined : blockFolder;
  const before = stateOf(workspace, artifacts);
  const folderBefore = folder === undefined ? undefined : stateOf(workspace, folder);
  return () => {
    const found = artifactsSince(before, stateOf(workspace, artifacts));
    for (const artifact of found) {
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
