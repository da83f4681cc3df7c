import { defineCommand } from "citty";
import { docker } from "../../engine/docker.ts";
import { exitCodes } from "../../errors.ts";
import { planAction } from "../../plan/planAction.ts";
import { observe } from "../../run/observe.ts";
import { runAction } from "../../run/runAction.ts";
import { chooseTarget } from "../chooseTarget.ts";
import { confirm } from "../confirm.ts";
import { printDryRun } from "../dryRun.ts";
import {
  containerFlags,
  dryRunFlags,
  imageFlags,
  quietFlags,
  stdinFlags,
  workspaceFlags,
  yesFlags,
} from "../flags.ts";
import { openWorkspace } from "../openWorkspace.ts";
import { messagesTo, readVerbosity } from "../output/messages.ts";
import { recordReport } from "../output/recordReport.ts";
import { summarizeRun } from "../output/runSummary.ts";
import { runView } from "../output/runView.ts";
import type { CommandData } from "../parseArgs.ts";
import { runChosenWorkflow } from "../runChosenWorkflow.ts";
import { readRunOptions } from "../runOptions.ts";

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
    interactive: { type: "boolean", alias: "i", description: "Connect this terminal to the action." },
    ...stdinFlags,
    timeout: {
      type: "string",
      valueHint: "DURATION",
      description: "Stop each action after this long (`90s`, `5m`, `1h30m`), whatever its `timeout` says.",
    },
    step: { type: "string", valueHint: "NAME", description: "Run only this step of the workflow." },
    "from-step": { type: "string", valueHint: "NAME", description: "Run the workflow from this step on." },
    ...dryRunFlags,
    ...yesFlags,
    ...quietFlags,
    verbose: {
      type: "boolean",
      description: "Show each docker command as it is run, all output of a build, and where the time went.",
    },
    output: {
      type: "enum",
      options: ["json"],
      description: "Print the finished transactions on standard output.",
    },
  },
  run: async ({ args, data }) => {
    const { outputs, cancellation }: CommandData = data;
    const verbosity = readVerbosity(args);
    const messages = messagesTo(outputs, verbosity);
    const workspace = openWorkspace(messages, args.workspace, args.block);
    const options = readRunOptions(args, data);
    const readers = [
      runView(messages, { ...verbosity, report: options.report }, summarizeRun),
      ...(options.report ? [recordReport(outputs)] : []),
    ];
    const chosen = await chooseTarget(workspace, args);
    if (chosen.kind === "workflow") {
      return runChosenWorkflow(workspace, chosen, options, { messages, cancellation, readers });
    }
    const { target } = chosen;
    const questions = [target.action.settings.prompt?.message ?? []].flat();
    if (!options.dryRun && !(await confirm(questions, options))) return exitCodes.declined;
    const loaded = performance.now();
    const plan = planAction(
      workspace,
      docker,
      target,
      await observe(workspace, docker, target, options),
      options,
    );
    if (options.dryRun) return printDryRun(plan, messages);
    if (verbosity.verbose) messages.notice(timeLines(loaded, performance.now()));
    const { transaction } = await runAction(plan, cancellation, readers);
    return transaction.exitCode ?? 0;
  },
});

/** Both in milliseconds since polycrate was started. */
function timeLines(loaded: number, planned: number): string {
  const line = (what: string, time: number) => `+ ${what} took ${Math.round(time)} ms`;
  return [
    line("starting and loading the workspace", loaded),
    line("planning and hashing the build context", planned - loaded),
  ].join("\n");
}
