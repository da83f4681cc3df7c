import { askEngine } from "../engine/ask.ts";
import { idOfImage } from "../engine/images.ts";
import { exitCodes, PolycrateError, printable } from "../errors.ts";
import { tryCapture } from "../host/capture.ts";
import { takeLock } from "../host/lock.ts";
import type { BuildContext } from "../image/buildContext.ts";
import { stageContext } from "../image/stageContext.ts";
import { sendContext } from "../image/tar.ts";
import type { BuildStep, ImageQuery, Plan } from "../plan/plan.ts";
import { baseImagesReason, inspectBaseImages } from "./baseImages.ts";
import { plainOutput } from "./buildOutput.ts";
import { buildReason, rememberBuilt } from "./buildReason.ts";
import { type ClientOptions, reported, runClient, stoppableClient } from "./client.ts";
import type { ExecutionContext } from "./context.ts";
import { type Execution, withoutContainer } from "./execution.ts";

/**
 * Builds an image unless it exists. When two processes need the same image of a workspace, one builds and the other waits.
 * Work that nothing has to wait for is added to `aside`. Throws (65) when a base image moved, (73) when writing fails.
 */
export async function buildImage(
  plan: Plan,
  step: BuildStep,
  context: ExecutionContext,
  aside: Promise<void>[],
): Promise<Execution> {
  if (!step.isOfWorkspace) return build(plan, step, context);
  if (await imageExists(plan, step.unless, context, aside)) return nothingToDo(step);
  const { emit, cancellation } = context;
  const lock = await takeLock(
    plan.workspace,
    `build-${step.context.hash.slice(0, 32)}`,
    "builds the same image",
    { onWait: (message) => emit({ type: "waiting", message }), cancelled: cancellation.signal },
  );
  try {
    if (lock.waited && (await imageExists(plan, step.unless, context, aside))) return nothingToDo(step);
    await assertSameBases(plan, step.context, context);
    const why =
      step.unless === undefined ? "because of `--build`" : buildReason(plan.workspace, step.context);
    emit({ type: "building", reason: printable(why) });
    const built = await build(plan, step, context);
    if (built.exitCode === 0) rememberBuilt(plan.workspace, step.context);
    return built;
  } finally {
    lock.release();
  }
}

function nothingToDo(step: BuildStep): Execution {
  return withoutContainer(step, { exitCode: 0, tail: "" }, undefined);
}

/** True when the image exists; emits its id, and gives it its second name. */
async function imageExists(
  { engine, workspace }: Plan,
  query: ImageQuery | undefined,
  context: ExecutionContext,
  aside: Promise<void>[],
): Promise<boolean> {
  if (query === undefined) return false;
  const { environment } = context.host;
  const options = { directory: workspace, environment, cancelled: context.cancellation.signal };
  const answer = await reported(query.argv, context, () => askEngine(engine, query.argv, options));
  if (answer.exitCode !== 0) return false;
  const [id = "", ...names] = answer.stdout.split(/[\s[\]]+/);
  context.emit({ type: "image", id: idOfImage(id), digest: undefined });
  if (!names.includes(query.rename.name)) aside.push(rename(query.rename.argv, workspace, context));
  return true;
}

/** The name is for inspecting the image by hand, so a run must not fail because of it. */
async function rename(
  argv: ImageQuery["rename"]["argv"],
  directory: string,
  context: ExecutionContext,
): Promise<void> {
  const options = { directory, environment: context.host.environment, timeout: 5 };
  await reported(argv, context, () => tryCapture(argv, options)).catch(() => {});
}

/** A base image that has moved since it was inspected may copy files that this context does not contain. */
async function assertSameBases(
  { engine, workspace }: Plan,
  context: BuildContext,
  { host, cancellation }: ExecutionContext,
): Promise<void> {
  if (context.wholeContextReason !== undefined) return;
  const options = { directory: workspace, environment: host.environment, cancelled: cancellation.signal };
  const bases = await inspectBaseImages(engine, context.parsed, options, { refresh: true });
  const why = baseImagesReason(context.parsed, bases);
  if (why === undefined) return;
  throw new PolycrateError(`${context.dockerfile}:${why.line}: the base image has changed: ${why.reason}`, {
    hint: "run the command again; it will hash and send the whole workspace",
    exitCode: exitCodes.invalidWorkspace,
  });
}

/** Builds with the context as a tar on the client's standard input, or staged in the client's working directory. */
async function build(plan: Plan, step: BuildStep, context: ExecutionContext): Promise<Execution> {
  const { cancellation, emit } = context;
  const { engine, workspace } = plan;
  const options = { engine, directory: workspace, workspace, environment: context.host.environment };
  const isStopped = () => cancellation.reason() !== undefined;
  const run = async () => {
    if (step.context.sentAs === "tar") return runBuilder(step, options, context);
    const staged = await stageContext(step.context, workspace, isStopped);
    try {
      if (isStopped()) return { exitCode: 1, tail: "" };
      return await runBuilder(step, { ...options, directory: staged.directory }, context);
    } finally {
      staged.remove();
    }
  };
  let failed = false;
  try {
    const ended = await reported(step.argv, context, run);
    failed = ended.exitCode !== 0 && !isStopped();
    return withoutContainer(step, ended, cancellation.reason());
  } finally {
    emit({ type: "built", failed });
  }
}

function runBuilder(step: BuildStep, options: ClientOptions, context: ExecutionContext) {
  const isSent = step.context.sentAs === "tar";
  return runClient(
    step.argv,
    options,
    {
      source: "build",
      input: isSent ? "piped" : "nothing",
      secrets: [],
      stoppable: stoppableClient,
      ...(isSent ? { send: (stdin) => sendContext(step.context, options.directory, stdin) } : {}),
      filter: plainOutput,
    },
    context,
  );
}
