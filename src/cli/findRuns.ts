import { exitCodes, PolycrateError } from "../errors.ts";
import { idsBeginningWith, type Recorded } from "../transactions/history.ts";
import { recordsOfWorkflowRun, workflowRunsBeginningWith } from "../transactions/workflowRuns.ts";
import type { Workspace } from "../workspace/load.ts";
import { findRecord, lastRecord } from "./findRecord.ts";

/** A transaction alone, or all of a workflow run in the order in which they started. */
export type FoundRuns = { readonly records: readonly Recorded[]; readonly isWorkflow: boolean };

/**
 * Returns what ran under the id, of a transaction or a workflow run, that begins with the text; what ran last without a text.
 * Throws (64) when there is none, or more than one.
 */
export function findRuns(workspace: Workspace, text: string | undefined): FoundRuns {
  const { path, layout } = workspace;
  if (text === undefined) {
    const last = lastRecord(workspace);
    const id = last.record.get("workflow_run");
    return typeof id === "string" ? workflowRun(workspace, id) : { records: [last], isWorkflow: false };
  }
  const isId = /^[0-9a-f-]{1,36}$/.test(text);
  const [id, other] = isId ? workflowRunsBeginningWith(path, layout.logsRoot, text) : [];
  if (id === undefined) return { records: [findRecord(workspace, text)], isWorkflow: false };
  if (other === undefined && idsBeginningWith(path, layout.logsRoot, text).length === 0) {
    return workflowRun(workspace, id);
  }
  throw new PolycrateError(`several ids start with \`${text}\``, {
    hint: "use more characters of the id; `polycrate history --output=json` lists the ids of workflow runs too",
    exitCode: exitCodes.wrongCommandLine,
  });
}

function workflowRun({ path, layout }: Workspace, id: string): FoundRuns {
  return { records: recordsOfWorkflowRun(path, layout.logsRoot, id), isWorkflow: true };
}
