import type { Reader } from "../../run/events.ts";
import type { Messages } from "./messages.ts";
import { recordReport } from "./recordReport.ts";
import { summarizeRun } from "./runSummary.ts";
import { type RunViewOptions, runView } from "./runView.ts";

/** Returns the readers of `polycrate run`: the view at the terminal and what `--output` prints on standard output. */
export async function runReaders(messages: Messages, options: RunViewOptions): Promise<readonly Reader[]> {
  const view = runView(messages, options, summarizeRun);
  switch (options.output) {
    case "json":
      return [view, recordReport(messages.outputs)];
    case "events": {
      const { eventStream } = await import("./eventStream.ts");
      return [view, eventStream(messages.outputs)];
    }
    case undefined:
      return [view];
  }
}
