import { printable } from "../errors.ts";
import type { TerminalSize } from "./process.ts";

/** The outside world of a run, a few functions wide. */
export type Host = {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly stdin: NodeJS.ReadStream;
  /** Says one thing about the run on standard error. */
  readonly say: (line: string) => void;
  readonly now: () => Date;
  /** Aborted when the run is to end: nothing is waited for any longer that is not the action itself. */
  readonly cancelled?: AbortSignal;
};

/** Returns the host that this process runs on. */
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

/** Returns the size of the terminal that the stream is, 24 by 80 when it does not say. */
export function sizeOf(stream: NodeJS.WriteStream): TerminalSize {
  return { rows: stream.rows || 24, columns: stream.columns || 80 };
}
