import type { ProgramOutput } from "../host/process.ts";
import { maskOf } from "../secrets/mask.ts";

/** Takes a piece of output; returns a promise when the source has to wait. */
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
  const { pass, end, tail } = maskedSink(sink, secrets);
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

/** Returns a sink that masks what it passes to the given one, and keeps the tail; `end` passes on what the mask held back. */
export function maskedSink(sink: Sink, secrets: readonly Buffer[]) {
  const mask = maskOf(secrets);
  const tail = tailOf();
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
