import { printable } from "../../errors.ts";
import type { Position } from "../../yaml/value.ts";

/** Returns the lines of a text, split as editors do. */
export function linesOf(text: string): readonly string[] {
  return text.replace(/^\ufeff/, "").split(/\r\n|\r|\n/);
}

/**
 * Returns the line at the position with a caret below it, numbered as editors do: two lines. A long line is cut
 * around the position. Undefined when there is no such line. With `secret`, the text after the first `:` or `=`
 * after the position is hidden.
 */
export function sourceExcerpt(
  lines: readonly string[],
  { line, column }: Position,
  { secret }: { readonly secret: boolean },
): string | undefined {
  const source = lines[line - 1];
  if (source === undefined || source.trim() === "") return undefined;
  const shown = secret ? hidden(source, column - 1) : source;
  const start = column <= widest ? 0 : column - widest / 2;
  const before = printable((start > 0 ? "…" : "") + shown.slice(start, column - 1).replaceAll("\t", " "));
  const after = printable(shown.slice(column - 1, start + widest).replaceAll("\t", " "));
  const end = start + widest < shown.length ? "…" : "";
  const gutter = `${line} | `;
  const margin = " ".repeat(gutter.length - 2);
  const indent = " ".repeat(Bun.stringWidth(before));
  return `${gutter}${before}${after.trimEnd()}${end}\n${margin}| ${indent}^`;
}

/** In UTF-16 units, as columns are. */
const widest = 120;

function hidden(source: string, from: number): string {
  const at = source.slice(from).search(/[:=]/);
  return at < 0 ? `${source.slice(0, from)}***` : `${source.slice(0, from + at + 1)} ***`;
}
