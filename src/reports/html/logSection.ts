import { counted } from "../../errors.ts";
import { formatSize } from "../humanize.ts";
import type { LogExcerpt, LogPart } from "../logExcerpt.ts";
import { type Segment, screenLines, type TextStyle } from "./ansi.ts";
import { colorClass } from "./logColors.ts";
import { html, type Markup, nothing, visibleText } from "./markup.ts";

/** A log as a page shows it: the lines of its parts. */
export type ShownLog = Omit<LogExcerpt, "parts"> & {
  readonly parts: readonly (Omit<LogPart, "text"> & { readonly lines: readonly Line[] })[];
};

type Line = readonly Segment[];

/** Returns the lines that a terminal would show for the log. */
export function shownLog({ parts, ...log }: LogExcerpt): ShownLog {
  return { ...log, parts: parts.map(({ text, ...part }) => ({ ...part, lines: screenLines(text) })) };
}

/** Returns the styles that the logs have, each once. */
export function stylesOf(logs: readonly ShownLog[]): ReadonlySet<TextStyle> {
  const segments = logs.flatMap(({ parts }) => parts.flatMap(({ lines }) => lines.flat()));
  return new Set(segments.map(({ style }) => style));
}

/** Returns the log: its last lines, those before them folded, and where the rest is. */
export function logMarkup({ size, parts, problem }: ShownLog, path: string, id: string): Markup {
  if (problem !== undefined) {
    return html`<p>The log <code>${path}</code> ${problems[problem]}.</p>`;
  }
  const omitted = parts.reduce((sum, part) => sum + part.omitted, 0);
  const note =
    omitted === 0
      ? nothing
      : html`<p>${formatSize(omitted)} of ${formatSize(size)} are left out here. The whole log is in <code>${path}</code>; <code>polycrate logs ${id}</code> prints it.</p>`;
  if (parts.every(({ lines }) => lines.length === 0)) return html`<p>The action printed nothing.</p>`;
  return html`${note}${parts.map(partMarkup)}`;
}

const problems: Readonly<Record<NonNullable<LogExcerpt["problem"]>, string>> = {
  missing: "does not exist any more",
  unreadable: "cannot be read",
  "not a file": "is not a file",
  "too large": "is too large",
};

function partMarkup({ of, omitted, lines }: ShownLog["parts"][number]): Markup {
  const gap = omitted === 0 ? nothing : html`<p class="gap">${formatSize(omitted)} left out</p>`;
  if (of === "beginning")
    return html`${gap}${folded(lines, `The beginning, ${counted(lines.length, "line")}`)}`;
  if (of === "failure") return html`${gap}<p>A task that failed:</p>${linesMarkup(lines)}`;
  const seen = countOfLast(lines);
  const before = lines.slice(0, lines.length - seen);
  const earlier = before.length === 0 ? nothing : folded(before, `${counted(before.length, "earlier line")}`);
  return html`${gap}${earlier}${seen === 0 ? nothing : linesMarkup(lines.slice(-seen))}`;
}

function folded(lines: readonly Line[], summary: string): Markup {
  return html`<details><summary>${summary}</summary>${linesMarkup(lines)}</details>`;
}

/** As many of the last lines as fill a screen. */
function countOfLast(lines: readonly Line[]): number {
  let height = 0;
  let count = 0;
  for (const line of lines.toReversed()) {
    const length = line.reduce((sum, { text }) => sum + text.length, 0);
    height += Math.max(1, Math.ceil(length / screen.columns));
    if (height > screen.rows) break;
    count++;
  }
  return count;
}

const screen = { rows: 24, columns: 100 };

function linesMarkup(lines: readonly Line[]): Markup {
  const written = lines.map((line) => line.map((segment) => segmentMarkup(segment).markup).join(""));
  return html`<pre class="log"><code>${{ markup: written.join("\n") }}</code></pre>`;
}

function segmentMarkup({ text, style }: Segment): Markup {
  const names = [
    ...(style.bold ? ["bold"] : []),
    ...(style.italic ? ["italic"] : []),
    ...(style.underline ? ["underline"] : []),
    ...(style.strike ? ["strike"] : []),
    ...colorClass(style),
  ];
  const shown = visibleText(text);
  return names.length === 0 ? shown : html`<span class="${names.join(" ")}">${shown}</span>`;
}
