import { PolycrateError } from "../errors.ts";
import { createFiles, makeFolder, overwriteFile } from "../host/files.ts";
import { namesIn } from "../host/filesBelow.ts";
import { removePath } from "../host/removal.ts";
import { type HeldLock, tryLock } from "../host/tryLock.ts";
import type { Plan, Step, WarmSlot, WarmStep } from "../plan/plan.ts";
import { snapshotFile } from "../plan/runPaths.ts";
import type { ClientOptions } from "./client.ts";
import { isSwept, isUntouched } from "./containerStatus.ts";
import type { ExecutionContext } from "./context.ts";
import { execInContainer } from "./execStep.ts";
import type { Execution } from "./execution.ts";
import { discard, isStillKept, keepContainer, keptImage } from "./keepStep.ts";

/** Carries steps out until one fails. */
type RunSteps = (steps: readonly Step[]) => Promise<Execution>;

/** Runs the command in the first warm container that no other run is in; cold, if there is none or it cannot be used. */
export async function runWarm(
  plan: Plan,
  step: WarmStep,
  given: ExecutionContext,
  runSteps: RunSteps,
): Promise<Execution> {
  const { workspace, engine } = plan;
  const variables = Object.fromEntries(step.cold.environment.map(({ name, value }) => [name, value]));
  const environment = { ...given.host.environment, ...variables };
  const options: ClientOptions = { engine, directory: workspace, workspace, environment };
  const prepare = onlyOnce(() => runSteps(step.before));
  const taken = takeSlot(plan, step.slots);
  if (taken !== undefined) {
    const { slot, lock } = taken;
    try {
      const execution = await runInSlot({ plan, slot, options, prepare, context: given }, lock.isTakenOver);
      if (execution !== undefined) return execution;
    } catch (error) {
      // What a run cannot write there, a cold run writes elsewhere.
      if (!(error instanceof PolycrateError)) throw error;
    } finally {
      isWritten(lock.release);
    }
  }
  const prepared = await prepare();
  if (prepared.exitCode !== 0 || prepared.stopped !== undefined) return prepared;
  return runSteps([step.cold]);
}

/** Takes the first free slot; undefined when other runs have all, or none can be written. */
function takeSlot(
  { record }: Plan,
  slots: readonly WarmSlot[],
): { readonly slot: WarmSlot; readonly lock: HeldLock } | undefined {
  const note = JSON.stringify([record?.id ?? "", record?.block ?? "", record?.action ?? ""]);
  for (const slot of slots) {
    try {
      const lock = tryLock(slot.folder.root, `${slot.folder.path}.lock`, note);
      if (lock !== undefined) return { slot, lock };
    } catch (error) {
      if (!(error instanceof PolycrateError)) throw error;
      return undefined;
    }
  }
  return undefined;
}

type SlotRun = {
  readonly plan: Plan;
  readonly slot: WarmSlot;
  readonly options: ClientOptions;
  readonly prepare: () => Promise<Execution>;
  readonly context: ExecutionContext;
};

/**
 * Returns how the command ended; undefined when it has not begun. A container may end itself just before the command begins,
 * so it is tried twice.
 */
async function runInSlot(run: SlotRun, isTakenOver: boolean): Promise<Execution | undefined> {
  const { plan, slot, options, prepare, context } = run;
  const { cancellation, emit } = context;
  const { timeout } = slot.exec;
  let isNew = isTakenOver;
  let isTimed = false;
  let isAnnounced = false;
  const announce = () => {
    const image = keptImage(slot);
    if (image !== undefined) emit({ type: "image", ...image });
    if (!isAnnounced) emit({ type: "starting" });
    isAnnounced = true;
  };
  for (let attempt = 0; attempt < 2; attempt += 1) {
    if (isNew) {
      const prepared = await prepare();
      if (prepared.exitCode !== 0 || prepared.stopped !== undefined) return prepared;
      if (!(await keepContainer(plan, slot, options, context))) return undefined;
    }
    if (giveFiles(plan, slot)) {
      if (!isTimed && timeout !== undefined) cancellation.timeOutAfter(timeout);
      isTimed = true;
      const isReady = isNew ? Promise.resolve(true) : isStillKept(slot.keep, options, context);
      const told = isReady.then(
        (is) => is && announce(),
        () => {},
      );
      const execution = await execInContainer(slot.exec, isReady, options, context);
      await told;
      const isNothingRun = isUntouched(slot.exec.status);
      if (!isNothingRun || execution.stopped !== undefined) {
        const isClean = isSwept(slot.exec.status, execution.exitCode);
        if (!takeFiles(slot) || !isClean) await discard(slot.keep, options);
        return execution;
      }
    }
    isNew = true;
  }
  takeFiles(slot);
  await discard(slot.keep, options);
  return undefined;
}

/**
 * Writes the run's files where the container mounts them. What an earlier run left in the folder of its status is removed.
 * False when that is not possible, for example because the folder was removed.
 */
function giveFiles({ files }: Plan, { folder: { root, path } }: WarmSlot): boolean {
  const own = files.filter(({ lifetime }) => lifetime === "run");
  const snapshot = own.find((file) => file.path === snapshotFile);
  const others = own.filter((file) => file !== snapshot);
  return isWritten(() => {
    overwriteFile(root, `${path}/${snapshotFile}`, snapshot?.content ?? "");
    clearShared(root, path);
    createFiles(root, path, others, 0o755);
  });
}

/** Leaves nothing of the run for those who look into the container while it is idle; false when that is not possible. */
function takeFiles({ folder: { root, path } }: WarmSlot): boolean {
  return isWritten(() => {
    overwriteFile(root, `${path}/${snapshotFile}`, "");
    clearShared(root, path);
  });
}

/** The command may have run, so what cannot be written must not end in an error, and in a second run. */
function isWritten(write: () => void): boolean {
  try {
    write();
    return true;
  } catch (error) {
    if (!(error instanceof PolycrateError)) throw error;
    return false;
  }
}

/** The folders themselves are mounted, so they stay. */
function clearShared(root: string, path: string): void {
  for (const shared of ["files", "status"]) {
    makeFolder(root, `${path}/${shared}`, 0o755);
    for (const name of namesIn(root, `${path}/${shared}`)) removePath(root, `${path}/${shared}/${name}`);
  }
}

function onlyOnce<Result>(work: () => Promise<Result>): () => Promise<Result> {
  let result: Promise<Result> | undefined;
  return () => {
    result ??= work();
    return result;
  };
}
