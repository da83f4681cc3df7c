import { writeSync } from "node:fs";
import { codeOf } from "./fileErrors.ts";
import { isTerminal } from "./stdio.ts";

/** Standard output or standard error, created once: it tracks whether its last line ended and whether it is still read. */
export type Output = {
  /** The stream, which is made when it is first needed: making it takes milliseconds, and some commands need none. */
  readonly stream: NodeJS.WriteStream;
  readonly isTTY: boolean;
  /** The width of the terminal; undefined for other outputs. */
  readonly columns: number | undefined;
  /** Writes; when the stream is full, returns a promise that resolves when it drains, is abandoned or is lost. */
  readonly write: (chunk: Uint8Array | string) => Promise<void> | undefined;
  /** From now on `write` never blocks: a program that handles signals must not wait for a reader. */
  readonly neverBlock: () => void;
  /** Stops waiting for a blocked reader: output that the stream does not accept at once is dropped, until `awaitReader`. */
  readonly abandon: () => void;
  readonly awaitReader: () => void;
  /** Calls the listener when the stream is lost, at once if it already is; returns a function that removes the listener. */
  readonly onLost: (listener: (error: Error) => void) => () => void;
  /** True when the last byte written is not a line feed. */
  readonly isInLine: () => boolean;
  /** Ends the stream; resolves when everything is written or it was abandoned, or with the error that prevented it. */
  readonly end: () => Promise<Error | undefined>;
};

/** Both outputs of the program. */
export type Outputs = { readonly stdout: Output; readonly stderr: Output };

const lineFeed = 10;

/**
 * Returns the output of a stream. A stream that fails only emits `error`: it neither drains nor ends afterwards. A stream that is
 * made on demand comes with its descriptor, which is written to until the stream is needed.
 */
// One long function, because all of it shares one state: lost, abandoned, full, and the last byte.
export function outputTo(
  source: NodeJS.WriteStream | (() => NodeJS.WriteStream),
  descriptor?: 1 | 2,
): Output {
  const listeners = new Set<(error: Error) => void>();
  let opened: NodeJS.WriteStream | undefined;
  let mayBlock = descriptor !== undefined;
  let lost: Error | undefined;
  let isAbandoned = false;
  let lastByte = lineFeed;
  let full: PromiseWithResolvers<void> | undefined;
  const resume = () => full?.resolve();
  const lose = (error: Error) => {
    lost ??= error;
    resume();
    for (const listener of listeners) listener(error);
  };
  const stream = () => {
    if (opened !== undefined) return opened;
    opened = typeof source === "function" ? source() : source;
    opened.on("error", lose);
    opened.on("drain", () => {
      resume();
      full = undefined;
    });
    return opened;
  };
  if (typeof source !== "function") stream();
  const onLost = (listener: (error: Error) => void) => {
    listeners.add(listener);
    if (lost !== undefined) listener(lost);
    return () => void listeners.delete(listener);
  };
  /** Writes to the descriptor; returns what is left for the stream, because the descriptor takes no more at once. */
  const writeNow = (chunk: Uint8Array): Uint8Array => {
    if (descriptor === undefined || opened !== undefined || !mayBlock) return chunk;
    let rest = chunk;
    try {
      while (rest.length > 0) rest = rest.subarray(writeSync(descriptor, rest));
    } catch (error) {
      if (codeOf(error) === "EAGAIN") return rest;
      lose(error instanceof Error ? error : new Error(String(error)));
    }
    return new Uint8Array();
  };
  return {
    get stream() {
      return stream();
    },
    get isTTY() {
      if (opened === undefined && descriptor !== undefined) return isTerminal(descriptor, stream);
      return stream().isTTY;
    },
    get columns() {
      return this.isTTY ? stream().columns : undefined;
    },
    onLost,
    write: (chunk) => {
      if (lost !== undefined || chunk.length === 0) return undefined;
      if (isAbandoned && full !== undefined) return undefined;
      const bytes = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
      lastByte = bytes.at(-1) ?? lineFeed;
      const rest = writeNow(bytes);
      if (rest.length > 0 && !stream().write(rest)) full ??= Promise.withResolvers();
      return isAbandoned ? undefined : full?.promise;
    },
    neverBlock: () => {
      mayBlock = false;
    },
    abandon: () => {
      isAbandoned = true;
      resume();
    },
    awaitReader: () => {
      isAbandoned = false;
    },
    isInLine: () => lastByte !== lineFeed,
    end: () => {
      if (isAbandoned) return Promise.resolve(undefined);
      if (opened === undefined) return Promise.resolve(lost);
      const ending = opened;
      return new Promise((resolve) => {
        onLost(resolve);
        ending.end((error?: Error | null) => resolve(error ?? undefined));
      });
    },
  };
}

/** Standard output, for the program as a whole. */
export const stdout = outputTo(() => process.stdout, 1);

/** Standard error, for the program as a whole. */
export const stderr = outputTo(() => process.stderr, 2);

/** True when the reader of a pipe or the terminal is gone; false for other errors, such as a full disk. */
export function isReaderGone(error: Error): boolean {
  return ["EPIPE", "EIO", "ECONNRESET"].includes(codeOf(error));
}
