import { PolycrateError } from "../errors.ts";
import { type Arg, toShell } from "../host/arg.ts";
import { ignoreErrors, reasonOf } from "../host/fileErrors.ts";
import { syncFile } from "../host/files.ts";
import { readGitHead } from "../host/gitHead.ts";
import { thisOwner } from "../host/owner.ts";
import { containerStepOf, type Plan, type RecordPlan, secretValues } from "../plan/plan.ts";
import { masked, maskedTexts } from "../secrets/mask.ts";
import { type Transaction, writeRecord } from "../transactions/transaction.ts";
import type { BegunRecord, Emit, Reader, RunEvent, Timed } from "./events.ts";
import { failedPlace } from "./failedPlace.ts";

/** Returns the transaction of a run that starts now, for the record that is written before anything is built or started. */
export function beginTransaction(plan: Plan, record: RecordPlan, started: Date): Transaction {
  const secrets = maskedTexts(secretValues(plan));
  return {
    id: record.id,
    workspace: plan.workspace,
    block: record.block,
    action: record.action,
    workflow: record.workflow,
    workflowRun: record.workflowRun,
    step: record.step,
    matrix: record.matrix,
    attempt: record.attempt,
    status: "running",
    exitCode: undefined,
    containerExitCode: undefined,
    started,
    finished: undefined,
    engine: plan.engine.program,
    context: plan.engine.endpoint.name,
    image: record.image,
    imageId: undefined,
    imageDigest: undefined,
    locked: record.locked,
    snapshotHash: record.snapshot.sha256,
    user: record.user,
    owner: thisOwner(),
    version: record.version,
    commit: readGitHead(plan.workspace),
    dirty: undefined,
    failedAt: undefined,
    inspected: undefined,
    command: recordedCommand(mainCommand(plan), secrets),
    arguments: record.arguments.map((word) => masked(word, secrets)),
    warm: false,
    inputs: new Map(
      Array.from(record.inputs, ([name, value]) => [
        name,
        typeof value === "string" ? masked(value, secrets) : value,
      ]),
    ),
    hosts: [],
    artifacts: [],
  };
}

/** The command that names the image and all settings of the container. */
function mainCommand(plan: Plan): readonly Arg[] {
  const create = plan.steps.find((step) => step.kind === "create");
  return create?.argv ?? containerStepOf(plan)?.argv ?? [];
}

/** Returns a command as a dry run prints it, secrets masked. */
export function recordedCommand(argv: readonly Arg[], secrets: readonly Buffer[]): readonly string[] {
  return toShell(argv.map((arg) => maskedArg(arg, secrets)));
}

function maskedArg(arg: Arg, secrets: readonly Buffer[]): Arg {
  if (typeof arg === "string") return masked(arg, secrets);
  return { value: masked(arg.value, secrets), written: masked(arg.written, secrets) };
}

/** Returns the transaction as it is after the event: a record is a fold over the events of its run. */
export function afterEvent(
  transaction: Transaction | undefined,
  event: Timed<RunEvent>,
): Transaction | undefined {
  if (event.type === "planned") return event.record?.transaction;
  if (transaction === undefined) return undefined;
  if (event.type === "image") return { ...transaction, imageId: event.id, imageDigest: event.digest };
  if (event.type === "warm") return { ...transaction, warm: true, command: event.command };
  if (event.type === "worktree") return { ...transaction, dirty: event.dirty };
  if (event.type === "recap") return { ...transaction, hosts: event.hosts };
  if (event.type === "inspected") {
    return { ...transaction, inspected: Math.round(event.milliseconds / 100) / 10 };
  }
  if (event.type === "artifact") {
    return { ...transaction, artifacts: [...transaction.artifacts, event.artifact] };
  }
  return event.type === "finished" ? finishedTransaction(transaction, event) : transaction;
}

function finishedTransaction(
  transaction: Transaction,
  { status, exitCode, execution, time }: Extract<Timed<RunEvent>, { type: "finished" }>,
): Transaction {
  const isOther = execution?.started === true && execution.exitCode !== exitCode;
  const isOfScript = status === "failed" && execution?.started === true && !isOther;
  return {
    ...transaction,
    status,
    exitCode,
    containerExitCode: isOther ? execution.exitCode : undefined,
    failedAt: isOfScript ? failedPlace(execution) : undefined,
    finished: time,
  };
}

/**
 * Returns a reader that finishes the record of a run. The action has run by then, so a full disk is a warning and does not
 * change the result. `current` is the transaction according to the events so far.
 */
export function recordTo({ transaction, files }: BegunRecord, emit: Emit) {
  let current = transaction;
  const read: Reader = (event) => {
    current = afterEvent(current, event) ?? current;
    // The engine's client is started first: it does not have to wait for the disk.
    if (event.type === "planned")
      setImmediate(() => ignoreErrors(() => syncFile(current.workspace, files.record)));
    if (event.type !== "finished") return undefined;
    try {
      writeRecord(current.workspace, files, current);
      return undefined;
    } catch (error) {
      if (!(error instanceof PolycrateError)) throw error;
      const message = `the record is incomplete: ${reasonOf(error)}`;
      return emit({ type: "warning", message, hint: undefined });
    }
  };
  return { read, current: () => current };
}
