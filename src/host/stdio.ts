import { fstatSync } from "node:fs";
import type { TerminalSize } from "./process.ts";

/** The surroundings of a run, a few properties wide. */
export type Host = {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly now: () => Date;
};

/** Returns the host that this process runs on. */
export function thisHost(): Host {
  return {
    environment: process.env,
    stdin: process.stdin,
    stdout: process.stdout,
    now: () => new Date(),
  };
}

/** Returns the size of the terminal that the stream is, 24 by 80 when it does not say. */
export function sizeOf(stream: NodeJS.WriteStream): TerminalSize {
  return { rows: stream.rows || 24, columns: stream.columns || 80 };
}

/** True when the two descriptors are one file, pipe or terminal. */
export function isOneFile(one: number, other: number): boolean {
  try {
    const [a, b] = [fstatSync(one), fstatSync(other)];
    return a.dev === b.dev && a.ino === b.ino;
  } catch {
    return false;
  }
}

/** True when standard input is data for a program: a pipe, socket or file; not /dev/null, and not when it is closed. */
export function isStdinData(): boolean {
  try {
    const status = fstatSync(0);
    return status.isFIFO() || status.isFile() || status.isSocket();
  } catch {
    return false;
  }
}
