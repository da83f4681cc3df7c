import { formatDuration } from "../humanize.ts";
import { stepsNotRun } from "../outcome.ts";
import type { ReportedRun, RunReport, Span } from "../runReport.ts";
import { html, type Markup, nothing } from "./markup.ts";
import { nameOfRun, statusWords, timeOfRun } from "./words.ts";

/** Returns the picture of the times, one bar for each step on one axis, and the same as a table; nothing without times. */
export function timesMarkup(report: RunReport): Markup {
  const axis = axisOf(report.runs);
  if (axis === undefined) return nothing;
  return html`<section aria-labelledby="times">
<h2 id="times">Times</h2>
<figure>
${picture(report, axis)}
<figcaption>${legend}</figcaption>
</figure>
<details><summary>Times as a table</summary>${timesTable(report.runs)}</details>
</section>
`;
}

/** When the axis begins, in milliseconds since 1970, and how long it is. */
type Axis = { readonly start: number; readonly length: number };

function axisOf(runs: readonly ReportedRun[]): Axis | undefined {
  const spans = runs.flatMap((run) => run.spans);
  if (spans.length === 0) return undefined;
  const start = Math.min(
    ...runs.map(({ transaction }) => transaction.started.getTime()),
    ...spans.map(firstStart),
  );
  const end = Math.max(...spans.map(endOf));
  return { start, length: Math.max(1, end - start) };
}

const firstStart = ({ start }: Span) => start.getTime();
const endOf = ({ end }: Span) => end.getTime();

/** Heights in pixels. Places along the axis are in percent, so that text keeps its size on a phone. */
const row = { height: 48, text: 15, bar: 23, thickness: 14 };

function picture(report: RunReport, axis: Axis): Markup {
  const notRun = stepsNotRun(report.steps, report.runs);
  const bottom = (report.runs.length + notRun.length) * row.height + 4;
  return html`<svg role="img" aria-labelledby="picture-title picture-text" width="100%" height="${bottom + 24}">
<title id="picture-title">Times of ${report.workflow ?? "the run"}</title>
<desc id="picture-text">${description(report)}</desc>
<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse"><path class="hatch" d="M-1,1l2,-2M0,6l6,-6M5,7l2,-2"></path></pattern></defs>
${ticks(axis.length).map((tick) => tickMarkup(tick, axis, bottom))}${report.runs.map((run, index) => runRow(run, index, axis))}${notRun.map((step, index) => notRunRow(step, report.runs.length + index))}</svg>`;
}

function description({ runs, steps }: RunReport): string {
  const described = runs.map(
    (run) => `${nameOfRun(run)} ${statusWords[run.transaction.status].label}, ${timeOfRun(run)}`,
  );
  const notRun = stepsNotRun(steps, runs).map((step) => `${step} not run`);
  return `${[...described, ...notRun].join("; ")}.`;
}

function runRow(run: ReportedRun, index: number, axis: Axis): Markup {
  const { symbol, tone } = statusWords[run.transaction.status];
  const top = index * row.height;
  return html`<g class="${tone}">
<text x="0" y="${top + row.text}">${short(nameOfRun(run))}</text>
<text x="100%" y="${top + row.text}" text-anchor="end">${symbol} ${timeOfRun(run)}</text>
${run.spans.map((span) => bar(span, top + row.bar, axis))}</g>
`;
}

/** A clock can be set back in a run, and a record can say anything. */
function lengthOf(span: Span): number {
  return Math.max(0, endOf(span) - firstStart(span));
}

/** The run takes its colour from how it ended; the parts differ by what they are filled with too. */
function bar(span: Span, y: number, axis: Axis): Markup {
  const place = html`x="${percent(firstStart(span) - axis.start, axis)}" y="${y}" width="${percent(lengthOf(span), axis)}" height="${row.thickness}"`;
  const hatch = span.name === "build" ? html`<rect ${place} fill="url(#hatch)"></rect>` : nothing;
  return html`<rect class="${span.name}" ${place}><title>${span.name}: ${formatDuration(lengthOf(span))}</title></rect>${hatch}
`;
}

function notRunRow(step: string, index: number): Markup {
  const y = index * row.height + row.text;
  return html`<g><text x="0" y="${y}">${short(step)}</text><text x="100%" y="${y}" text-anchor="end">not run</text></g>
`;
}

function tickMarkup(tick: number, axis: Axis, bottom: number): Markup {
  const x = percent(tick, axis);
  const anchor = tick === 0 ? "start" : tick > axis.length * 0.9 ? "end" : "middle";
  return html`<line class="tick" x1="${x}" x2="${x}" y1="0" y2="${bottom}"></line><text class="tick" x="${x}" y="${bottom + 16}" text-anchor="${anchor}">${tickLabel(tick)}</text>
`;
}

/** Three to five round times on the axis, from 0, in milliseconds. */
function ticks(length: number): readonly number[] {
  const step = tickSteps.find((candidate) => length / candidate < 5) ?? day * Math.ceil(length / 5 / day);
  return Array.from({ length: Math.floor(length / step) + 1 }, (_, index) => index * step);
}

const [second, minute, hour, day] = [1000, 60_000, 3_600_000, 86_400_000];
const tickSteps = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500, second, 2 * second, 5 * second, 10 * second, 15 * second],
  ...[30 * second, minute, 2 * minute, 5 * minute, 10 * minute, 15 * minute, 30 * minute, hour],
  ...[2 * hour, 6 * hour, 12 * hour, day],
];

function tickLabel(milliseconds: number): string {
  if (milliseconds < minute) return `${milliseconds / second} s`;
  const [hours, minutes, seconds] = [
    Math.floor(milliseconds / hour),
    Math.floor(milliseconds / minute) % 60,
    Math.floor(milliseconds / second) % 60,
  ];
  const parts = [
    hours > 0 ? `${hours} h` : "",
    minutes > 0 ? `${minutes} min` : "",
    seconds > 0 ? `${seconds} s` : "",
  ];
  return parts.filter((part) => part !== "").join(" ");
}

function percent(milliseconds: number, axis: Axis): string {
  return `${Number(((milliseconds / axis.length) * 100).toFixed(3))}%`;
}

/** What fits beside the time on a phone; the whole name is the heading of the run. */
function short(name: string): string {
  const characters = [...name];
  return characters.length <= 28 ? name : `${characters.slice(0, 27).join("")}…`;
}

const legend: Markup = {
  markup: (["prepare", "build", "run"] satisfies readonly Span["name"][])
    .map((name) => {
      const hatch = name === "build" ? '<rect width="100%" height="100%" fill="url(#hatch)"></rect>' : "";
      return `<span class="key"><svg width="24" height="14" aria-hidden="true"><rect class="${name}" width="100%" height="100%"></rect>${hatch}</svg> ${name}</span> `;
    })
    .join(""),
};

function timesTable(runs: readonly ReportedRun[]): Markup {
  return html`<div class="wide" role="group" aria-label="Times as a table" tabindex="0"><table>
<thead><tr><th scope="col">Step</th><th scope="col">Status</th><th scope="col">prepare</th><th scope="col">build</th><th scope="col">run</th><th scope="col">All</th></tr></thead>
<tbody>${runs.map(tableRow)}</tbody>
</table></div>`;
}

function tableRow(run: ReportedRun): Markup {
  const parts = (["prepare", "build", "run"] as const).map((name) => {
    const spans = run.spans.filter((span) => span.name === name);
    const sum = spans.reduce((total, span) => total + lengthOf(span), 0);
    return html`<td>${spans.length === 0 ? "–" : formatDuration(sum)}</td>`;
  });
  return html`<tr><th scope="row">${nameOfRun(run)}</th><td>${statusWords[run.transaction.status].label}</td>${parts}<td>${timeOfRun(run)}</td></tr>
`;
}
