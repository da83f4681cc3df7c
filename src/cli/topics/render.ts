import type { Tone } from "../output/table.ts";
import { wrapWords } from "../output/wrapWords.ts";

export type RenderOptions = {
  /** The width of the terminal. Text is at most 100 columns wide, as people can read it; tables use all of it. */
  readonly columns: number;
  readonly paint: Paint;
  /** True when `paint` shows `strong` as bold; else code keeps its backquotes. */
  readonly isStyled: boolean;
};

type Paint = (tone: Tone, text: string) => string;

/**
 * Returns Markdown as text for a terminal, as man pages look: headings at the margin, all else indented. Lists are not nested,
 * as in the topics. A line of code is never broken, so that it can be copied.
 */
export function renderMarkdown(markdown: string, { columns, paint, isStyled }: RenderOptions): string {
  const width = Math.min(columns, 100) - indent.length;
  const block = (lines: readonly string[]) => `${lines.map((line) => indent + line).join("\n")}\n\n`;
  const rendered = Bun.markdown.render(markdown, {
    heading: (text) => `${paint("strong", text)}\n\n`,
    paragraph: (text) => block(wrapWords(joinedLines(text), width)),
    code: (text, meta) => block(codeLines(text, meta?.language, width - 2, paint).map((line) => `  ${line}`)),
    list: (text) => `${text}\n`,
    listItem: (text, { index, ordered, start }) => {
      const mark = ordered ? `${(start ?? 1) + index}. ` : "- ";
      return block(wrapWords(mark + joinedLines(text), width, mark.length)).slice(0, -1);
    },
    td: (text) => text.replaceAll(hardSpace, " ") + cellEnd,
    th: (text) => text + cellEnd,
    tr: (text) => text + rowEnd,
    table: (text) => block(tableLines(cellsOf(text), columns - indent.length, paint)),
    html: () => "",
    strong: (text) => paint("strong", text),
    emphasis: (text) => text,
    codespan: (text) => unbroken(isStyled ? paint("strong", text) : `\`${text}\``),
    link: (text, { href }) => (/^https?:/.test(href) && href !== text ? `${text} (${href})` : text),
  });
  return `${rendered.trimEnd().replaceAll(hardSpace, " ")}\n`;
}

const indent = "  ";

// Characters that are in no topic.
const [cellEnd, rowEnd, hardSpace] = ["\u001f", "\u001e", "\u00a0"];

/** A command that is cut between two words is hard to read; a long one has to be cut. */
function unbroken(text: string): string {
  return Bun.stringWidth(text) > 40 ? text : text.replaceAll(" ", hardSpace);
}

function joinedLines(text: string): string {
  return text.trim().replaceAll(/\s*\n\s*/g, " ");
}

/** Where the comments beside commands do not fit, they are above them. */
function codeLines(
  text: string,
  language: string | undefined,
  width: number,
  paint: Paint,
): readonly string[] {
  const lines = text.trimEnd().split("\n");
  const isTooWide = language === "sh" && lines.some((line) => Bun.stringWidth(line) > width);
  return lines.flatMap((line) => {
    const [, command = "", comment = ""] = /^(.*\S)\s+(# .*)$/.exec(line) ?? [];
    if (isTooWide && command !== "") return [paint("faint", comment), command];
    if (line.startsWith("$ ")) return [paint("strong", line)];
    return [line.trimStart().startsWith("#") ? paint("faint", line) : line];
  });
}

type Row = readonly string[];

/** The first row is the head. */
function cellsOf(table: string): readonly Row[] {
  const rows = table.split(rowEnd).slice(0, -1);
  return rows.map((row) => row.split(cellEnd).slice(0, -1));
}

function tableLines(rows: readonly Row[], width: number, paint: Paint): readonly string[] {
  const [head = [], ...body] = rows;
  const widths = columnWidths(rows, width);
  if (widths === undefined) return body.flatMap((row) => stackedRow(row, width));
  const titles = head.map((title) => paint("faint", title));
  return [titles, ...body].flatMap((row) => alignedRow(row, widths));
}

/** A column of sentences that is narrower cannot be read. */
const narrowest = 24;

/** Returns the columns' widths, the widest ones narrowed alike until they fit; undefined when they would be too narrow. */
function columnWidths(rows: readonly Row[], width: number): readonly number[] | undefined {
  const [head = []] = rows;
  const widest = (column: number, partsOf: (cell: string) => readonly string[]) =>
    Math.max(...rows.flatMap((row) => partsOf(row[column] ?? "").map((part) => Bun.stringWidth(part))));
  const natural = head.map((_, column) => widest(column, (cell) => [cell]));
  const room = width - 2 * (head.length - 1);
  const narrowed = (most: number) => natural.map((one) => Math.min(one, most));
  const sum = (widths: readonly number[]) => widths.reduce((total, one) => total + one, 0);
  let most = Math.max(...natural);
  while (most >= narrowest && sum(narrowed(most)) > room) most -= 1;
  const widths = narrowed(most);
  // A long word would push the next column aside.
  const isBroken = widths.slice(0, -1).some((one, column) => widest(column, (cell) => cell.split(" ")) > one);
  return sum(widths) > room || isBroken ? undefined : widths;
}

function alignedRow(row: Row, widths: readonly number[]): readonly string[] {
  const cells = widths.map((width, column) => wrapWords(row[column] ?? "", width));
  const height = Math.max(...cells.map((lines) => lines.length));
  return Array.from({ length: height }, (_, index) => {
    const padded = cells.map((lines, column) => {
      const line = lines[index] ?? "";
      return line + " ".repeat(Math.max(0, (widths[column] ?? 0) - Bun.stringWidth(line)));
    });
    return padded.join("  ").trimEnd();
  });
}

function stackedRow(row: Row, width: number): readonly string[] {
  const [name = "", ...between] = row.slice(0, -1);
  const beside = between.filter((cell) => cell !== "").join(", ");
  const meaning = row.at(-1) ?? "";
  return [
    ...wrapWords(beside === "" ? name : `${name}  ${beside}`, width, 2),
    ...(meaning === "" ? [] : wrapWords(meaning, width - 4).map((line) => `    ${line}`)),
  ];
}
