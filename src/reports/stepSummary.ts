import { printable } from "../errors.ts";
import type { ReportedRun, RunReport } from "./runReport.ts";

/** Returns the report as Markdown for the summary of a CI job: a table of the runs; "" when nothing ran. */
export function stepSummary({ workflow, steps, runs }: RunReport): string {
  const [first] = runs;
  if (first === undefined) return "";
  const { block, action } = first.transaction;
  const title = workflow === undefined ? `${block} ${action}` : `Workflow ${workflow}`;
  const missing = steps.slice(runs.length).map((step) => rowOf([step, "", "not run", "", ""]));
  const rows = [...runs.map(summaryRow), ...missing];
  return [
    `### ${asPlainText(title)}`,
    "",
    "| Step | Action | Status | Exit code | Time |",
    "| --- | --- | --- | --- | --- |",
    ...rows,
    "",
    ...runs.flatMap(failureLine),
    "",
  ].join("\n");
}

function summaryRow({ transaction }: ReportedRun): string {
  const { step, block, action, status, exitCode, started, finished } = transaction;
  const took =
    finished === undefined ? "" : `${((finished.getTime() - started.getTime()) / 1000).toFixed(1)} s`;
  return rowOf([step ?? "", `${block} ${action}`, status.replace("_", " "), `${exitCode ?? ""}`, took]);
}

function rowOf(cells: readonly string[]): string {
  return `| ${cells.map(asPlainText).join(" | ")} |`;
}

function failureLine({ transaction, failure, log }: ReportedRun): readonly string[] {
  if (failure === undefined) return [];
  const { message, place, hint } = failure;
  const where = place === undefined ? "" : ` (item ${place.item}, line ${place.line})`;
  const name = `${transaction.block} ${transaction.action}`;
  const what = `${name}: ${message}${where}${hint === undefined ? "" : `; ${hint}`}; log: ${log}`;
  return [`- ${asPlainText(what)}`];
}

/** Nothing of a text is markup: every punctuation is escaped (CommonMark, 2.4), and a line feed ends no cell. */
function asPlainText(text: string): string {
  return printable(text.replaceAll("\n", " ")).replaceAll(/[!-/:-@[-`{-~]/g, "\\$&");
}
