import { constants } from "node:os";
import type { ProgramInput } from "../host/process.ts";
import type { ExecStep } from "../plan/plan.ts";
import { maskedTexts } from "../secrets/mask.ts";
import type { Stoppable } from "./cancellation.ts";
import { type ClientOptions, reported, runClient, type SignalClient } from "./client.ts";
import { hasStarted, isUntouched, readStatus } from "./containerStatus.ts";
import { waitForStart } from "./containerStep.ts";
import type { ExecutionContext } from "./context.ts";
import type { Emit, RunEvent } from "./events.ts";
import type { Execution } from "./execution.ts";
import { withMemoryVerdict } from "./outOfMemory.ts";
import { readRecap } from "./recap.ts";
import { recordedCommand } from "./record.ts";
import { killContainer } from "./removeContainer.ts";

/**
 * Runs the command in a container that is kept, to its end, when it `isReady`: docker's client starts meanwhile. Signals go through the standard input of the engine's client: when
 * that ends, as it does if the client or polycrate is killed, the command is killed.
 */
export async function execInContainer(
  step: ExecStep,
  isReady: Promise<boolean>,
  options: ClientOptions,
  context: ExecutionContext,
): Promise<Execution> {
  const { cancellation } = context;
  const since = Date.now();
  const { emit, settle } = holdingOutput(context.emit, () => !isUntouched(step.status));
  const secrets = step.secrets;
  const running = reported(step.argv, context, () =>
    runExec({ step, isReady, secrets }, options, { ...context, emit }),
  );
  await waitForStart(running, step.status, context, () =>
    emit({ type: "warm", command: recordedCommand(step.argv, maskedTexts(secrets)) }),
  );
  const ended = await running;
  settle(!isUntouched(step.status));
  // Of a signal and the client's end that came together, while polycrate itself was stopped (SIGSTOP), the signal counts.
  await new Promise((resolve) => setImmediate(resolve));
  const hosts = readRecap(step.status, maskedTexts(secrets));
  if (hosts.length > 0) emit({ type: "recap", hosts });
  const stopped = cancellation.reason();
  const execution = { ...ended, step, ...readStatus(step, ended.exitCode), stopped };
  return withMemoryVerdict(execution, { container: step.container, since }, options);
}

/** Holds output back until the command has begun: before that it is the client's, which `settle` drops if nothing was run. */
function holdingOutput(emit: Emit, hasBegun: () => boolean) {
  let held: RunEvent[] | undefined = [];
  const settle = (isOfAction: boolean) => {
    for (const event of isOfAction ? (held ?? []) : []) void emit(event);
    held = undefined;
  };
  const pass: Emit = (event) => {
    if (held === undefined || event.type !== "output") return emit(event);
    if (!hasBegun()) {
      held.push({ ...event, bytes: Buffer.from(event.bytes) });
      return undefined;
    }
    settle(true);
    return emit(event);
  };
  return { emit: pass, settle };
}

type ExecRun = {
  readonly step: ExecStep;
  readonly isReady: Promise<boolean>;
  readonly secrets: readonly string[];
};

function runExec({ step, isReady, secrets }: ExecRun, options: ClientOptions, context: ExecutionContext) {
  let lease: ProgramInput | undefined;
  const sendLine = async (line: string) => {
    await lease?.write(Buffer.from(`${line}\n`));
    await lease?.flush();
  };
  let isOver = false;
  const running = runClient(
    step.argv,
    options,
    {
      source: "action",
      input: "piped",
      secrets,
      send: async (stdin) => {
        lease = stdin;
        const isGo = await isReady.catch(() => false);
        await (isGo ? sendLine("go") : stdin.end());
      },
      stoppable: (signal) => {
        const send = (line: string) => void sendLine(line);
        return stoppableExec(step, { signal, send, isOver: () => isOver }, options);
      },
    },
    context,
  );
  return running.finally(() => {
    isOver = true;
  });
}

/** The engine's client of a command. */
type ExecClient = {
  readonly signal: SignalClient;
  readonly send: (line: string) => void;
  readonly isOver: () => boolean;
};

/** As for a container, a signal that comes before the command has started waits for it, for a second. */
function stoppableExec(
  step: ExecStep,
  { signal: signalClient, send, isOver }: ExecClient,
  options: ClientOptions,
): Stoppable {
  return {
    isAction: true,
    signal: async (name) => {
      for (let waited = 0; waited < 1000 && !hasStarted(step.status); waited += 10) await Bun.sleep(10);
      if (hasStarted(step.status)) send(String(constants.signals[name]));
      else signalClient("SIGKILL");
    },
    kill: () => {
      send("KILL");
      setTimeout(() => {
        if (!isOver()) killContainer(step.container, signalClient, options);
      }, 2000).unref();
    },
  };
}
