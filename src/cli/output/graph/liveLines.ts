import { printable } from "../../../errors.ts";
import { formatDuration } from "../../../reports/humanize.ts";

/** A step that is running, as its line shows it. */
export type LiveStep = { readonly name: string; readonly doing: string; readonly started: Date };

/** The size of a terminal, in characters. */
export type ScreenSize = { readonly rows: number; readonly columns: number };

/**
 * Returns a line for each running step, the one that has run longest first: its name, how long it has run, and what it does if
 * that is not its action. They take at most half of the screen; the last line then counts the others.
 */
export function liveLines(
  steps: readonly LiveStep[],
  { rows, columns }: ScreenSize,
  now: Date,
): readonly string[] {
  const most = Math.max(1, Math.floor(rows / 2));
  const shown = steps.length <= most ? steps : steps.slice(0, most - 1);
  const names = shown.map(({ name }) => printable(name));
  const width = Math.min(
    Math.max(0, ...names.map((name) => Bun.stringWidth(name))),
    Math.max(8, columns - 24),
  );
  const times = shown.map(({ started }) => formatDuration(Math.max(0, now.getTime() - started.getTime())));
  const longest = Math.max(0, ...times.map(({ length }) => length));
  const lines = shown.map(({ doing }, index) => {
    const name = Bun.sliceAnsi(names[index] ?? "", 0, width, "…");
    const padding = " ".repeat(width - Bun.stringWidth(name));
    return `  ${name}${padding}  ${times[index]?.padStart(longest)}  ${doing}`;
  });
  const more = steps.length - shown.length;
  const all = more === 0 ? lines : [...lines, `  and ${more} more`];
  return all.map((line) => Bun.sliceAnsi(line.trimEnd(), 0, Math.max(1, columns - 1), "…"));
}

/**
 * Returns what a terminal is sent to show output above the lines: the old lines are erased, the output takes their place, the new
 * ones come below, all in one update that is not shown in between (synchronized output; terminals ignore it if they do not know
 * it). `columns` is the width now: old lines that no longer fit in it have been wrapped.
 */
export function liveFrame(
  old: readonly string[],
  output: Buffer,
  lines: readonly string[],
  columns: number,
): Buffer {
  const height = old.reduce((sum, line) => sum + Math.max(1, Math.ceil(Bun.stringWidth(line) / columns)), 0);
  // Row by row: of a whole screen that is erased, tmux keeps a copy above it.
  const erase = height === 0 ? "" : `\r${"\u001b[1A\u001b[2K".repeat(height)}`;
  const shown = Buffer.concat([output, Buffer.from(lines.map((line) => `${line}\n`).join(""))]);
  const isLine = shown.at(-1) === 10;
  return Buffer.concat([
    Buffer.from(`\u001b[?2026h${erase}`),
    isLine ? shown.subarray(0, -1) : shown,
    // The last byte is that of a line's end, for what is printed next.
    Buffer.from(`\u001b[?2026l${isLine ? "\n" : ""}`),
  ]);
}
