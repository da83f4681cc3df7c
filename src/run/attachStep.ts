import { tryAskEngine } from "../engine/ask.ts";
import { connected } from "../engine/connections.ts";
import { isRefusedConnection } from "../engine/errors.ts";
import type { ProgramInput } from "../host/process.ts";
import type { AttachStep, Plan } from "../plan/plan.ts";
import { readyMark } from "../plan/remote/entrypointThere.ts";
import { handOverText } from "../plan/remote/handOver.ts";
import type { Stoppable } from "./cancellation.ts";
import { type ClientOptions, reported, runClient, type SignalClient } from "./client.ts";
import type { ExecutionContext } from "./context.ts";
import type { Emit } from "./events.ts";
import type { ClientResult, Execution } from "./execution.ts";
import { runAtTerminal } from "./terminalClient.ts";

/**
 * Starts the created container and passes its streams on until it has ended. Whether its entrypoint ran, and where it failed, is
 * only known when its files have been fetched. If the engine cannot be asked how it ended, it is left to itself.
 */
export async function attachContainer(
  { engine, workspace }: Plan,
  step: AttachStep,
  context: ExecutionContext,
): Promise<Execution> {
  const { host, cancellation } = context;
  const options = { engine, directory: workspace, workspace, environment: host.environment };
  if (step.timeout !== undefined) cancellation.timeOutAfter(step.timeout);
  const heard = tellingOfStart(context);
  const runIt = step.terminal.size === undefined ? attachPipes : attachTerminal;
  const canRepeat = () => !heard.hasStarted() && cancellation.reason() === undefined;
  const ended = await reported(step.argv, heard, () =>
    connected(
      engine.endpoint,
      (give) => {
        setTimeout(give, longestConnecting).unref();
        return runIt(step, options, heard);
      },
      ({ tail }) => (canRepeat() ? tail : ""),
    ),
  );
  // Of a signal and the client's end that came together, while polycrate itself was stopped (SIGSTOP), the signal counts.
  await new Promise((resolve) => setImmediate(resolve));
  const code = await codeOfContainer(step, options, context);
  const { context: name } = engine.endpoint;
  return {
    ...{ step, tail: ended.tail, started: false, failedLine: undefined, stopped: cancellation.reason() },
    exitCode: code ?? ended.exitCode,
    left:
      code === undefined
        ? { container: step.container, context: name, by: "connection", reason: "" }
        : undefined,
  };
}

/** In milliseconds: then the connection is there. */
const longestConnecting = 3000;

/**
 * Whatever the container prints shows that it runs. Before that, the client may print that its connection was refused, which is
 * attempted again.
 */
function tellingOfStart(context: ExecutionContext) {
  let isStarted = false;
  const emit: Emit = (event) => {
    if (event.type === "output" && !isStarted) {
      if (isRefusedConnection(event.bytes.toString())) return undefined;
      isStarted = true;
      context.emit({ type: "started" });
    }
    return context.emit(event);
  };
  return { ...context, emit, hasStarted: () => isStarted };
}

function attachPipes(
  step: AttachStep,
  options: ClientOptions,
  context: ExecutionContext,
): Promise<ClientResult> {
  const text = handOverText(step.handed);
  const ended = new AbortController();
  const { interactive } = step.terminal;
  const send = async (stdin: ProgramInput) => {
    await stdin.write(Buffer.from(text));
    await stdin.flush();
    if (interactive) await pumpInput(context.host.stdin, stdin, ended.signal);
    await stdin.end();
  };
  return runClient(
    step.argv,
    options,
    {
      source: "action",
      input: text === "" ? (interactive ? "ours" : "nothing") : "piped",
      secrets: step.secrets,
      stoppable: (signal) => stoppableThere(step, signal, options),
      ...(text === "" ? {} : { send }),
      onEnd: () => ended.abort(),
    },
    context,
  );
}

/** Passes our standard input on, at the pace of its reader, until either end is closed. */
async function pumpInput(source: NodeJS.ReadStream, stdin: ProgramInput, ended: AbortSignal): Promise<void> {
  const stop = Promise.withResolvers<void>();
  const take = async (data: Buffer) => {
    source.pause();
    const isOpen = await stdin.write(data);
    await stdin.flush();
    if (isOpen && !ended.aborted) source.resume();
    else stop.resolve();
  };
  const onData = (data: Buffer) => void take(data);
  const onEnd = () => stop.resolve();
  source.on("data", onData).once("end", onEnd).once("error", onEnd);
  ended.addEventListener("abort", onEnd);
  await stop.promise;
  source.off("data", onData).off("end", onEnd).off("error", onEnd).pause();
}

function attachTerminal(
  step: AttachStep,
  options: ClientOptions,
  context: ExecutionContext,
): Promise<ClientResult> {
  const text = handOverText(step.handed);
  return runAtTerminal(
    step.argv,
    options,
    {
      interactive: step.terminal.interactive,
      secrets: step.secrets,
      stoppable: (signal) => stoppableThere(step, signal, options),
      handOver: text === "" ? undefined : { mark: readyMark(step.transaction), text },
    },
    context,
  );
}

/** In milliseconds: a container that is being started cannot be signalled yet. */
const attempts = { most: 20, every: 200 };

/**
 * The client that is connected would end by a signal, and the container run on (docker 28.2), so the engine is asked to pass it
 * on. The client ends with the container; after a kill it has some seconds for that.
 */
function stoppableThere(
  { onSignal }: AttachStep,
  signalClient: SignalClient,
  { engine, ...options }: ClientOptions,
): Stoppable {
  const send = async (name: NodeJS.Signals) => {
    const argv = onSignal.find(({ signal }) => signal === name)?.argv ?? [];
    for (let attempt = 0; attempt < attempts.most; attempt += 1) {
      const { exitCode, stderr } = await tryAskEngine(engine, argv, { ...options, timeout: patience });
      if (exitCode === 0 || !/is not running/i.test(stderr)) return;
      await Bun.sleep(attempts.every);
    }
  };
  return {
    isAction: true,
    signal: send,
    kill: () => {
      void send("SIGKILL");
      setTimeout(() => signalClient("SIGKILL"), patience * 1000).unref();
    },
  };
}

/** In seconds: how long one signal may take on its way. */
const patience = 10;

/** A container can run for weeks; undefined when the engine did not tell. */
async function codeOfContainer(
  step: AttachStep,
  options: ClientOptions,
  context: ExecutionContext,
): Promise<number | undefined> {
  const { engine, ...call } = options;
  context.cancellation.attach(stoppableThere(step, () => {}, options));
  const { exitCode, stdout } = await reported(step.wait, context, () =>
    tryAskEngine(engine, step.wait, { ...call, timeout: longestWait }),
  );
  context.cancellation.detach();
  return exitCode === 0 && /^\d+\s*$/.test(stdout) ? Number(stdout) : undefined;
}

/** In seconds; a timer of JavaScript has at most 2^31 - 1 ms. */
const longestWait = 2_000_000;
