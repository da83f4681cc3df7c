import type { Reader } from "../../run/events.ts";
import type { Messages } from "./messages.ts";
import { recordReport } from "./recordReport.ts";
import type { RunViewOptions } from "./runView.ts";

/** Returns the readers of `polycrate run`: the view at the terminal and what `--output` prints on standard output. */
export async function runReaders(
  { outputs }: Messages,
  view: Reader,
  output: RunViewOptions["output"],
): Promise<readonly Reader[]> {
  switch (output) {
    case "json":
      return [view, recordReport(outputs)];
    case "events": {
      const { eventStream } = await import("./eventStream.ts");
      return [view, eventStream(outputs)];
    }
    case undefined:
      return [view];
  }
}
