import { fstatSync } from "node:fs";
import type { TerminalSize } from "./process.ts";

/** What a run uses of its process: environment, streams and clock. */
export type Host = {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly now: () => Date;
};

/** Returns the host of this process; its streams are made when they are first needed. */
export function thisHost(): Host {
  return {
    environment: process.env,
    get stdin() {
      return process.stdin;
    },
    get stdout() {
      return process.stdout;
    },
    now: () => new Date(),
  };
}

/**
 * True when the descriptor is a terminal. Only the stream knows for certain, and making it takes milliseconds: it is asked when
 * the descriptor is a device that could be one.
 */
export function isTerminal(descriptor: number, stream: () => { readonly isTTY: boolean }): boolean {
  try {
    const status = fstatSync(descriptor);
    return status.isCharacterDevice() && status.rdev !== nullDevice && stream().isTTY;
  } catch {
    return false;
  }
}

/** True when standard input is a terminal. */
export function isStdinTerminal(): boolean {
  return isTerminal(0, () => process.stdin);
}

/** Of Linux: major 1, minor 3 (Documentation/admin-guide/devices.txt). */
const nullDevice = 0x103;

/** True in CI: `CI` is set, and not to nothing, `0` or `false`. */
export function isCi({ CI = "" }: Host["environment"]): boolean {
  return !/^(?:|0|false)$/i.test(CI);
}

/** Returns the size of the stream's terminal, 24 by 80 when it does not report one. */
export function sizeOf(stream: NodeJS.WriteStream): TerminalSize {
  return { rows: stream.rows || 24, columns: stream.columns || 80 };
}

/** True when both descriptors are the same file, pipe or terminal. */
export function isOneFile(one: number, other: number): boolean {
  try {
    const [a, b] = [fstatSync(one), fstatSync(other)];
    return a.dev === b.dev && a.ino === b.ino;
  } catch {
    return false;
  }
}

/** True when standard input is a pipe, socket or file; false for /dev/null, and when it is closed. */
export function isStdinData(): boolean {
  try {
    const status = fstatSync(0);
    return status.isFIFO() || status.isFile() || status.isSocket();
  } catch {
    return false;
  }
}
