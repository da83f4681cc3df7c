import { askEngine } from "../engine/ask.ts";
import type { ContainerStep, Plan } from "../plan/plan.ts";
import { maskedTexts } from "../secrets/mask.ts";
import type { Stoppable } from "./cancellation.ts";
import { type ClientOptions, reported, runClient, type SignalClient } from "./client.ts";
import { hasStarted, isInspected, readStatus } from "./containerStatus.ts";
import type { ExecutionContext } from "./context.ts";
import type { ClientResult, Execution } from "./execution.ts";
import { withMemoryVerdict } from "./outOfMemory.ts";
import { tellingOfPull } from "./pull.ts";
import { readRecap } from "./recap.ts";
import { killContainer, removeContainer } from "./removeContainer.ts";
import { runAtTerminal } from "./terminalClient.ts";

/** Runs the container to its end, its output passed on and signals passed to it; returns how it ended. */
export async function runContainer(
  { engine, workspace }: Plan,
  step: ContainerStep,
  given: ExecutionContext,
): Promise<Execution> {
  const context = { ...given, emit: tellingOfPull(given.emit, () => hasStarted(step.status)) };
  const { host, cancellation, emit } = context;
  const variables = Object.fromEntries(step.environment.map(({ name, value }) => [name, value]));
  const environment = { ...host.environment, ...variables };
  const options: ClientOptions = { engine, directory: workspace, workspace, environment };
  emit({ type: "starting" });
  if (step.timeout !== undefined) cancellation.timeOutAfter(step.timeout);
  const since = Date.now();
  const runIt = step.terminal.size === undefined ? runPiped : runTerminal;
  const running = reported(step.argv, context, () => runIt(step, options, context));
  await waitForStart(running, step.status, context);
  if (step.inspects) await watchInspection(running, step.status, context);
  const ended = await running;
  // Of a signal and the client's end that came together, while polycrate itself was stopped (SIGSTOP), the signal counts.
  await new Promise((resolve) => setImmediate(resolve));
  const hosts = readRecap(step.status, maskedTexts(step.secrets));
  if (hosts.length > 0) emit({ type: "recap", hosts });
  const stopped = cancellation.reason();
  if (stopped !== undefined) await removeContainer(step.container, hasStarted(step.status), options, emit);
  const execution = { ...ended, step, ...readStatus(step, ended.exitCode), stopped };
  return withMemoryVerdict(execution, { container: step.container, since }, options);
}

/** In milliseconds. Only a reader of events sees the difference; watching the file takes more processor time than the looks. */
const lookEvery = 100;

/** Waits until the entrypoint has started or the client has ended. Does not ask the engine, which could delay the start. */
export async function waitForStart(
  running: Promise<unknown>,
  status: string,
  { emit }: Pick<ExecutionContext, "emit">,
  onStart: () => void = () => {},
): Promise<void> {
  let isRunning = true;
  const stop = () => {
    isRunning = false;
  };
  const message = "docker has not started the container yet; press Ctrl-C to give up";
  const slow = setTimeout(() => emit({ type: "waiting", message }), 30_000);
  while (isRunning && !hasStarted(status))
    await Promise.race([running.then(stop, stop), Bun.sleep(lookEvery)]);
  clearTimeout(slow);
  if (!hasStarted(status)) return;
  onStart();
  emit({ type: "started" });
}

/** A person in the shell has all the time that they want; how long it took is told. */
async function watchInspection(
  running: Promise<unknown>,
  status: string,
  { cancellation, emit }: ExecutionContext,
): Promise<void> {
  const ended = running.then(
    () => true,
    () => true,
  );
  while (!isInspected(status)) {
    if (await Promise.race([ended, Bun.sleep(100).then(() => false)])) break;
  }
  if (!isInspected(status)) return;
  cancellation.neverTimeOut();
  emit({ type: "inspecting" });
  const before = performance.now();
  await ended;
  emit({ type: "inspected", milliseconds: performance.now() - before });
}

function runPiped(
  step: ContainerStep,
  options: ClientOptions,
  context: ExecutionContext,
): Promise<ClientResult> {
  return runClient(
    step.argv,
    options,
    {
      source: "action",
      input: step.terminal.interactive ? "ours" : "nothing",
      secrets: step.secrets,
      stoppable: (signal) => stoppableContainer(step, signal, options),
    },
    context,
  );
}

function runTerminal(
  step: ContainerStep,
  options: ClientOptions,
  context: ExecutionContext,
): Promise<ClientResult> {
  return runAtTerminal(
    step.argv,
    options,
    {
      interactive: step.terminal.interactive,
      secrets: step.secrets,
      stoppable: (signal) => stoppableContainer(step, signal, options),
      handOver: undefined,
    },
    context,
  );
}

/**
 * docker's client passes signals on to the container, but ignores one that arrives before the container runs. So it is
 * signalled when the entrypoint has started, or after a second, when docker may still be pulling and the client itself has
 * to end.
 */
function stoppableContainer(step: ContainerStep, signal: SignalClient, options: ClientOptions): Stoppable {
  const { engine, ...asking } = options;
  const isPassedOn = step.terminal.size === undefined || engine.can.signalAtTerminal;
  return {
    isAction: true,
    signal: async (name) => {
      for (let waited = 0; waited < 1000 && !hasStarted(step.status); waited += 10) await Bun.sleep(10);
      if (isPassedOn || !hasStarted(step.status)) signal(name);
      else await askEngine(engine, engine.signalContainer(step.container, name), asking);
    },
    kill: () => killContainer(step.container, signal, options),
  };
}
