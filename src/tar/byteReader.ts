/** Makes the error for an archive that cannot be read; `problem` is a clause that says why. */
export type TarFault = (problem: string) => Error;

/** Reads a stream of bytes in pieces of any length, without keeping more than a piece and a part of the stream. */
export type ByteReader = {
  /** Returns exactly that many bytes; fewer at the end of the stream. */
  readonly take: (length: number) => Promise<Buffer>;
  /** Yields the next bytes, as they come; fewer in all at the end of the stream. */
  readonly parts: (length: number) => AsyncGenerator<Buffer>;
  /** Reads the stream to its end. */
  readonly drain: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/** Returns a reader of the stream. */
export function byteReader(source: AsyncIterable<Uint8Array>): ByteReader {
  const iterator = source[Symbol.asyncIterator]();
  let held: Buffer = Buffer.alloc(0);
  /** Returns at most that many bytes of what comes next; undefined at the end. */
  const next = async (most: number): Promise<Buffer | undefined> => {
    while (held.length === 0) {
      const { done, value } = await iterator.next();
      if (done === true) return undefined;
      held = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    }
    const part = held.subarray(0, most);
    held = held.subarray(part.length);
    return part;
  };
  return {
    take: async (length) => {
      const first = length === 0 ? undefined : await next(length);
      if (first === undefined || first.length === length) return first ?? Buffer.alloc(0);
      const parts = [first];
      for (let size = first.length; size < length; ) {
        const part = await next(length - size);
        if (part === undefined) break;
        parts.push(part);
        size += part.length;
      }
      return Buffer.concat(parts);
    },
    parts: async function* (length) {
      for (let left = length; left > 0; ) {
        const part = await next(left);
        if (part === undefined) return;
        left -= part.length;
        yield part;
      }
    },
    drain: async () => {
      while ((await next(Number.MAX_SAFE_INTEGER)) !== undefined);
    },
    close: async () => void (await iterator.return?.()),
  };
}
