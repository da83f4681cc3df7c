import type { Outputs } from "../../host/output.ts";
import { perRun, type Reader } from "../../run/events.ts";
import { afterEvent } from "../../run/record.ts";
import { recordOf, type Transaction } from "../../transactions/transaction.ts";
import { jsonOf } from "../../yaml/value.ts";
import { formatJson } from "./json.ts";

/** Returns the reader that prints the finished records as JSON: at the end of a run, or all at the end of a workflow. */
export function recordReport({ stdout }: Outputs): Reader {
  const runOf = perRun((): { current: Transaction | undefined } => ({ current: undefined }));
  let finished: readonly Transaction[] = [];
  let isWorkflow = false;
  return (event) => {
    if (event.type === "workflow") isWorkflow = true;
    const run = runOf(event);
    const current = afterEvent(run.current, event);
    run.current = current;
    if (event.type === "finished" && event.execution !== undefined && current !== undefined) {
      finished = [...finished, current];
    }
    const isEnd = isWorkflow ? event.type === "workflowFinished" : event.type === "finished";
    if (!isEnd || (finished.length === 0 && !isWorkflow)) return undefined;
    // All has run: nothing is to wait for who reads it.
    void stdout.write(formatJson(finished.map((transaction) => jsonOf(recordOf(transaction)))));
    return undefined;
  };
}
