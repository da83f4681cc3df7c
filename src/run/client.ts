import type { Engine } from "../engine/engine.ts";
import { type Arg, toShell } from "../host/arg.ts";
import { type ProgramInput, type ProgramOutput, type StartOptions, startProcess } from "../host/process.ts";
import { maskedTexts } from "../secrets/mask.ts";
import type { Stoppable } from "./cancellation.ts";
import type { ExecutionContext } from "./context.ts";
import type { RunEvent } from "./events.ts";
import type { ClientResult } from "./execution.ts";
import { relay } from "./outputRelay.ts";

/** How the engine's client is started. */
export type ClientOptions = Omit<StartOptions, "input" | "workspace"> & {
  readonly engine: Engine;
  readonly workspace: string;
};

/** Signals a client that runs. */
export type SignalClient = (name: NodeJS.Signals) => void;

/** Runs a command of the client, with the events of its beginning and end. */
export async function reported<Result>(
  argv: readonly Arg[],
  { emit }: Pick<ExecutionContext, "emit">,
  run: () => Promise<Result>,
): Promise<Result> {
  emit({ type: "command", argv });
  const before = performance.now();
  const result = await run();
  emit({ type: "commandEnded", argv, milliseconds: performance.now() - before });
  return result;
}

/** The input of a step's client, in addition to its arguments. */
export type ClientInput = {
  readonly source: Extract<RunEvent, { type: "output" }>["source"];
  readonly input: StartOptions["input"];
  /** Values that no output may show. */
  readonly secrets: readonly string[];
  readonly stoppable: (signal: SignalClient) => Stoppable;
  /** Writes what the client reads; its failure is the step's. */
  readonly send?: (stdin: ProgramInput) => Promise<void>;
  /** Called when the client has ended. */
  readonly onEnd?: () => void;
  /** What is passed on of each stream; all of it when left out. */
  readonly filter?: (output: ProgramOutput) => ProgramOutput;
};

/** Runs a client to its end, its output passed on and signals passed to it. */
export async function runClient(
  argv: readonly Arg[],
  options: ClientOptions,
  { source, input, secrets, stoppable, send, onEnd = () => {}, filter = (stream) => stream }: ClientInput,
  { cancellation, emit }: ExecutionContext,
): Promise<ClientResult> {
  const running = startProcess(argv, { ...options, input });
  const texts = maskedTexts(secrets);
  const relays = (["stdout", "stderr"] as const).map((stream) =>
    relay(filter(running[stream]), (bytes) => emit({ type: "output", source, stream, bytes }), texts),
  );
  cancellation.attach(stoppable(running.signal));
  const { stdin } = running;
  const sending = send !== undefined && stdin !== undefined ? send(stdin) : undefined;
  const [sent, exit] = await Promise.allSettled([sending, running.ended.finally(onEnd)]);
  await Promise.all(relays.map(({ finished }) => finished));
  cancellation.detach();
  if (sent.status === "rejected") throw sent.reason;
  if (exit.status === "rejected") throw exit.reason;
  return { exitCode: exit.value, tail: relays.map(({ tail }) => tail()).join("\n") };
}

/** Returns how a client without a container is stopped: BuildKit's may ignore a signal (docker 20.10). */
export function stoppableClient(signal: SignalClient): Stoppable {
  const kill = () => signal("SIGKILL");
  return {
    isAction: false,
    signal: async (name) => {
      signal(name);
      setTimeout(kill, 1000).unref();
    },
    kill,
  };
}

/** Returns the argument list as a shell would read it. */
export function commandText(argv: readonly Arg[]): string {
  return toShell(argv).join(" ");
}
