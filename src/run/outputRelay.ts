import { closeSync, fstatSync, writeSync } from "node:fs";
import type { Readable } from "node:stream";
import { codeOf, reasonOf } from "../host/fileErrors.ts";
import { maskOf } from "../secrets/mask.ts";

/** The log of a run: a file descriptor until it fails; a failure never stops the action. */
export type Log = {
  readonly write: (chunk: Uint8Array) => void;
  readonly close: () => void;
  /** Why the log is incomplete, in words; undefined when it is whole. */
  readonly failure: () => string | undefined;
};

/**
 * Returns a log that writes to the descriptor at once, so that what was printed is on disk whatever happens next. Two streams
 * meet in it, so it is masked by itself: one may end where a secret begins that the other goes on with.
 */
export function logTo(descriptor: number, secrets: readonly Buffer[]): Log {
  const mask = maskOf(secrets);
  let failure: string | undefined;
  const write = (chunk: Uint8Array) => {
    if (failure !== undefined) return;
    try {
      for (let written = 0; written < chunk.length; ) written += writeSync(descriptor, chunk, written);
    } catch (cause) {
      failure = reasonOf(cause);
    }
  };
  return {
    write: (chunk) => write(mask.pass(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length))),
    close: () => {
      write(mask.end());
      closeSync(descriptor);
    },
    failure: () => failure,
  };
}

/** A log that keeps nothing. */
export const noLog: Log = { write: () => {}, close: () => {}, failure: () => undefined };

/** What passes output on; `letGo` stops waiting for a reader that does not read. */
export type Relay = {
  readonly letGo: () => void;
  /** The last 64 KiB of what passed, for finding the line that a shell complained about. */
  readonly tail: () => string;
  readonly finished: Promise<void>;
};

/** What a relay asks of the stream it writes to. */
export type Target = {
  readonly write: (chunk: Uint8Array) => boolean;
  readonly on: (event: "error", listener: (error: Error) => void) => unknown;
  readonly once: (event: "drain", listener: () => void) => unknown;
};

const tailLength = 65_536;

/**
 * Passes a stream on to the target and the log, masked. A slow reader slows the source down and loses nothing, until
 * `letGo`: from then on what the target does not take goes to the log alone.
 */
export function relay(source: Readable, target: Target, log: Log, secrets: readonly Buffer[]): Relay {
  const mask = maskOf(secrets);
  const out = outlet(target, () => source.resume());
  const tail = tailOf();
  const pass = (chunk: Buffer) => {
    if (chunk.length === 0) return;
    log.write(chunk);
    tail.add(chunk);
    if (!out.write(chunk)) source.pause();
  };
  const finished = new Promise<void>((resolve) => {
    source.on("data", (chunk: Buffer) => pass(mask.pass(chunk)));
    source.on("error", () => resolve());
    source.on("end", () => {
      pass(mask.end());
      resolve();
    });
  });
  return { letGo: out.letGo, tail: tail.text, finished };
}

/** Passes the output of a pseudo-terminal on, as `relay` does; a pseudo-terminal cannot be paused. */
export function terminalRelay(target: NodeJS.WriteStream, log: Log, secrets: readonly Buffer[]) {
  const mask = maskOf(secrets);
  const out = outlet(target, () => {});
  const tail = tailOf();
  const pass = (chunk: Buffer) => {
    if (chunk.length === 0) return;
    log.write(chunk);
    tail.add(chunk);
    out.write(chunk);
  };
  return {
    pass: (data: Uint8Array) => pass(mask.pass(Buffer.from(data))),
    end: () => pass(mask.end()),
    letGo: out.letGo,
    tail: tail.text,
  };
}

/** What is known of a stream of ours: whether a stopped run no longer waits for it, and why it takes nothing any more. */
type Output = {
  isLetGo: boolean;
  lost: Error | undefined;
  readonly listeners: Set<(error: Error) => void>;
};

const outputs = new WeakMap<Target, Output>();

/** A stream that fails says so in an event alone: afterwards it neither drains nor ends, and is not `destroyed`. */
function outputOf(stream: Target): Output {
  const known = outputs.get(stream);
  if (known !== undefined) return known;
  const output: Output = { isLetGo: false, lost: undefined, listeners: new Set() };
  outputs.set(stream, output);
  stream.on("error", (error: Error) => {
    output.lost ??= error;
    for (const listener of output.listeners) listener(error);
  });
  return output;
}

/** Notices from now on when the stream takes nothing any more, so that its end is not waited for in vain. */
export function watchOutput(stream: NodeJS.WriteStream): void {
  outputOf(stream);
}

/** Calls the listener when the stream takes nothing any more; returns what ends that. */
export function onOutputLost(stream: NodeJS.WriteStream, listener: (error: Error) => void): () => void {
  const { lost, listeners } = outputOf(stream);
  listeners.add(listener);
  if (lost !== undefined) listener(lost);
  return () => void listeners.delete(listener);
}

/** True when the reader of a pipe or a terminal went away; false when a disk is full, for example. */
export function isReaderGone(error: Error): boolean {
  return ["EPIPE", "EIO", "ECONNRESET"].includes(codeOf(error));
}

/**
 * Ends the stream and resolves when all of it was taken, or with the error that prevented it. What a stopped run let go of
 * is not waited for.
 */
export function endOutput(stream: NodeJS.WriteStream): Promise<Error | undefined> {
  if (outputOf(stream).isLetGo) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    onOutputLost(stream, resolve);
    stream.end((error?: Error | null) => resolve(error ?? undefined));
  });
}

/** What the streams were last written, by the action. */
const lastByteOf = new WeakMap<Target, number>();

/**
 * Ends the line that the action's output left open where polycrate is to say something: on the second stream, or on the
 * first when both are one terminal, file or pipe.
 */
export function finishLine(stdout: NodeJS.WriteStream, stderr: NodeJS.WriteStream): void {
  const shared = isSameFile() ? [stdout, stderr] : [stderr];
  if (shared.some((stream) => (lastByteOf.get(stream) ?? lineFeed) !== lineFeed)) stderr.write("\n");
  for (const stream of shared) lastByteOf.delete(stream);
}

const lineFeed = 10;

function isSameFile(): boolean {
  try {
    const [out, error] = [fstatSync(1), fstatSync(2)];
    return out.dev === error.dev && out.ino === error.ino;
  } catch {
    return false;
  }
}

/** Writes to the target; false means that it wants to be waited for. */
function outlet(target: Target, onDrain: () => void) {
  const output = outputOf(target);
  let waiting = false;
  let patient = true;
  const drained = () => {
    waiting = false;
    onDrain();
  };
  return {
    write: (chunk: Uint8Array): boolean => {
      if (output.lost !== undefined || (waiting && !patient)) return true;
      lastByteOf.set(target, chunk.at(-1) ?? lineFeed);
      if (target.write(chunk) || waiting) return !waiting || !patient;
      waiting = true;
      target.once("drain", drained);
      return !patient;
    },
    letGo: () => {
      patient = false;
      output.isLetGo = true;
      onDrain();
    },
  };
}

function tailOf() {
  const chunks: Buffer[] = [];
  let length = 0;
  return {
    add: (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      for (
        let first = chunks[0];
        first !== undefined && length - first.length >= tailLength;
        first = chunks[0]
      ) {
        length -= first.length;
        chunks.shift();
      }
    },
    text: () => Buffer.concat(chunks).subarray(-tailLength).toString(),
  };
}
