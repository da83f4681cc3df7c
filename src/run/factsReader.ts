import { identifyImage } from "../engine/images.ts";
import { readGitDirty } from "../host/gitDirty.ts";
import type { ActionPlan } from "../plan/plan.ts";
import type { ExecutionContext } from "./context.ts";
import type { Reader } from "./events.ts";

/**
 * Returns a reader that asks for facts that the record is to have: the image, unless the events tell it, and whether the
 * workspace differs from the commit. It asks while the engine is busy with starting the container, and tells what it knows once
 * that has started. The image is asked for again if it was not there, or if a pull may have given its name to another one.
 * `settle` waits for the answers. Such facts must never be what a run fails of, or waits for when it is to end.
 */
export function factsReader(plan: ActionPlan, commit: string | undefined, context: ExecutionContext) {
  const { emit, cancellation } = context;
  const started = Promise.withResolvers<void>();
  let isImageKnown = false;
  let wasPulled = false;
  let asking: Promise<unknown> | undefined;
  const readImage = () => withoutFailure(() => imageOf(plan, context));
  const askImage = async () => {
    const before = await readImage();
    await started.promise;
    const image = before === undefined || wasPulled ? await readImage() : before;
    if (image !== undefined) emit({ type: "image", ...image });
  };
  const askGit = async () => {
    if (commit === undefined) return;
    const dirty = await withoutFailure(() => readGitDirty(plan.workspace, commit, cancellation.signal));
    await started.promise;
    if (dirty !== undefined) emit({ type: "worktree", dirty });
  };
  const askOnce = () => {
    asking ??= Promise.all([isImageKnown ? undefined : askImage(), askGit()]);
    return asking;
  };
  const read: Reader = ({ type }) => {
    if (type === "image") isImageKnown = true;
    if (type === "starting") setImmediate(askOnce);
    if (type === "pulling") wasPulled = true;
    if (type === "started") started.resolve();
    return undefined;
  };
  const settle = async (hasStarted: boolean) => {
    if (!hasStarted) return;
    started.resolve();
    await askOnce();
  };
  return { read, settle };
}

function imageOf({ engine, workspace, record }: ActionPlan, { host, cancellation }: ExecutionContext) {
  const { environment } = host;
  const options = { directory: workspace, environment, timeout: 5, cancelled: cancellation.signal };
  return identifyImage(engine, record.image, options);
}

async function withoutFailure<Value>(ask: () => Promise<Value | undefined>): Promise<Value | undefined> {
  try {
    return await ask();
  } catch {
    return undefined;
  }
}
