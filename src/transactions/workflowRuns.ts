import { type Recorded, readHistory, readRecord, timeOfId } from "./history.ts";

/** Returns the ids of the workflow runs that begin with the text, newest first. */
export function workflowRunsBeginningWith(
  workspace: string,
  logsRoot: string,
  text: string,
): readonly string[] {
  const found = new Set<string>();
  for (const { record } of readHistory(workspace, logsRoot, { since: earliest(text) }, "head")) {
    const id = record.get("workflow_run");
    if (typeof id === "string" && id.startsWith(text)) found.add(id);
  }
  return [...found];
}

/** Returns the records of a workflow run, in the order in which they started. */
export function recordsOfWorkflowRun(workspace: string, logsRoot: string, id: string): readonly Recorded[] {
  const heads = [...readHistory(workspace, logsRoot, { since: earliest(id) }, "head")];
  return heads
    .filter(({ record }) => record.get("workflow_run") === id)
    .flatMap(({ file }) => readRecord(workspace, file) ?? [])
    .toReversed();
}

/** When a run with an id that begins so started at the earliest; its steps have started later. */
function earliest(text: string): Date {
  const digits = text.replaceAll("-", "").slice(0, 12);
  return new Date(/^[0-9a-f]+$/.test(digits) ? timeOfId(digits.padEnd(12, "0")) : 0);
}
