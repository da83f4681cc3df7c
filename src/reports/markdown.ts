import { printable } from "../errors.ts";
import { toShell } from "../host/arg.ts";
import { recapKeys } from "../transactions/hostRecap.ts";
import { excerptText } from "./excerptText.ts";
import { formatDuration, formatSize } from "./humanize.ts";
import { inputsText } from "./inputsText.ts";
import type { LogExcerpt } from "./logExcerpt.ts";
import {
  attemptNameOf,
  firstUnsuccessful,
  isComplete,
  outcomeOf,
  placeText,
  stepsNotRun,
  tookOf,
} from "./outcome.ts";
import type { ReportedRun, RunReport } from "./runReport.ts";

/**
 * Returns the report as Markdown (GitHub's, with tables): how it ended, the steps of a workflow, and each run, for which
 * `logOf` is called once.
 */
export function markdownReport(report: RunReport, logOf: LogOf): string {
  const { workflow, steps, runs } = report;
  const sections = runs.map((run) => runSection(run, workflow === undefined ? 1 : 2, logOf));
  if (workflow === undefined) return sections.join("\n");
  const notRun = stepsNotRun(steps, runs).map((step) => [inMarkdown(step), "not run", "", ""]);
  const rows = runs.map((run) => {
    const { block, action, status } = run.transaction;
    return [
      inMarkdown(attemptNameOf(run) ?? ""),
      statusText(status),
      durationText(run),
      inCell(`${block} ${action}`),
    ];
  });
  const overview = [
    `# Workflow ${inMarkdown(workflow)} ${workflowOutcome(report)}`,
    "",
    ...gridTable(["Step", "Status", "Time", "Action"], [...rows, ...notRun]),
    "",
  ];
  return [overview.join("\n"), ...sections].join("\n");
}

type LogOf = (run: ReportedRun) => LogExcerpt;

function workflowOutcome(report: RunReport): string {
  if (report.runs.length === 0) return "did not run";
  const other = firstUnsuccessful(report.runs);
  if (other !== undefined) return statusText(other.transaction.status);
  return isComplete(report) ? "succeeded" : "did not run to its end";
}

function runSection(run: ReportedRun, level: number, logOf: LogOf): string {
  const { transaction, failure } = run;
  const { block, action } = transaction;
  const step = attemptNameOf(run);
  const title = `${step === undefined ? "" : `${step}: `}${block} ${action} ${outcomeOf(run)}${placeText(run)}`;
  return [
    `${"#".repeat(level)} ${inMarkdown(title)}`,
    "",
    ...(failure?.hint === undefined ? [] : [`Hint: ${inMarkdown(failure.hint)}`, ""]),
    ...gridTable(["", ""], factsOf(run)),
    "",
    ...spansTable(run),
    ...markdownHosts(run),
    ...artifactsTable(run),
    ...logSection(run, logOf),
  ].join("\n");
}

function factsOf(run: ReportedRun): readonly (readonly string[])[] {
  const { id, started, finished, exitCode, containerExitCode, user, owner, version } = run.transaction;
  const { image, imageId, imageDigest, commit, dirty, snapshotHash } = run.transaction;
  const facts: readonly (readonly [string, string | undefined])[] = [
    ["Transaction", id],
    ["Started", started.toISOString()],
    ["Finished", finished?.toISOString()],
    ["Last output", finished === undefined ? run.spans.at(-1)?.end.toISOString() : undefined],
    ["Time", durationText(run)],
    ["Exit code", exitCode?.toString()],
    ["Exit code of the container", containerExitCode?.toString()],
    ["Image", image],
    ["Image id", imageId],
    ["Image digest", imageDigest],
    ["Git commit", commit],
    ["Changed files", dirty === true ? "yes" : undefined],
    ["Inputs", inputsText(run.transaction)],
    ["Arguments", toShell(run.transaction.arguments).join(" ")],
    ["Snapshot", snapshotHash],
    ["Run by", `${user} on ${owner.host}`],
    ["polycrate", version],
    ["Log", run.log],
  ];
  return facts.flatMap(([name, value]) => (value ? [[name, inCell(value)]] : []));
}

function spansTable({ spans }: ReportedRun): readonly string[] {
  if (spans.length < 2) return [];
  const rows = spans.map(({ name, start, end }) => [name, formatDuration(end.getTime() - start.getTime())]);
  return [...gridTable(["Part", "Time"], rows), ""];
}

function markdownHosts({ transaction: { hosts } }: ReportedRun): readonly string[] {
  if (hosts.length === 0) return [];
  const rows = hosts.map((recap) => [inCell(recap.host), ...recapKeys.map((key) => String(recap[key]))]);
  return [...gridTable(["Host", ...recapKeys], rows), ""];
}

function artifactsTable({ transaction: { artifacts } }: ReportedRun): readonly string[] {
  if (artifacts.length === 0) return [];
  const rows = artifacts
    .slice(0, mostArtifacts)
    .map(({ path, size, change, sha256 }) => [inCell(path), formatSize(size), change, inCell(sha256 ?? "")]);
  const more = artifacts.length - rows.length;
  return [
    ...gridTable(["Artifact", "Size", "", "SHA-256"], rows),
    "",
    ...(more > 0 ? [`and ${more} more artifacts`, ""] : []),
  ];
}

const mostArtifacts = 100;

/**
 * No line of the log may end the block: its fence is longer than any in the log (CommonMark, 4.5). Nor may one be a command to
 * GitHub, which obeys lines that a job prints.
 */
function logSection(run: ReportedRun, logOf: LogOf): readonly string[] {
  const excerpt = logOf(run);
  const log = printable(excerptText(excerpt, run.log), true)
    .trimEnd()
    .replace(/^([^\S\n]*):(?=:)/gm, "$1\\u003a")
    .replaceAll("##[", "#\\u0023[");
  if (log === "") return excerpt.problem === undefined ? [] : [`The log is ${excerpt.problem}.`, ""];
  const fence = "`".repeat(Math.max(3, 1 + longestTicks(log)));
  return ["Log:", "", fence, log, fence, ""];
}

function statusText(status: string): string {
  return status.replace("_", " ");
}

function durationText(run: ReportedRun): string {
  const took = tookOf(run);
  return took === undefined ? "" : formatDuration(took);
}

function gridTable(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const row = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [row(head), row(head.map(() => "---")), ...rows.map(row)];
}

/** Returns text that is nothing but text in a line of Markdown: what could be markup is escaped (CommonMark, 2.4). */
function inMarkdown(text: string): string {
  return printable(text.replace(/\s+/g, " ")).replace(/[\\`*_[\]<>#!|~&$@:]/g, "\\$&");
}

/** Returns text as code in a cell of a table, where a bar ends the cell even in code (GitHub's Markdown, 4.10). */
function inCell(text: string): string {
  const shown = printable(text.replace(/\s+/g, " ")).replaceAll("|", "\\|");
  if (shown === "") return "";
  const ticks = "`".repeat(1 + longestTicks(shown));
  const room = /^`|`$/.test(shown) ? " " : "";
  return `${ticks}${room}${shown}${room}${ticks}`;
}

function longestTicks(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
}
