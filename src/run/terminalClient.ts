import type { Arg } from "../host/arg.ts";
import { startAtTerminal } from "../host/process.ts";
import { sizeOf } from "../host/stdio.ts";
import { maskedTexts } from "../secrets/mask.ts";
import type { ClientInput, ClientOptions } from "./client.ts";
import type { ExecutionContext } from "./context.ts";
import type { ClientResult } from "./execution.ts";
import { maskedSink } from "./outputRelay.ts";

/** What a client at a terminal is run with. */
export type TerminalInput = Pick<ClientInput, "secrets" | "stoppable"> & {
  /** Whether the user types into it. */
  readonly interactive: boolean;
  /** What is written once it has printed the mark, which is not passed on, and neither is what came before. */
  readonly handOver: { readonly mark: string; readonly text: string } | undefined;
};

/** Runs a client at a pseudo-terminal of the size of ours, which is one stream and cannot be paused. */
export async function runAtTerminal(
  argv: readonly Arg[],
  options: ClientOptions,
  { interactive, secrets, stoppable, handOver }: TerminalInput,
  { host, cancellation, emit }: ExecutionContext,
): Promise<ClientResult> {
  const { stdin, stdout } = host;
  const output = maskedSink(
    (bytes) => emit({ type: "output", source: "action", stream: "stdout", bytes }),
    maskedTexts(secrets),
  );
  const pass = (data: Uint8Array) => void output.pass(Buffer.from(data));
  const take = handOver === undefined ? pass : afterMark(handOver.mark, pass, () => begin());
  const running = startAtTerminal(argv, options, sizeOf(stdout), take);
  cancellation.attach(stoppable(running.signal));
  const resize = () => running.resize(sizeOf(stdout));
  stdout.on("resize", resize);
  const type = (data: Buffer) => running.write(data);
  let isTyping = false;
  const begin = () => {
    running.write(Buffer.from(handOver?.text ?? ""));
    if (!interactive) return;
    isTyping = true;
    stdin.setRawMode(true);
    stdin.on("data", type).resume();
  };
  if (handOver === undefined) begin();
  const exitCode = await running.ended;
  if (isTyping) {
    stdin.off("data", type).pause();
    stdin.setRawMode(false);
  }
  stdout.off("resize", resize);
  output.end();
  cancellation.detach();
  return { exitCode, tail: output.tail() };
}

/** Returns a function that passes on what comes after the mark; without one, as when the client fails, all of the last part. */
function afterMark(mark: string, pass: (data: Uint8Array) => void, onMark: () => void) {
  let before: string | undefined = "";
  return (data: Uint8Array) => {
    if (before === undefined) return pass(data);
    before += Buffer.from(data).toString("latin1");
    const at = before.indexOf(mark);
    if (at < 0) return undefined;
    const rest = before.slice(at + mark.length);
    before = undefined;
    onMark();
    return rest === "" ? undefined : pass(Buffer.from(rest, "latin1"));
  };
}
