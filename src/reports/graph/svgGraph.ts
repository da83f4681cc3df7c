import { html, type Markup, nothing } from "../html/markup.ts";
import type { StatusWords } from "../html/words.ts";
import style from "./graph.css" with { type: "text" };
import type { GraphStep } from "./graphSteps.ts";
import { layoutGraph, type Point, type Size } from "./layoutGraph.ts";

/** How a node of the graph ended, and how long it took. A plain one did not run, and that is no problem. */
export type NodeOutcome = Omit<StatusWords, "tone"> & {
  readonly tone: StatusWords["tone"] | "plain";
  readonly note: string;
};

/** Returns how a node ended; undefined if nothing is known of it. */
export type OutcomeOf = (node: number) => NodeOutcome | undefined;

/** Returns the drawing as a file of its own, for light and dark pages. */
export function svgFile(title: string, steps: readonly GraphStep[]): string {
  const { markup, width, height } = drawGraph(steps, () => undefined);
  const { markup: file } =
    html`<svg xmlns="http://www.w3.org/2000/svg" class="graph" role="img" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">
<title>${title}</title>
<style>${{ markup: style }}</style>
<rect class="paper" width="100%" height="100%"></rect>
${{ markup }}</svg>
`;
  // XML has no such entity.
  return file.replaceAll("&nbsp;", "&#160;");
}

/** Returns the drawing as a part of a page that has the style, with how each node ended. */
export function svgMarkup(title: string, steps: readonly GraphStep[], outcomeOf: OutcomeOf): Markup {
  const { markup, width, height } = drawGraph(steps, outcomeOf);
  return html`<svg class="graph" role="img" aria-label="${title}" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">
${{ markup }}</svg>`;
}

/** The width of a column of monospaced text, and heights, in pixels. */
const text = { column: 7.3, row: 17, padding: 10 };
const mostColumns = 36;
const mostRows = 12;

type Box = Size & { readonly step: GraphStep; readonly lines: readonly BoxLine[] };

type BoxLine = {
  readonly text: string;
  readonly kind: "name" | "runs" | "note" | "node";
  readonly outcome: NodeOutcome | undefined;
};

function drawGraph(steps: readonly GraphStep[], outcomeOf: OutcomeOf): Size & Markup {
  const boxes = steps.map((step) => boxOf(step, outcomeOf));
  const needs = steps.map((step) => step.needs);
  const { places, lines, width, height } = layoutGraph(boxes, needs);
  const drawn = boxes.map((box, index) => boxMarkup(box, places[index] ?? { x: 0, y: 0 }));
  const paths = lines.map(({ to, points }) => lineMarkup(points, steps[to]?.when ?? "success"));
  const { markup } = html`${paths}${drawn}`;
  return { markup, width: Math.ceil(width), height: Math.ceil(height) };
}

function boxOf(step: GraphStep, outcomeOf: OutcomeOf): Box {
  const { name, runs, notes, nodes } = step;
  const [only] = nodes;
  const hasMatrix = only === undefined || only.combination !== "";
  const rows = nodes.map(({ index, combination }) => ({ combination, outcome: outcomeOf(index) }));
  // What did not succeed is shown before the rest is left out.
  const shown =
    rows.length <= mostRows
      ? rows
      : [...rows.filter(isNotable), ...rows.filter((row) => !isNotable(row))].slice(0, mostRows - 1);
  const lines: readonly BoxLine[] = [
    { text: name, kind: "name", outcome: hasMatrix ? undefined : rows[0]?.outcome },
    { text: runs, kind: "runs", outcome: undefined },
    ...notes.map((note): BoxLine => ({ text: note, kind: "note", outcome: undefined })),
    ...(hasMatrix
      ? shown.map(({ combination, outcome }): BoxLine => ({ text: combination, kind: "node", outcome }))
      : []),
    ...(hasMatrix && rows.length > shown.length
      ? [{ text: `and ${rows.length - shown.length} more`, kind: "note", outcome: undefined } as const]
      : []),
  ];
  const columns = Math.max(
    ...lines.map((line) => textColumns(clippedText(line.text)) + outcomeColumns(line)),
  );
  return {
    step,
    lines,
    width: Math.ceil(columns * text.column) + 2 * text.padding,
    height: lines.length * text.row + 2 * text.padding - 4,
  };
}

function isNotable({ outcome }: { readonly outcome: NodeOutcome | undefined }): boolean {
  return outcome?.tone === "bad" || outcome?.tone === "open";
}

/** Two columns of space before it. */
function outcomeColumns({ outcome }: BoxLine): number {
  return outcome === undefined ? 0 : textColumns(outcomeText(outcome)) + 2;
}

function outcomeText({ symbol, note, label }: NodeOutcome): string {
  return `${symbol} ${note === "" ? label : note}`;
}

function textColumns(shown: string): number {
  return Bun.stringWidth(shown);
}

function clippedText(long: string): string {
  if (textColumns(long) <= mostColumns) return long;
  let short = "";
  for (const character of long) {
    if (textColumns(short + character) >= mostColumns) break;
    short += character;
  }
  return `${short}…`;
}

function boxMarkup({ step, lines, width, height }: Box, { x, y }: Point): Markup {
  const tones = lines.flatMap(({ outcome }) => outcome?.tone ?? []);
  const tone = (["bad", "open", "good"] as const).find((one) => tones.includes(one)) ?? "plain";
  const full = [`${step.name}: ${step.runs}`, ...step.notes].join(", ");
  return html`<g class="step ${tone}" transform="translate(${round(x)} ${round(y)})"><title>${full}</title>
<rect width="${width}" height="${height}" rx="6"></rect>
${lines.map((line, index) => lineOfBox(line, text.padding + index * text.row + 10, width))}</g>
`;
}

function lineOfBox({ text: shown, kind, outcome }: BoxLine, y: number, width: number): Markup {
  const end =
    outcome === undefined
      ? nothing
      : html`<text class="outcome ${outcome.tone}" x="${width - text.padding}" y="${y}" text-anchor="end">${outcomeText(outcome)}</text>`;
  return html`<text class="${kind}" x="${text.padding}" y="${y}">${clippedText(shown)}</text>${end}
`;
}

/** Curves between layers, straight lines through them; dashed if the step does not run after a success alone. */
function lineMarkup(points: readonly Point[], when: GraphStep["when"]): Markup {
  const [start, ...rest] = points;
  const end = points.at(-1);
  if (start === undefined || end === undefined) return nothing;
  let from = start;
  const parts = rest.map((to, index) => {
    const middle = round((from.x + to.x) / 2);
    const isCurve = index % 2 === 1;
    const part = isCurve
      ? `C${middle},${round(from.y)} ${middle},${round(to.y)} ${round(to.x)},${round(to.y)}`
      : `L${round(to.x)},${round(to.y)}`;
    from = to;
    return part;
  });
  const tip = `M${round(end.x - 7)},${round(end.y - 4)}L${round(end.x)},${round(end.y)}L${round(end.x - 7)},${round(end.y + 4)}Z`;
  return html`<path class="line ${when}" d="M${round(start.x)},${round(start.y)}${parts.join("")}"></path><path class="tip" d="${tip}"></path>
`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
