/** Makes whole lines of one stream of a step into lines that say which step they are of. */
export type LineFormat = (line: Buffer) => Buffer;

/**
 * Returns a format that puts the prefix before each line. A colour that a line leaves on is switched off at its end, and on again
 * after the next prefix, so that it colours neither the prefix nor the lines of others. At a terminal (`isPlain` is false), of what
 * a terminal obeys only colours are kept: the rest would move the cursor out of the line.
 */
export function prefixedLines(prefix: string, { isTerminal }: { readonly isTerminal: boolean }): LineFormat {
  let open: readonly string[] = [];
  return (line) => {
    const text = isTerminal ? Buffer.from(withoutMoves(line.toString())) : line;
    const before = open.join("");
    open = openColours(open, text.toString("latin1"));
    return Buffer.concat([
      Buffer.from(`${prefix}${before}`),
      text,
      Buffer.from(open.length === 0 ? "\n" : "\u001b[0m\n"),
    ]);
  };
}

/** More than a program needs to describe a style; an endless series of them must not be kept. */
const mostColours = 16;

/** The colour sequences (SGR) in effect at the end of the line. */
function openColours(open: readonly string[], text: string): readonly string[] {
  let now = open;
  for (const [sequence, parameters = ""] of text.matchAll(sgr)) {
    now = /^[0;]*$/.test(parameters) ? [] : [...now, sequence].slice(-mostColours);
  }
  return now;
}

const sgr = /\u001b\[([0-9;:]*)m/g;

const moves =
  /\u001b\[[0-?]*[ -/]*[@-ln-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|\u001b[^[\]]|[\u0000-\u0008\u000b-\u001a\u001c-\u001f\u007f]/g;

/** Of a line that was written over itself, the last that was to be seen. */
function withoutMoves(line: string): string {
  const last = line.replace(/\r+$/, "").split("\r").at(-1) ?? "";
  return last.replaceAll(moves, "");
}

/** Cuts a stream into lines; the last is not whole before `end`. A line longer than a megabyte is passed on in parts. */
export function lineCutter(take: (line: Buffer) => Promise<void> | undefined) {
  let rest: Buffer[] = [];
  let length = 0;
  const flush = () => {
    const line = Buffer.concat(rest);
    [rest, length] = [[], 0];
    return take(line);
  };
  return {
    isInLine: () => length > 0,
    pass: (chunk: Buffer): Promise<void> | undefined => {
      let full: Promise<void> | undefined;
      let start = 0;
      for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
        rest.push(chunk.subarray(start, end));
        full = flush() ?? full;
        start = end + 1;
      }
      if (start < chunk.length) {
        rest.push(Buffer.from(chunk.subarray(start)));
        length += chunk.length - start;
      }
      return length > longestLine ? (flush() ?? full) : full;
    },
    end: () => (length > 0 ? flush() : undefined),
  };
}

const longestLine = 1_048_576;
