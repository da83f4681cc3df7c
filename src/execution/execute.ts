import { dirname } from "node:path";
import { exitCodes, PolycrateError, printable } from "../errors.ts";
import { createFile, createFileUnlessThere, makeFolder, removePath } from "../host/files.ts";
import type { Plan, Step } from "../plan/plan.ts";
import type { BuildContext } from "../workspace/context/buildContext.ts";
import { ask } from "./ask.ts";
import { type Attendance, type Execution, shown } from "./attendance.ts";
import type { Host } from "./host.ts";
import { learnBases, reasonInBases } from "./image/baseImages.ts";
import { buildReason } from "./image/buildReason.ts";
import { takeLock } from "./lock.ts";
import { ownerFile, thisOwner, writeOwner } from "./record/owner.ts";
import { runStep } from "./runStep.ts";

/**
 * Carries the plan out: writes its files, runs its steps until one fails, and removes the run directory whatever happens.
 * Throws (73) when something cannot be written, (69) when there is no docker.
 */
export async function execute(plan: Plan, attendance: Attendance): Promise<Execution> {
  try {
    writeFiles(plan);
    return await runSteps(plan, attendance);
  } finally {
    if (plan.runDirectory !== undefined) {
      removePath(plan.workspace, plan.runDirectory);
    }
  }
}

function writeFiles({ workspace, runDirectory, folders, files }: Plan): void {
  for (const { path, content, mode } of files.filter(({ lifetime }) => lifetime === "stays")) {
    createFileUnlessThere(workspace, path, content, mode);
  }
  if (runDirectory !== undefined) {
    makeFolder(workspace, runDirectory, 0o700);
    createFile(workspace, `${runDirectory}/${ownerFile}`, writeOwner(thisOwner()), 0o600);
  }
  for (const folder of folders) makeFolder(workspace, folder);
  for (const { path, content, mode } of files.filter(({ lifetime }) => lifetime === "run")) {
    // The container's user may be anybody, whatever the caller's umask says; the run directory keeps others out.
    if (dirname(path) !== runDirectory) makeFolder(workspace, dirname(path), 0o755);
    createFile(workspace, path, content, mode);
  }
}

async function runSteps(plan: Plan, attendance: Attendance): Promise<Execution> {
  const { cancelled, reason } = attendance.stopping;
  let last: Execution = nothingDone;
  try {
    for (const step of plan.steps) {
      cancelled.throwIfAborted();
      last =
        step.stdin === undefined || step.name === "toolchain"
          ? await runStep(plan, step, attendance)
          : await runBuild(plan, step, step.stdin, attendance);
      if (last.exitCode !== 0 || last.stopped !== undefined) return last;
    }
    return last;
  } catch (error) {
    if (error !== cancelled.reason) throw error;
    return { ...nothingDone, stopped: reason() };
  }
}

const nothingDone: Execution = {
  exitCode: 0,
  step: "build",
  started: false,
  failedLine: undefined,
  tail: "",
  stopped: undefined,
};

/** Builds unless the image is there. Of two processes that need the same image one builds, and the other waits for it. */
async function runBuild(
  plan: Plan,
  step: Step,
  context: BuildContext,
  attendance: Attendance,
): Promise<Execution> {
  const { host } = attendance;
  if (await isDone(plan, step, attendance)) return nothingDone;
  const lock = await takeLock(
    plan.workspace,
    `build-${context.hash.slice(0, 32)}`,
    "builds the same image",
    host,
  );
  try {
    if (lock.waited && (await isDone(plan, step, attendance))) return nothingDone;
    await refuseChangedBase(plan.workspace, context, host);
    const reason =
      step.unless === undefined ? "because of `--build`" : await buildReason(plan.workspace, context, host);
    host.say(`building the image: ${printable(reason)}`);
    return await runStep(plan, step, attendance);
  } finally {
    lock.release();
  }
}

/** A base image that moved since it was looked at may copy what this context does not have. */
async function refuseChangedBase(workspace: string, context: BuildContext, host: Host): Promise<void> {
  if (context.wholeContextReason !== undefined) return;
  const why = reasonInBases(context.parsed, await learnBases(workspace, context.parsed, host, true));
  if (why === undefined) return;
  throw new PolycrateError(`${context.dockerfile}:${why.line}: ${why.reason} by now`, {
    hint: "run it again; the whole workspace will count",
    exitCode: exitCodes.invalidWorkspace,
  });
}

async function isDone(plan: Plan, { unless }: Step, attendance: Attendance): Promise<boolean> {
  if (unless === undefined) return false;
  const { environment, cancelled } = attendance.host;
  const answer = await shown(unless, attendance, () =>
    ask(unless, { directory: plan.workspace, environment, cancelled }),
  );
  if (answer.exitCode === 0) attendance.onImage(answer.stdout.trim());
  return answer.exitCode === 0;
}
