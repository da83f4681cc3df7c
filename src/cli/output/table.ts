import { styleText } from "node:util";

/** The meaning of a text, shown as a colour; the text says the same without colours. */
export type Tone = "good" | "bad" | "warning" | "faint" | "strong";

const formats = { good: "green", bad: "red", warning: "yellow", faint: "gray", strong: "bold" } as const;

/** What colours depend on. */
type Colourable = { readonly isTTY: boolean };

/** Returns the text in the tone's colour when the stream is a terminal and `NO_COLOR` is not set. */
export function paint(stream: Colourable, tone: Tone, text: string): string {
  return isPlain(stream) ? text : styleText(formats[tone], text, { validateStream: false });
}

/** Returns the name in a colour that those next to it do not have, where the stream gets colours. */
export function paintName(stream: NodeJS.WriteStream, index: number, name: string): string {
  const format = nameColours[index % nameColours.length] ?? "cyan";
  return isPlain(stream) ? name : styleText(format, name, { validateStream: false });
}

const nameColours = ["cyan", "yellow", "green", "magenta", "blue"] as const;

/** True when the stream gets no colours. */
export function isPlain({ isTTY }: Colourable): boolean {
  return !isTTY || (process.env.NO_COLOR ?? "") !== "" || process.env.TERM === "dumb";
}

/**
 * Returns the rows in aligned columns, two spaces apart. The last column is cut with `…` where the line would be wider
 * than `width` columns; undefined does not cut.
 */
export function formatTable(rows: readonly (readonly string[])[], width: number | undefined): string {
  const count = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: count }, (_, column) =>
    Math.max(...rows.map((row) => Bun.stringWidth(row[column] ?? ""))),
  );
  return rows.map((row) => `${formatRow(row, widths, width)}\n`).join("");
}

function formatRow(row: readonly string[], widths: readonly number[], width: number | undefined): string {
  let line = "";
  for (const [column, cell] of row.entries()) {
    const isLast = column === row.length - 1;
    const room = width === undefined ? undefined : Math.max(8, width - Bun.stringWidth(line));
    line += isLast
      ? Bun.sliceAnsi(cell, 0, room, "…")
      : cell + " ".repeat((widths[column] ?? 0) - Bun.stringWidth(cell) + 2);
  }
  return line.trimEnd();
}
