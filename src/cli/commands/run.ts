import { defineCommand } from "citty";
import { exitCodes } from "../../errors.ts";
import { confirm } from "../confirm.ts";
import {
  containerFlags,
  dryRunFlags,
  imageFlags,
  quietFlags,
  reportFlags,
  stdinFlags,
  warmFlags,
  workspaceFlags,
  yesFlags,
} from "../flags.ts";
import { messagesTo, readVerbosity } from "../output/messages.ts";
import type { CommandData } from "../parseArgs.ts";
import { readReportFlags } from "../reportFlags.ts";

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
    ...warmFlags,
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
    ...reportFlags,
  },
  run: async ({ args, data }) => {
    const { outputs, cancellation }: CommandData = data;
    const { chooseTarget, openReaders, openWorkspace, readRunOptions, runChosenAction, runChosenWorkflow } =
      await import("../runtime.ts");
    const verbosity = readVerbosity(args);
    const reports = readReportFlags(data.all("report"));
    const messages = messagesTo(outputs, verbosity);
    const workspace = openWorkspace(messages, args.workspace, args.block);
    const options = readRunOptions(args, data);
    const chosen = await chooseTarget(workspace, args);

    const place = { workspace: workspace.path, output: args.output, reports };
    await using open = await openReaders(messages, { ...verbosity, ...place });
    const { readers } = open;
    if (chosen.kind === "workflow") {
      return await runChosenWorkflow(workspace, chosen, options, { messages, cancellation, readers });
    }
    const { target } = chosen;
    const questions = [target.action.settings.prompt?.message ?? []].flat();
    if (!options.dryRun && !(await confirm(questions, options))) return exitCodes.declined;

    return await runChosenAction(workspace, target, options, { messages, cancellation, readers }, verbosity);
  },
});
