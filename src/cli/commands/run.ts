import { defineCommand } from "citty";
import { exitCodes } from "../../errors.ts";
import type { Reader } from "../../run/events.ts";
import { confirm } from "../confirm.ts";
import {
  containerFlags,
  dryRunFlags,
  imageFlags,
  quietFlags,
  stdinFlags,
  workspaceFlags,
  yesFlags,
} from "../flags.ts";
import { type Messages, messagesTo, readVerbosity } from "../output/messages.ts";
import type { CommandData } from "../parseArgs.ts";
import { type RequestedReport, readReportFlags } from "../reportFlags.ts";

export default defineCommand({
  meta: { name: "run", description: "Run an action, or a workflow, in containers." },
  args: {
    block: {
      type: "positional",
      description: "The block (NAME, NAME:VERSION or an alias), or a workflow.",
      required: false,
    },
    action: { type: "positional", description: "The block's action.", required: false },
    ...workspaceFlags,
    ...imageFlags,
    ...containerFlags,
    interactive: { type: "boolean", alias: "i", description: "Attach this terminal to the action." },
    ...stdinFlags,
    timeout: {
      type: "string",
      valueHint: "DURATION",
      description: "Stop each action after this time (`90s`, `5m`, `1h30m`). Overrides its `timeout`.",
    },
    "shell-on-failure": {
      type: "boolean",
      description: "Open a shell in the container where the script failed. Requires a terminal.",
    },
    step: { type: "string", valueHint: "NAME", description: "Run only this step of the workflow." },
    "from-step": { type: "string", valueHint: "NAME", description: "Start the workflow at this step." },
    ...dryRunFlags,
    ...yesFlags,
    ...quietFlags,
    verbose: {
      type: "boolean",
      description: "Show each docker command, all build output, and how long each part took.",
    },
    output: {
      type: "enum",
      options: ["json", "events"],
      description: "Print the finished transactions as JSON, or each event as a line of JSON.",
    },
    report: {
      type: "string",
      valueHint: "KIND=FILE",
      description: "Write a report (`junit`, `markdown`, `html`) to a file at the end. May be repeated.",
    },
  },
  // Help, completion and flag errors need only the flags, so everything else is loaded where it is used.
  run: async ({ args, data }) => {
    const { outputs, cancellation }: CommandData = data;
    const { openWorkspace } = await import("../openWorkspace.ts");
    const { readRunOptions } = await import("../readRunOptions.ts");
    const { chooseTarget } = await import("../chooseTarget.ts");
    const verbosity = readVerbosity(args);
    const reports = readReportFlags(data.all("report"));
    const messages = messagesTo(outputs, verbosity);
    const workspace = openWorkspace(messages, args.workspace, args.block);
    const options = readRunOptions(args, data);
    const chosen = await chooseTarget(workspace, args);

    const { runReaders } = await import("../output/runReaders.ts");
    const { environmentReaders } = await import("../output/environmentReaders.ts");
    const place = { environment: process.env, workspace: workspace.path };
    await using outer = environmentReaders(messages, { ...place, quiet: verbosity.quiet });
    const view = runReaders(messages, { ...verbosity, output: args.output });
    const readers = [...outer.readers, ...view, ...(await reportReaders(reports, workspace.path, messages))];
    if (chosen.kind === "workflow") {
      const { runChosenWorkflow } = await import("../runChosenWorkflow.ts");
      return await runChosenWorkflow(workspace, chosen, options, { messages, cancellation, readers });
    }
    const { target } = chosen;
    const questions = [target.action.settings.prompt?.message ?? []].flat();
    if (!options.dryRun && !(await confirm(questions, options))) return exitCodes.declined;

    const loaded = performance.now();
    const { docker } = await import("../../engine/docker.ts");
    const { observe } = await import("../../run/observe.ts");
    const { planAction } = await import("../../plan/planAction.ts");
    const facts = await observe(workspace, docker, target, options);
    const plan = planAction(workspace, docker, target, facts, options);
    if (options.dryRun) {
      const { printDryRun } = await import("../dryRun.ts");
      return printDryRun(plan, messages);
    }
    if (verbosity.verbose) messages.notice(timeLines(loaded, performance.now()));
    const { runAction } = await import("../../run/runAction.ts");
    const { transaction } = await runAction(plan, cancellation, readers);
    return transaction.exitCode ?? 0;
  },
});

async function reportReaders(
  reports: readonly RequestedReport[],
  workspace: string,
  messages: Messages,
): Promise<readonly Reader[]> {
  if (reports.length === 0) return [];
  const { reportFiles } = await import("../output/reportFiles.ts");
  return [reportFiles(reports, workspace, messages)];
}

/** Both times are in milliseconds since polycrate started. */
function timeLines(loaded: number, planned: number): string {
  const line = (what: string, time: number) => `+ ${what} took ${Math.round(time)} ms`;
  return [
    line("starting and loading the workspace", loaded),
    line("planning and hashing the build context", planned - loaded),
  ].join("\n");
}
