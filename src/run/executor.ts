import { isMissingSource } from "../engine/errors.ts";
import { PolycrateError } from "../errors.ts";
import { createFiles, createFileUnlessThere, makeFolder } from "../host/files.ts";
import { ownerFile, thisOwner, writeOwner } from "../host/owner.ts";
import { removePath } from "../host/removal.ts";
import { type FinalStep, type Plan, type Step, writtenContent } from "../plan/plan.ts";
import { attachContainer } from "./attachStep.ts";
import { buildImage } from "./buildStep.ts";
import { giveCaches } from "./cacheStep.ts";
import { checkServer } from "./checkServer.ts";
import { reported } from "./client.ts";
import { runContainer } from "./containerStep.ts";
import type { ExecutionContext } from "./context.ts";
import { createContainer } from "./createStep.ts";
import type { Emit } from "./events.ts";
import { type Execution, withoutContainer } from "./execution.ts";
import { fetchFiles } from "./fetchStep.ts";
import { probeImage } from "./probeStep.ts";
import { removeContainer } from "./removeContainer.ts";
import { sendFiles } from "./sendStep.ts";
import { tagImage } from "./tagStep.ts";
import { runWarm } from "./warmStep.ts";

/**
 * Executes the plan: writes its files, runs its steps until one fails, and always removes the run directory.
 * Throws (73) when something cannot be written, (69) when there is no client of the engine, or its server cannot run actions.
 */
export async function execute(plan: Plan, context: ExecutionContext): Promise<Execution> {
  if (plan.trust?.workspace !== plan.workspace)
    throw new Error("nobody was asked whether to trust the workspace");
  const execution = await executeOnce(plan, context);
  const { root } = plan.runDirectory ?? {};
  if (plan.inWorkspace === undefined || root === undefined || !isUnseen(execution, root)) return execution;
  context.emit({
    type: "warning",
    message: `the engine does not see \`${root}\`: the secrets of this run are in files in the workspace`,
    hint: "they are removed when it ends; `polycrate help secrets` says which engines see memory files",
  });
  return executeOnce(plan.inWorkspace(), context);
}

/** True if the engine started nothing because it does not see a file below that folder. */
function isUnseen({ started, exitCode, stopped, tail }: Execution, root: string): boolean {
  return !started && exitCode !== 0 && stopped === undefined && isMissingSource(tail, root);
}

async function executeOnce(plan: Plan, context: ExecutionContext): Promise<Execution> {
  makeRunDirectory(plan);
  let execution: Execution | undefined;
  try {
    writeFiles(plan);
    execution = await runSteps(plan, context);
    return execution;
  } finally {
    // It has what is needed to fetch the files of a container that was left.
    if (execution?.left === undefined) removeRunDirectory(plan, context.emit);
  }
}

function makeRunDirectory({ workspace, runDirectory, files }: Plan): void {
  for (const { path, content, mode } of files.filter(({ lifetime }) => lifetime === "stays")) {
    createFileUnlessThere(workspace, path, content, mode);
  }
  if (runDirectory !== undefined) makeFolder(runDirectory.root, runDirectory.path, 0o700);
}

/** A failed removal is a warning, so that it does not replace the result of the run. */
function removeRunDirectory({ runDirectory }: Plan, emit: Emit): void {
  try {
    if (runDirectory !== undefined) removePath(runDirectory.root, runDirectory.path);
  } catch (error) {
    if (!(error instanceof PolycrateError)) throw error;
    emit({ type: "warning", message: error.message, hint: "`polycrate prune` removes it later" });
  }
}

function writeFiles({ workspace, runDirectory, folders, files }: Plan): void {
  for (const folder of folders) makeFolder(workspace, folder);
  if (runDirectory === undefined) return;
  const { root, path: run } = runDirectory;
  const owner = { path: ownerFile, content: writeOwner(thisOwner()), mode: 0o600 };
  const ownFiles = files
    .filter(({ lifetime }) => lifetime === "run")
    .map((file) => ({ path: file.path, mode: file.mode, content: writtenContent(file) }));
  // The container's user may be any user, so the modes do not depend on the caller's umask; the run directory is private.
  createFiles(root, run, [owner, ...ownFiles], 0o755);
}

async function runSteps(plan: Plan, context: ExecutionContext): Promise<Execution> {
  const { signal, reason } = context.cancellation;
  const aside: Promise<void>[] = [];
  let last = nothingDone;
  try {
    await checkServer(plan.engine, plan.workspace, context);
    last = await runUntilFailure(plan, plan.steps, context, aside);
  } catch (error) {
    if (error !== signal.reason) {
      await finish(plan, last, context);
      throw error;
    }
    last = { ...nothingDone, stopped: reason() };
  } finally {
    await Promise.all(aside);
  }
  return finish(plan, last, context);
}

/** Runs what comes at the end, whatever happened; it is not stopped by what stopped the run. */
async function finish(plan: Plan, last: Execution, context: ExecutionContext): Promise<Execution> {
  const cancellation = { ...context.cancellation, attach: () => {}, detach: () => {} };
  let execution = last;
  for (const step of plan.finally) {
    if (execution.left !== undefined) break;
    execution = await runFinalStep(plan, step, execution, { ...context, cancellation });
  }
  return execution;
}

/** In seconds: the engine may be behind a slow line. */
const slowRemoval = 60;

async function runFinalStep(
  plan: Plan,
  step: FinalStep,
  execution: Execution,
  context: ExecutionContext,
): Promise<Execution> {
  const hasRun = execution.step?.kind === "attach";
  if (step.kind === "fetch") return hasRun ? fetchFiles(plan, step, execution, context) : execution;
  const { engine, workspace } = plan;
  const options = { engine, directory: workspace, workspace, environment: context.host.environment };
  await reported(step.argv, context, () =>
    removeContainer(step.container, hasRun, options, context.emit, slowRemoval),
  );
  return execution;
}

const nothingDone = withoutContainer(undefined, { exitCode: 0, tail: "" }, undefined);

async function runUntilFailure(
  plan: Plan,
  steps: readonly Step[],
  context: ExecutionContext,
  aside: Promise<void>[],
): Promise<Execution> {
  let last = nothingDone;
  for (const step of steps) {
    context.cancellation.signal.throwIfAborted();
    last = await runStep(plan, step, context, aside);
    if (last.exitCode !== 0 || last.stopped !== undefined) break;
  }
  return last;
}

function runStep(
  plan: Plan,
  step: Step,
  context: ExecutionContext,
  aside: Promise<void>[],
): Promise<Execution> {
  switch (step.kind) {
    case "build":
      return buildImage(plan, step, context, aside);
    case "tag":
      return tagImage(plan, step, context);
    case "probe":
      return probeImage(plan, step, context);
    case "caches":
      return giveCaches(plan, step, context);
    case "run":
      return runContainer(plan, step, context);
    case "create":
      return createContainer(plan, step, context);
    case "send":
      return sendFiles(plan, step, context);
    case "attach":
      return attachContainer(plan, step, context);
    case "warm":
      return runWarm(plan, step, context, (steps) => runUntilFailure(plan, steps, context, aside));
  }
}
