import { imageIdOf } from "../engine/images.ts";
import { exitCodes, PolycrateError } from "../errors.ts";
import { toShell } from "../host/arg.ts";
import { reasonOf } from "../host/fileErrors.ts";
import { readGitHead } from "../host/gitHead.ts";
import { callerName, thisOwner } from "../host/owner.ts";
import type { Host } from "../host/stdio.ts";
import type { Plan } from "../plan/plan.ts";
import { masked, maskedTexts } from "../secrets/mask.ts";
import { type Artifact, artifactsSince, stateOf } from "../transactions/artifacts.ts";
import {
  beginRecord,
  type Transaction,
  type TransactionFiles,
  transactionFiles,
  writeRecord,
} from "../transactions/transaction.ts";
import { listenForStops, type StopReason } from "./cancellation.ts";
import type { Execution } from "./executionContext.ts";
import { logTo } from "./outputRelay.ts";
import { runPlan, type Verdict, verdictOf, type Watch } from "./runPlan.ts";

/** What is known of a run before it begins, beside its plan. */
export type RunSubject = Watch & {
  readonly id: string;
  readonly block: string;
  readonly action: string;
  readonly workflow: string | undefined;
  readonly workflowRun: string | undefined;
  readonly step: string | undefined;
  readonly image: string;
  readonly version: string;
  readonly logsRoot: string;
  /** The block's artifacts folder, and the folder the action runs in, relative to the workspace. */
  readonly artifacts: string;
  readonly blockFolder: string | undefined;
};

/** A run that ended: the record, what happened in detail, and where record and log are. */
export type Outcome = {
  readonly transaction: Transaction;
  readonly execution: Execution;
  /** Why nothing more is to run; it may have come when the action had ended already. */
  readonly stopped: StopReason | undefined;
  readonly files: TransactionFiles;
  /** What could not be recorded though the action ran, as sentences. */
  readonly losses: readonly string[];
  /** Files that the run wrote and that do not belong to the caller, relative to the workspace. */
  readonly foreign: readonly string[];
};

/**
 * Executes the plan and remembers it: the record exists before anything is built or started, and is finished however the
 * run ends. Throws (73) before the start when the workspace cannot be written, (69) when there is no docker.
 */
export async function runTransaction(plan: Plan, subject: RunSubject, host: Host): Promise<Outcome> {
  using stopping = listenForStops(host, subject.stopTimeout);
  const running = beginning(plan, subject, host);
  const files = transactionFiles(subject.logsRoot, running);
  const secrets = maskedTexts(plan.steps.flatMap(({ environment }) => environment.map(({ value }) => value)));
  const log = logTo(beginRecord(plan.workspace, files, running), secrets);
  const askImageId = () => recordedImage(subject.image, plan, host, stopping.cancelled);
  const before = stateOf(plan.workspace, subject.artifacts);
  const foreignSince = watchOwners(plan.workspace, subject);
  const withoutSecrets = (path: string) => masked(path, secrets);
  const facts: { imageId?: Promise<string | undefined> } = {};
  const finish = async (
    { status, exitCode }: Verdict,
    execution: Execution | undefined,
  ): Promise<Finished> => {
    const started = execution?.started === true;
    const imageId = (await facts.imageId) ?? (started ? await askImageId() : undefined);
    return finishRecord(plan.workspace, files, {
      ...running,
      status,
      exitCode,
      containerExitCode: started && execution.exitCode !== exitCode ? execution.exitCode : undefined,
      finished: host.now(),
      imageId,
      artifacts: artifactsSince(before, stateOf(plan.workspace, subject.artifacts)).map((artifact) => ({
        ...artifact,
        path: withoutSecrets(artifact.path),
      })),
    });
  };
  try {
    const execution = await runPlan(plan, subject, {
      host,
      stopping,
      log,
      onImage: (id) => {
        facts.imageId = Promise.resolve(id);
      },
      onStarted: () => {
        facts.imageId ??= askImageId();
      },
    });
    const { transaction, losses } = await finish(verdictOf(execution), execution);
    const loss = log.failure();
    return {
      transaction,
      execution,
      stopped: stopping.reason(),
      files,
      foreign: foreignSince(transaction.artifacts).map(withoutSecrets),
      losses: loss === undefined ? losses : [...losses, `the log is incomplete: ${loss}`],
    };
  } catch (error) {
    await finish(
      { status: "failed", exitCode: error instanceof PolycrateError ? error.exitCode : exitCodes.bug },
      undefined,
    );
    throw error;
  } finally {
    log.close();
  }
}

/**
 * Returns a function that names the files of other owners that came since, among the artifacts and in the block's folder.
 * Root owns whatever it likes, so only other callers pay for the look.
 */
function watchOwners(
  workspace: string,
  { blockFolder }: RunSubject,
): (artifacts: readonly Artifact[]) => readonly string[] {
  const caller = process.getuid?.() ?? 0;
  if (caller === 0) return () => [];
  const before = blockFolder === undefined ? undefined : stateOf(workspace, blockFolder);
  return (artifacts) => {
    const written =
      before === undefined || blockFolder === undefined
        ? []
        : artifactsSince(before, stateOf(workspace, blockFolder));
    return [...artifacts, ...written].filter(({ uid }) => uid !== caller).map(({ path }) => path);
  };
}

type Finished = { readonly transaction: Transaction; readonly losses: readonly string[] };

function beginning(plan: Plan, subject: RunSubject, host: Host): Transaction {
  const run = plan.steps.find(({ name }) => name === "run");
  return {
    id: subject.id,
    workspace: plan.workspace,
    block: subject.block,
    action: subject.action,
    workflow: subject.workflow,
    workflowRun: subject.workflowRun,
    step: subject.step,
    status: "running",
    exitCode: undefined,
    containerExitCode: undefined,
    started: host.now(),
    finished: undefined,
    image: subject.image,
    imageId: undefined,
    user: callerName(),
    owner: thisOwner(),
    version: subject.version,
    commit: readGitHead(plan.workspace),
    command: toShell(run?.argv ?? []),
    artifacts: [],
  };
}

/** The action has run by now, so a full disk must not cost its result: what cannot be written is said instead. */
function finishRecord(workspace: string, files: TransactionFiles, transaction: Transaction): Finished {
  try {
    writeRecord(workspace, files, transaction);
    return { transaction, losses: [] };
  } catch (error) {
    if (!(error instanceof PolycrateError)) throw error;
    return { transaction, losses: [`the record is incomplete: ${reasonOf(error)}`] };
  }
}

/** Facts for the record must never be what a run fails of, or waits for when it is to end. */
async function recordedImage(
  image: string,
  { engine, workspace }: Plan,
  { environment }: Host,
  cancelled: AbortSignal,
): Promise<string | undefined> {
  try {
    return await imageIdOf(engine, image, { directory: workspace, environment, timeout: 5, cancelled });
  } catch {
    return undefined;
  }
}
