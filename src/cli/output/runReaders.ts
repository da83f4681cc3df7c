import type { Reader } from "../../run/events.ts";
import type { Messages } from "./messages.ts";
import { recordReport } from "./recordReport.ts";
import { summarizeRun } from "./runSummary.ts";
import { type RunViewOptions, runView } from "./runView.ts";

/** Returns the readers of `polycrate run`: the view at the terminal and, for a report, the records on standard output. */
export function runReaders(messages: Messages, options: RunViewOptions): readonly Reader[] {
  const view = runView(messages, options, summarizeRun);
  return options.report ? [view, recordReport(messages.outputs)] : [view];
}
