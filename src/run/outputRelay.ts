import type { ProgramOutput } from "../host/process.ts";
import { maskOf } from "../secrets/mask.ts";

/**
 * Takes a piece of output; returns a promise when the source has to wait. The memory of a piece is given back when 64 KiB more
 * have been taken: a sink that keeps one for longer copies it.
 */
export type Sink = (chunk: Buffer) => Promise<void> | undefined;

/** A stream whose output is being passed on. */
export type Relay = {
  /** The last 64 KiB that passed, to find the line that a shell reported. */
  readonly tail: () => string;
  readonly finished: Promise<void>;
};

const tailLength = 65_536;

/** Passes output on to the sink, masked. A slow sink slows the source down and loses nothing. */
export function relay(source: ProgramOutput, sink: Sink, secrets: readonly Buffer[]): Relay {
  const { pass, end, tail } = maskedSink(sink, secrets, giveBack);
  const passAll = async () => {
    try {
      for await (const chunk of source) {
        const full = pass(chunk);
        if (full !== undefined) await full;
      }
    } catch {
      // an output that breaks off has ended
    }
    end();
  };
  return { tail, finished: passAll() };
}

/** Without this the collector, which counts such memory late, would keep 40 MiB of it. */
function giveBack({ buffer, byteLength }: Buffer): void {
  if (buffer instanceof ArrayBuffer && byteLength === buffer.byteLength) buffer.transfer(0);
}

/**
 * Returns a sink that masks what it passes to the given one, and keeps the tail; `end` passes on what the mask held back.
 * `drop` gets each piece that leaves the tail.
 */
export function maskedSink(sink: Sink, secrets: readonly Buffer[], drop: (chunk: Buffer) => void = () => {}) {
  const mask = maskOf(secrets);
  const tail = tailOf(drop);
  const send = (chunk: Buffer) => {
    if (chunk.length === 0) return undefined;
    tail.add(chunk);
    return sink(chunk);
  };
  return {
    pass: (data: Uint8Array) => send(mask.pass(Buffer.from(data.buffer, data.byteOffset, data.length))),
    end: () => void send(mask.end()),
    tail: tail.text,
  };
}

function tailOf(drop: (chunk: Buffer) => void) {
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
        drop(first);
      }
    },
    text: () => Buffer.concat(chunks).subarray(-tailLength).toString(),
  };
}
