import { openOwnFile } from "../../host/filesBelow.ts";
import { htmlReport } from "../../reports/html.ts";
import { junitReport } from "../../reports/junit.ts";
import { logLimit, readLogExcerpt } from "../../reports/logExcerpt.ts";
import { markdownReport } from "../../reports/markdown.ts";
import type { ReportedRun, RunReport } from "../../reports/runReport.ts";
import type { ReportKind } from "../reportFlags.ts";

/** Returns the report as a document of this kind, with the logs of the runs in the workspace. */
export function renderReport(kind: ReportKind, report: RunReport, workspace: string): string {
  const limit = Math.min(logLimits[kind], logLimit(report.runs.length));
  const logOf = ({ log, transaction }: ReportedRun) =>
    readLogExcerpt(openOwnFile(workspace, log), { limit, failed: transaction.status === "failed" });
  return renderers[kind](report, logOf);
}

const renderers: Readonly<Record<ReportKind, typeof htmlReport>> = {
  junit: junitReport,
  markdown: markdownReport,
  html: htmlReport,
};

/** The most bytes of a log: CI systems keep all JUnit reports in memory, and Markdown is pasted into tickets. */
const logLimits: Readonly<Record<ReportKind, number>> = {
  junit: 65_536,
  markdown: 16_384,
  html: Number.POSITIVE_INFINITY,
};
