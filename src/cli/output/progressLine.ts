import { printable } from "../../errors.ts";
import type { Messages } from "./messages.ts";

/** One line about work on many things: on a terminal it is replaced by the next, elsewhere each is a line of its own. */
export type ProgressLine = { readonly show: (text: string) => void; readonly clear: () => void };

/** Returns a line on standard error. */
export function progressLine({ outputs: { stderr }, notice }: Messages): ProgressLine {
  const { stream } = stderr;
  if (!stream.isTTY) return { show: notice, clear: () => {} };
  return {
    show: (text) =>
      void stream.write(`${clearLine}${printable(text).slice(0, (stream.columns || 80) - 1)}\r`),
    clear: () => void stream.write(clearLine),
  };
}

/** Removes the line that the cursor is in; it stays at its start, so that the output does not count the line as unfinished. */
export const clearLine = "\r\x1b[2K";
