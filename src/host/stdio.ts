import { printable } from "../errors.ts";
import type { TerminalSize } from "./process.ts";

/** What a run needs of its process: environment, streams, messages, clock and cancellation. */
export type Host = {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly stdin: NodeJS.ReadStream;
  /** Prints a line about the run on standard error. */
  readonly say: (line: string) => void;
  readonly now: () => Date;
  /** Aborted when the run is to end: only the action itself is still waited for. */
  readonly cancelled?: AbortSignal;
};

/** Returns the host of this process. */
export function thisHost(): Host {
  return {
    environment: process.env,
    stdout: process.stdout,
    stderr: process.stderr,
    stdin: process.stdin,
    say: (line) => {
      process.stderr.write(`${printable(line, true)}\n`);
    },
    now: () => new Date(),
  };
}

/** Returns the size of the stream's terminal, 24 by 80 when it does not report one. */
export function sizeOf(stream: NodeJS.WriteStream): TerminalSize {
  return { rows: stream.rows || 24, columns: stream.columns || 80 };
}
