import type { Tone } from "../output/table.ts";
import { wrapWords } from "../output/wrapWords.ts";

export type RenderOptions = {
  /** The width of the terminal. Text is at most 100 columns wide, as people can read it; tables use all of it. */
  readonly columns: number;
  readonly paint: (tone: Tone, text: string) => string;
  /** True when `paint` shows code in a colour; else code keeps its backquotes. */
  readonly isColored: boolean;
};

/**
 * Returns Markdown as text for a terminal: headings at the margin, all else two columns to the right. Lists are not nested, as
 * in the topics. A line of code is never broken, so that it can be copied.
 */
export function renderMarkdown(markdown: string, options: RenderOptions): string {
  const { paint, isColored } = options;
  const width = Math.min(options.columns, 100) - indent.length;
  const block = (lines: readonly string[]) => `${lines.map((line) => indent + line).join("\n")}\n\n`;
  const paragraph = (text: string) => block(wrapWords(joinedLines(text), width));
  const rendered = Bun.markdown.render(markdown, {
    heading: (text) => `${paint("strong", text)}\n\n`,
    paragraph,
    blockquote: (text) => text,
    code: (text) =>
      block(
        text
          .trimEnd()
          .split("\n")
          .map((line) => `  ${codeLine(line, paint)}`),
      ),
    list: (text) => `${text}\n`,
    listItem: (text, { index, ordered, start }) => {
      const mark = ordered ? `${(start ?? 1) + index}. ` : "- ";
      return block(wrapWords(mark + joinedLines(text), width, mark.length)).slice(0, -1);
    },
    td: (text) => text + cellEnd,
    th: (text) => text + cellEnd,
    tr: (text) => text + rowEnd,
    table: (text) => block(tableLines(cellsOf(text), options.columns - indent.length, paint)),
    html: () => "",
    strong: (text) => paint("strong", text),
    emphasis: (text) => text,
    codespan: (text) => (isColored ? paint("code", text) : `\`${text}\``),
    link: (text, { href }) => (/^https?:/.test(href) && href !== text ? `${text} (${href})` : text),
  });
  return `${rendered.trimEnd()}\n`;
}

const indent = "  ";

// Control characters, which no topic contains.
const [cellEnd, rowEnd] = ["\u001f", "\u001e"];

function joinedLines(text: string): string {
  return text.trim().replaceAll(/\s*\n\s*/g, " ");
}

function codeLine(line: string, paint: RenderOptions["paint"]): string {
  if (line.startsWith("$ ")) return paint("strong", line);
  return line.trimStart().startsWith("#") ? paint("faint", line) : line;
}

function cellsOf(text: string): readonly (readonly string[])[] {
  return text
    .split(rowEnd)
    .slice(0, -1)
    .map((row) => row.split(cellEnd).slice(0, -1));
}

/** Narrower than this, the last column of a table is put below the others. */
const narrowest = 30;

/** The first row is the head. */
function tableLines(
  rows: readonly (readonly string[])[],
  width: number,
  paint: RenderOptions["paint"],
): readonly string[] {
  const [head = [], ...body] = rows;
  const widths = head.map((_, column) => Math.max(...rows.map((row) => Bun.stringWidth(row[column] ?? ""))));
  const left = widths.slice(0, -1).reduce((sum, one) => sum + one + 2, 0);
  const last = width - left;
  if (last < Math.min(narrowest, widths.at(-1) ?? 0))
    return body.flatMap((row) => stackedRow(row, width, paint));
  const cells = (row: readonly string[], tone?: Tone) => {
    const before = row.slice(0, -1).map((cell, column) => {
      const padding = " ".repeat((widths[column] ?? 0) - Bun.stringWidth(cell) + 2);
      return (tone === undefined ? cell : paint(tone, cell)) + padding;
    });
    const [first = "", ...more] = wrapWords(row.at(-1) ?? "", last);
    return [
      before.join("") + (tone === undefined ? first : paint(tone, first)),
      ...more.map((line) => " ".repeat(left) + line),
    ].map((line) => line.trimEnd());
  };
  return [...cells(head, "strong"), ...body.flatMap((row) => cells(row))];
}

function stackedRow(row: readonly string[], width: number, paint: RenderOptions["paint"]): readonly string[] {
  const [name = "", ...between] = row.slice(0, -1);
  const beside = between.filter((cell) => cell !== "").join(", ");
  return [
    beside === "" ? name : `${name}  ${paint("faint", beside)}`,
    ...wrapWords(row.at(-1) ?? "", width - 4).map((line) => `    ${line}`),
  ];
}
