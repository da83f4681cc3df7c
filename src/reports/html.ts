import type { Status } from "../transactions/transaction.ts";
import { version } from "../version.ts";
import graphStyle from "./graph/graph.css" with { type: "text" };
import { graphMarkup } from "./html/graphSection.ts";
import { colorRules } from "./html/logColors.ts";
import { type ShownLog, shownLog, stylesOf } from "./html/logSection.ts";
import { html, type Markup, nothing } from "./html/markup.ts";
import { failureMarkup, runParts, stepSection, timeMarkup } from "./html/runSection.ts";
import style from "./html/style.css" with { type: "text" };
import { timesMarkup } from "./html/timeline.ts";
import { nameOfRun, statusWords, timeOfRun } from "./html/words.ts";
import { formatDuration } from "./humanize.ts";
import type { LogExcerpt } from "./logExcerpt.ts";
import { firstUnsuccessful, isComplete, lastAttempts } from "./outcome.ts";
import type { ReportedRun, RunReport } from "./runReport.ts";

/**
 * Returns the report as a page: one file that needs and asks for nothing else, without a script. `logOf` is called once for
 * each run. What is not ours in it is escaped.
 */
export function htmlReport(report: RunReport, logOf: (run: ReportedRun) => LogExcerpt): string {
  const logs = report.runs.map((run) => shownLog(logOf(run)));
  const styles = `${style}${report.graph === undefined ? "" : graphStyle}${colorRules(stylesOf(logs))}`;
  const { markup } = html`<!DOCTYPE html>
<html lang="en"><head>
${headMarkup(report, styles)}</head>
<body>
${headerMarkup(report)}<main>
${graphMarkup(report)}${timesMarkup(report)}${runsMarkup(report, logs)}</main>
<footer><p>Made by polycrate ${version}</p></footer>
</body></html>
`;
  return markup;
}

/** The policy lets a browser take the style of this page by its hash and the icon from its text, and refuses all else. */
function headMarkup(report: RunReport, styles: string): Markup {
  const hash = new Bun.CryptoHasher("sha256").update(styles).digest("base64");
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; img-src data:; base-uri 'none'; form-action 'none'`;
  const { label, symbol } = statusWords[statusOf(report)];
  return html`<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${symbol} ${titleOf(report)} ${label}</title>
<link rel="icon" href="${iconOf(report)}">
<style>${{ markup: styles }}</style>
`;
}

function iconOf(report: RunReport): string {
  const fill = { good: "%231a7f37", bad: "%23c4252c", open: "%23946200" }[statusWords[statusOf(report)].tone];
  return `data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'><circle cx='4' cy='4' r='4' fill='${fill}'/></svg>`;
}

/** A workflow is as its first run that did not succeed, and interrupted when steps were not run. */
function statusOf(report: RunReport): Status {
  const bad = firstUnsuccessful(report.runs);
  if (bad !== undefined) return bad.transaction.status;
  return report.runs.length === 0 || !isComplete(report) ? "interrupted" : "succeeded";
}

function titleOf({ workflow, runs: [first] }: RunReport): string {
  return workflow ?? (first === undefined ? "run" : nameOfRun(first));
}

function headerMarkup(report: RunReport): Markup {
  const { label, symbol, tone } = statusWords[statusOf(report)];
  return html`<header class="${tone}">
<h1>${titleOf(report)} <span class="status ${tone}"><span aria-hidden="true">${symbol}</span> ${label}</span></h1>
${leadMarkup(report)}${summaryMarkup(report)}</header>
`;
}

/** Why it failed, and in a workflow where to read more of that. */
function leadMarkup({ workflow, runs }: RunReport): Markup {
  const run = firstUnsuccessful(runs);
  if (run === undefined) return nothing;
  const index = runs.indexOf(run);
  const failure = failureMarkup(run);
  if (workflow === undefined) return failure;
  return html`${failure}<p><a href="#run-${index + 1}">Go to <code>${nameOfRun(run)}</code></a></p>
`;
}

function summaryMarkup({ workflow, runs, steps }: RunReport): Markup {
  const first = runs[0]?.transaction;
  const last = lastToEnd(runs);
  if (first === undefined || last === undefined) return html`<p>Nothing was run.</p>\n`;
  const end = last.transaction.finished;
  const took =
    end === undefined
      ? timeOfRun(last)
      : formatDuration(Math.max(0, end.getTime() - first.started.getTime()));
  const code = firstUnsuccessful(runs) ?? last;
  // The record of a past run does not know what its workflow had after it.
  const count = lastAttempts(runs).length;
  const countOfSteps = steps.length === 0 ? `${count}` : `${count} of ${steps.length}`;
  const facts: readonly (readonly [string, string | Markup])[] = [
    ["Duration", took],
    ["Started", timeMarkup(first.started)],
    ["Exit code", code.transaction.exitCode?.toString() ?? "not known"],
    ["User", first.user],
    ...(workflow === undefined ? [] : [["Steps run", countOfSteps] as const]),
  ];
  return html`<dl class="summary">${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
`;
}

/** A run that has not ended as far as is known ends last. */
function lastToEnd(runs: readonly ReportedRun[]): ReportedRun | undefined {
  const time = ({ transaction: { finished } }: ReportedRun) =>
    finished?.getTime() ?? Number.POSITIVE_INFINITY;
  return runs.toSorted((a, b) => (time(a) < time(b) ? -1 : 1)).at(-1);
}

function runsMarkup({ workflow, runs }: RunReport, logs: readonly ShownLog[]): Markup {
  const sections = runs.map((run, index) => {
    const log = logs[index];
    if (log === undefined) return nothing;
    return workflow === undefined ? runParts(run, log, "h2") : stepSection(run, log, index + 1);
  });
  return html`${sections}`;
}
