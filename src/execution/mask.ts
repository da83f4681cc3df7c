/** Turns secrets in a stream of output into `***`; a secret cut over two chunks is found too. */
export type Mask = {
  /** Returns what can be passed on now; the end of the chunk is kept back while it may be the beginning of a secret. */
  readonly pass: (chunk: Buffer) => Buffer;
  /** Returns what was kept back. */
  readonly end: () => Buffer;
};

/** Shorter values are everywhere in ordinary output, so they are not masked. */
export const shortestMasked = 4;

/**
 * Returns the texts to mask for the values: each value of 4 or more characters, and each line of 8 or more of one with
 * several lines, because tools print keys and certificates line by line. A terminal writes a line feed as `\r\n`.
 */
export function maskedTexts(values: readonly string[]): readonly Buffer[] {
  const texts = values.flatMap((value) => {
    const whole = value.replace(/\n+$/, "");
    const lines = whole.includes("\n") ? whole.split("\n").filter((line) => line.length >= 8) : [];
    return [whole, whole.replaceAll("\n", "\r\n"), ...lines.map((line) => line.replace(/\r$/, ""))];
  });
  const unique = [...new Set(texts)].filter((text) => text.length >= shortestMasked);
  return unique.sort((a, b) => b.length - a.length).map((text) => Buffer.from(text));
}

/** Returns a mask for one stream; without texts it passes everything on as it comes. */
export function maskOf(texts: readonly Buffer[]): Mask {
  if (texts.length === 0) return { pass: (chunk) => chunk, end: () => Buffer.alloc(0) };
  let kept: Buffer = Buffer.alloc(0);
  return {
    pass: (chunk) => {
      const all = kept.length === 0 ? chunk : Buffer.concat([kept, chunk]);
      const { masked, rest } = maskAll(all, texts);
      kept = Buffer.from(rest);
      return masked;
    },
    end: () => {
      const rest = kept;
      kept = Buffer.alloc(0);
      return rest;
    },
  };
}

const stars = Buffer.from("***");

function maskAll(all: Buffer, texts: readonly Buffer[]): { masked: Buffer; rest: Buffer } {
  const parts: Buffer[] = [];
  let position = 0;
  for (;;) {
    const found = firstOf(all, texts, position);
    const open = openEnd(all, texts, position);
    if (found === undefined || open < found.at) {
      parts.push(all.subarray(position, open));
      return {
        masked: parts.length === 1 ? (parts[0] ?? all) : Buffer.concat(parts),
        rest: all.subarray(open),
      };
    }
    parts.push(all.subarray(position, found.at), stars);
    position = found.at + found.length;
  }
}

/** The leftmost secret, the longest of those that begin there: the texts are sorted by length. */
function firstOf(
  all: Buffer,
  texts: readonly Buffer[],
  from: number,
): { at: number; length: number } | undefined {
  let first: { at: number; length: number } | undefined;
  for (const text of texts) {
    const at = all.indexOf(text, from);
    if (at >= 0 && (first === undefined || at < first.at)) first = { at, length: text.length };
  }
  return first;
}

/** Where the end of the data may be the beginning of a secret; the length of the data when it cannot. */
function openEnd(all: Buffer, texts: readonly Buffer[], from: number): number {
  let open = all.length;
  for (const text of texts) {
    for (let at = Math.max(from, all.length - text.length + 1); at < open; at += 1) {
      if (all.subarray(at).equals(text.subarray(0, all.length - at))) open = at;
    }
  }
  return open;
}
