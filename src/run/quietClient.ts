import { connected } from "../engine/connections.ts";
import { isRefusedConnection } from "../engine/errors.ts";
import type { Arg } from "../host/arg.ts";
import { type ProgramInput, type RunningProcess, startProcess } from "../host/process.ts";
import { type ClientOptions, reported, stoppableClient } from "./client.ts";
import type { ExecutionContext } from "./context.ts";
import type { ClientResult } from "./execution.ts";
import { relay } from "./outputRelay.ts";

/** What a quiet client is run with. */
export type QuietContext = Pick<ExecutionContext, "emit"> & {
  readonly cancellation: Pick<ExecutionContext["cancellation"], "attach" | "detach">;
};

/** What a client reads, and what becomes of what it prints; both are its own by default. */
export type QuietInput<Result> = {
  readonly send?: (stdin: ProgramInput) => Promise<void>;
  readonly read: (stdout: RunningProcess["stdout"]) => Promise<Result>;
};

/**
 * Runs a client whose standard output is not for the user, to its end; what it prints on standard error is passed on. Reads and
 * sends again what was refused by sshd. Throws what reading or sending throws, after the client has ended.
 */
export function runQuietClient<Result>(
  argv: readonly Arg[],
  options: ClientOptions,
  input: QuietInput<Result>,
  context: QuietContext,
): Promise<QuietResult<Result>> {
  return reported(argv, context, () =>
    connected(
      options.engine.endpoint,
      () => runOnce(argv, options, input, context),
      ({ tail }) => tail,
    ),
  );
}

type QuietResult<Result> = ClientResult & { readonly result: Result };

async function runOnce<Result>(
  argv: readonly Arg[],
  options: ClientOptions,
  { send, read }: QuietInput<Result>,
  { cancellation, emit }: QuietContext,
): Promise<QuietResult<Result>> {
  const running = startProcess(argv, { ...options, input: send === undefined ? "nothing" : "piped" });
  const pass = (bytes: Buffer) =>
    isRefusedConnection(bytes.toString())
      ? undefined
      : emit({ type: "output", source: "probe", stream: "stderr", bytes });
  const complaints = relay(running.stderr, pass, []);
  cancellation.attach(stoppableClient(running.signal));
  const sending = running.stdin === undefined ? undefined : send?.(running.stdin);
  const failure = (error: unknown) => {
    running.signal("SIGKILL");
    throw error;
  };
  const [sent, result, exitCode] = await Promise.allSettled([
    sending?.catch(failure),
    read(running.stdout).catch(failure),
    running.ended,
  ]);
  await complaints.finished;
  cancellation.detach();
  if (sent.status === "rejected") throw sent.reason;
  if (result.status === "rejected") throw result.reason;
  if (exitCode.status === "rejected") throw exitCode.reason;
  return { exitCode: exitCode.value, tail: complaints.tail(), result: result.value };
}
