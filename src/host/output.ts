import { codeOf } from "./fileErrors.ts";

/** Standard output or standard error, made once: it knows how its last line ended and whether anything still reads it. */
export type Output = {
  readonly stream: NodeJS.WriteStream;
  /** Writes; when the stream is full, returns a promise that resolves when it takes more, or was abandoned or lost. */
  readonly write: (chunk: Uint8Array | string) => Promise<void> | undefined;
  /** Stops to wait for a reader that does not read: what the stream does not take at once is dropped, until it is awaited again. */
  readonly abandon: () => void;
  readonly awaitReader: () => void;
  /** Calls the listener when the stream takes nothing any more, at once if that has happened; returns what ends that. */
  readonly onLost: (listener: (error: Error) => void) => () => void;
  /** True when the last byte that was written did not end a line. */
  readonly isInLine: () => boolean;
  /** Ends the stream; resolves when all of it was taken or it was abandoned, or with the error that prevented it. */
  readonly end: () => Promise<Error | undefined>;
};

/** Both outputs of the program. */
export type Outputs = { readonly stdout: Output; readonly stderr: Output };

const lineFeed = 10;

/**
 * Returns the output of a stream. A stream that fails says so in an event alone: afterwards it neither drains nor ends.
 */
// Longer than most, because all of it shares one state: lost, abandoned, full, and the last byte.
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

/** True when the reader of a pipe or a terminal went away; false when a disk is full, for example. */
export function isReaderGone(error: Error): boolean {
  return ["EPIPE", "EIO", "ECONNRESET"].includes(codeOf(error));
}
