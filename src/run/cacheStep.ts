import { askEngine } from "../engine/ask.ts";
import { replaceFile } from "../host/files.ts";
import { readOwnText } from "../host/filesBelow.ts";
import { largestText } from "../host/read.ts";
import type { CacheStep, Plan } from "../plan/plan.ts";
import { type ClientOptions, reported, runClient } from "./client.ts";
import type { ExecutionContext } from "./context.ts";
import { type ClientResult, type Execution, withoutContainer } from "./execution.ts";
import { killContainer, removeContainer } from "./removeContainer.ts";

/**
 * Gives the volumes to the container's user, unless they are the ones that were given to it before. Throws (73) when that
 * cannot be written.
 */
export async function giveCaches(plan: Plan, step: CacheStep, context: ExecutionContext): Promise<Execution> {
  const { engine, workspace } = plan;
  const options = { engine, directory: workspace, workspace, environment: context.host.environment };
  const ended = await give(step, options, context);
  const stopped = context.cancellation.reason();
  if (stopped !== undefined) await removeContainer(step.container, false, options, context.emit);
  return withoutContainer(step, ended, stopped);
}

async function give(
  step: CacheStep,
  options: ClientOptions,
  context: ExecutionContext,
): Promise<ClientResult> {
  const done = { exitCode: 0, tail: "" };
  const known = readOwnText(options.workspace, step.remembered, largestText);
  const found = await volumesOf(step, options, context);
  if (found !== undefined && found === known) return done;
  const given = await reported(step.argv, context, () => runGiving(step, options, context));
  if (given.exitCode !== 0 || context.cancellation.reason() !== undefined) return given;
  const created = await volumesOf(step, options, context);
  if (created !== undefined) replaceFile(options.workspace, step.remembered, created, 0o644);
  return done;
}

/** Which volumes there are; undefined when one does not exist. */
async function volumesOf(
  { identify }: CacheStep,
  { engine, ...options }: ClientOptions,
  context: ExecutionContext,
): Promise<string | undefined> {
  const { signal } = context.cancellation;
  const { exitCode, stdout } = await reported(identify, context, () =>
    askEngine(engine, identify, { ...options, cancelled: signal }),
  );
  return exitCode === 0 ? stdout : undefined;
}

function runGiving(
  { argv, container }: CacheStep,
  options: ClientOptions,
  context: ExecutionContext,
): Promise<ClientResult> {
  return runClient(
    argv,
    options,
    {
      source: "probe",
      input: "nothing",
      secrets: [],
      stoppable: (signal) => {
        const kill = () => killContainer(container, signal, options);
        const stop = async (name: NodeJS.Signals) => {
          signal(name);
          kill();
        };
        return { isAction: false, kill, signal: stop };
      },
    },
    context,
  );
}
