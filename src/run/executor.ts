import { askEngine } from "../engine/ask.ts";
import { exitCodes, PolycrateError, printable } from "../errors.ts";
import { tryCapture } from "../host/capture.ts";
import { createFiles, createFileUnlessThere, makeFolder } from "../host/files.ts";
import { takeLock } from "../host/lock.ts";
import { ownerFile, thisOwner, writeOwner } from "../host/owner.ts";
import { removePath } from "../host/removal.ts";
import type { Host } from "../host/stdio.ts";
import type { BuildContext } from "../image/buildContext.ts";
import type { Plan, Probe, Step } from "../plan/plan.ts";
import { learnBases, reasonInBases } from "./baseImages.ts";
import { buildReason, rememberBuilt } from "./buildReason.ts";
import { type Attendance, type Execution, shown } from "./executionContext.ts";
import { runStep } from "./runStep.ts";

/**
 * Carries the plan out: writes its files, runs its steps until one fails, and removes the run directory whatever happens.
 * Throws (73) when something cannot be written, (69) when there is no docker.
 */
export async function execute(plan: Plan, attendance: Attendance): Promise<Execution> {
  makeRunDirectory(plan);
  try {
    writeFiles(plan);
    return await runSteps(plan, attendance);
  } finally {
    removeRunDirectory(plan, attendance.host);
  }
}

function makeRunDirectory({ workspace, runDirectory, files }: Plan): void {
  for (const { path, content, mode } of files.filter(({ lifetime }) => lifetime === "stays")) {
    createFileUnlessThere(workspace, path, content, mode);
  }
  if (runDirectory !== undefined) makeFolder(runDirectory.root, runDirectory.path, 0o700);
}

/** What cannot be removed must not take the place of how the run ended. */
function removeRunDirectory({ runDirectory }: Plan, host: Host): void {
  try {
    if (runDirectory !== undefined) removePath(runDirectory.root, runDirectory.path);
  } catch (error) {
    if (!(error instanceof PolycrateError)) throw error;
    host.say(`warning: ${error.message}\nhint: \`polycrate prune\` removes it later`);
  }
}

function writeFiles({ workspace, runDirectory, folders, files }: Plan): void {
  for (const folder of folders) makeFolder(workspace, folder);
  if (runDirectory === undefined) return;
  const { root, path: run } = runDirectory;
  const owner = { path: ownerFile, content: writeOwner(thisOwner()), mode: 0o600 };
  // The container's user may be anybody, whatever the caller's umask says; the run directory keeps others out.
  createFiles(root, run, [owner, ...files.filter(({ lifetime }) => lifetime === "run")], 0o755);
}

async function runSteps(plan: Plan, attendance: Attendance): Promise<Execution> {
  const { cancelled, reason } = attendance.stopping;
  let last: Execution = nothingDone;
  const aside: Promise<void>[] = [];
  try {
    for (const step of plan.steps) {
      cancelled.throwIfAborted();
      last =
        step.context === undefined || step.name === "toolchain"
          ? await runStep(plan, step, attendance)
          : await runBuild(plan, step, step.context, attendance, aside);
      if (last.exitCode !== 0 || last.stopped !== undefined) break;
    }
    return last;
  } catch (error) {
    if (error !== cancelled.reason) throw error;
    return { ...nothingDone, stopped: reason() };
  } finally {
    await Promise.all(aside);
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

/**
 * Builds unless the image is there. Of two processes that need the same image one builds, and the other waits for it. What
 * nothing has to wait for goes `aside`.
 */
async function runBuild(
  plan: Plan,
  step: Step,
  context: BuildContext,
  attendance: Attendance,
  aside: Promise<void>[],
): Promise<Execution> {
  const { host } = attendance;
  if (await isDone(plan, step, attendance, aside)) return nothingDone;
  const lock = await takeLock(
    plan.workspace,
    `build-${context.hash.slice(0, 32)}`,
    "builds the same image",
    host,
  );
  try {
    if (lock.waited && (await isDone(plan, step, attendance, aside))) return nothingDone;
    await refuseChangedBase(plan, context, host);
    const reason = step.unless === undefined ? "because of `--build`" : buildReason(plan.workspace, context);
    host.say(`building the image: ${printable(reason)}`);
    const built = await runStep(plan, step, attendance);
    if (built.exitCode === 0) rememberBuilt(plan.workspace, context);
    return built;
  } finally {
    lock.release();
  }
}

/** A base image that moved since it was looked at may copy what this context does not have. */
async function refuseChangedBase(
  { engine, workspace }: Plan,
  context: BuildContext,
  host: Host,
): Promise<void> {
  if (context.wholeContextReason !== undefined) return;
  const why = reasonInBases(context.parsed, await learnBases(engine, workspace, context.parsed, host, true));
  if (why === undefined) return;
  throw new PolycrateError(`${context.dockerfile}:${why.line}: ${why.reason} by now`, {
    hint: "run it again; the whole workspace will count",
    exitCode: exitCodes.invalidWorkspace,
  });
}

async function isDone(
  plan: Plan,
  { unless }: Step,
  attendance: Attendance,
  aside: Promise<void>[],
): Promise<boolean> {
  if (unless === undefined) return false;
  const { environment, cancelled } = attendance.host;
  const answer = await shown(unless.argv, attendance, () =>
    askEngine(plan.engine, unless.argv, { directory: plan.workspace, environment, cancelled }),
  );
  if (answer.exitCode !== 0) return false;
  const [id = "", ...names] = answer.stdout.split(/[\s[\]]+/);
  attendance.onImage(id);
  if (!names.includes(unless.rename.name)) aside.push(rename(plan, unless.rename.argv, attendance));
  return true;
}

/** The name is for looking into the image by hand; a run is not to fail of it. */
async function rename(plan: Plan, argv: Probe["rename"]["argv"], attendance: Attendance): Promise<void> {
  const { environment } = attendance.host;
  const options = { directory: plan.workspace, environment, timeout: 5 };
  await shown(argv, attendance, () => tryCapture(argv, options)).catch(() => {});
}
