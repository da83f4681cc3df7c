import { codeOf } from "./fileErrors.ts";

/** Standard output or standard error, created once: it tracks whether its last line ended and whether it is still read. */
export type Output = {
  readonly stream: NodeJS.WriteStream;
  /** Writes; when the stream is full, returns a promise that resolves when it drains, is abandoned or is lost. */
  readonly write: (chunk: Uint8Array | string) => Promise<void> | undefined;
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
 * Returns the output of a stream. A stream that fails only emits `error`: it neither drains nor ends afterwards.
 */
// One long function, because all of it shares one state: lost, abandoned, full, and the last byte.
export function outputTo(stream: NodeJS.WriteStream): Output {
  const listeners = new Set<(error: Error) => void>();
  let lost: Error | undefined;
  let isAbandoned = false;
  let lastByte = lineFeed;
  let full: PromiseWithResolvers<void> | undefined;
  const resume = () => full?.resolve();
  stream.on("error", (error: Error) => {
    lost ??= error;
    resume();
    for (const listener of listeners) listener(error);
  });
  stream.on("drain", () => {
    resume();
    full = undefined;
  });
  const onLost = (listener: (error: Error) => void) => {
    listeners.add(listener);
    if (lost !== undefined) listener(lost);
    return () => void listeners.delete(listener);
  };
  return {
    stream,
    onLost,
    write: (chunk) => {
      if (lost !== undefined || chunk.length === 0) return undefined;
      if (isAbandoned && full !== undefined) return undefined;
      lastByte = typeof chunk === "string" ? chunk.charCodeAt(chunk.length - 1) : (chunk.at(-1) ?? lineFeed);
      if (!stream.write(chunk)) full ??= Promise.withResolvers();
      return isAbandoned ? undefined : full?.promise;
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
      return new Promise((resolve) => {
        onLost(resolve);
        stream.end((error?: Error | null) => resolve(error ?? undefined));
      });
    },
  };
}

/** True when the reader of a pipe or the terminal is gone; false for other errors, such as a full disk. */
export function isReaderGone(error: Error): boolean {
  return ["EPIPE", "EIO", "ECONNRESET"].includes(codeOf(error));
}
