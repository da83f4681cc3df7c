import { PolycrateError } from "../../errors.ts";
import { locateNamedFile, replaceNamedFile } from "../../host/namedFile.ts";
import { collectReport } from "../../reports/runReport.ts";
import type { Reader } from "../../run/events.ts";
import type { RequestedReport } from "../reportFlags.ts";
import { type Messages, warningLines } from "./messages.ts";
import { renderReport } from "./renderReport.ts";

/**
 * Returns the reader that writes reports to files at the end of a run, or of the workflow around it. One that cannot be
 * written is warned of.
 */
export function reportFiles(
  requested: readonly RequestedReport[],
  workspace: string,
  { notice }: Messages,
): Reader {
  const files = requested.map(({ kind, file }) => ({ kind, file: locateNamedFile(file, workspace) }));
  const { read, report } = collectReport();
  let isWorkflow = false;
  return (event) => {
    void read(event);
    if (event.type === "workflow") isWorkflow = true;
    if (event.type !== (isWorkflow ? "workflowFinished" : "finished")) return undefined;
    for (const { kind, file } of files) {
      try {
        replaceNamedFile(file, renderReport(kind, report(), workspace));
      } catch (error) {
        if (!(error instanceof PolycrateError)) throw error;
        notice(warningLines(`the report \`${file.name}\` was not written: ${error.message}`, error.hint));
      }
    }
    return undefined;
  };
}
