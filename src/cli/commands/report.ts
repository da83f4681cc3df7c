import { defineCommand } from "citty";
import { exitCodes, PolycrateError } from "../../errors.ts";
import { changedAt } from "../../host/filesBelow.ts";
import { locateNamedFile, replaceNamedFile } from "../../host/namedFile.ts";
import { pastReport } from "../../reports/pastReport.ts";
import { findRuns } from "../findRuns.ts";
import { workspaceFlags } from "../flags.ts";
import { openWorkspace } from "../openWorkspace.ts";
import { messagesTo } from "../output/messages.ts";
import { renderReport } from "../output/renderReport.ts";
import type { CommandData } from "../parseArgs.ts";
import { type ReportKind, reportKinds } from "../reportFlags.ts";

export default defineCommand({
  meta: { name: "report", description: "Create a report on a run, or on all steps of a workflow run." },
  args: {
    id: {
      type: "positional",
      description:
        "The id of a transaction or workflow run, or the start of one. Default: the newest run and the workflow it belongs to.",
      required: false,
    },
    ...workspaceFlags,
    markdown: { type: "boolean", description: "Markdown (the default)." },
    html: { type: "boolean", description: "An HTML page." },
    junit: { type: "boolean", description: "JUnit XML." },
    output: {
      type: "string",
      valueHint: "FILE",
      description: "Write the report to this file. Default: standard output.",
    },
  },
  run: ({ args, data }) => {
    const { outputs }: CommandData = data;
    const kind = readKind(reportKinds.filter((one) => args[one] === true));
    const workspace = openWorkspace(messagesTo(outputs), args.workspace);
    const { records, isWorkflow } = findRuns(workspace, args.id);
    const lastWritten = (log: string) => {
      const time = changedAt(workspace.path, log);
      return time === undefined ? undefined : new Date(time);
    };
    const text = renderReport(kind, pastReport(records, isWorkflow, lastWritten), workspace.path);
    if (args.output === undefined) void outputs.stdout.write(text);
    else replaceNamedFile(locateNamedFile(args.output, workspace.path), text);
    return 0;
  },
});

function readKind([kind = "markdown", other]: readonly ReportKind[]): ReportKind {
  if (other === undefined) return kind;
  throw new PolycrateError(`\`--${kind}\` and \`--${other}\` cannot be used together`, {
    hint: "use one of them",
    exitCode: exitCodes.wrongCommandLine,
  });
}
