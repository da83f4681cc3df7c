import { defineCommand } from "citty";
import { exitCodes } from "../../errors.ts";
import type { RunOptions } from "../../plan/runOptions.ts";
import type { Chosen } from "../chooseTarget.ts";
import { confirm } from "../confirm.ts";
import {
  containerFlags,
  contextFlags,
  dryRunFlags,
  imageFlags,
  inputFlag,
  lockedFlags,
  quietFlags,
  reportFlags,
  stdinFlags,
  warmFlags,
  workspaceFlags,
  yesFlags,
} from "../flags.ts";
import { type GraphFlags, readGraphFlags, workflowFlags } from "../graphFlags.ts";
import type { GraphOutputOptions } from "../output/graph/graphOutput.ts";
import { type Messages, messagesTo, readVerbosity } from "../output/messages.ts";
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
    ...contextFlags,
    ...imageFlags,
    ...lockedFlags,
    ...inputFlag,
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
    ...workflowFlags,
    install: {
      type: "boolean",
      description: "First install the blocks from registries that are missing.",
    },
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
    const {
      chooseTarget,
      openReaders,
      openWithSecrets,
      readActionInputs,
      readRunOptions,
      refuseInputs,
      runChosenAction,
      runChosenWorkflow,
    } = await import("../runtime.ts");
    const verbosity = readVerbosity(args);
    const reports = readReportFlags(data.all("report"));
    const messages = messagesTo(outputs, verbosity);
    const given = readRunOptions(args, data);
    const flags = readGraphFlags(args, process.env);
    if (args.install === true && !given.dryRun) await installFirst(args.workspace, given, messages, data);
    const workspace = await openWithSecrets(messages, args.workspace, args.block, {
      ...{ need: "required", reveals: !given.dryRun },
    });
    const chosen = await chooseTarget(workspace, { ...args, matrix: data.all("matrix") });
    if (chosen.kind === "workflow") refuseInputs(chosen.workflow, data);
    const inputs = chosen.kind === "action" ? await readActionInputs(chosen.target, data, given) : [];
    const options = { ...given, inputs };

    const place = {
      workspace: workspace.path,
      output: args.output,
      reports,
      graph: shownGraph(chosen, flags),
    };
    await using open = await openReaders(messages, { ...verbosity, ...place });
    const { readers } = open;
    if (chosen.kind === "workflow") {
      return await runChosenWorkflow(workspace, chosen, options, flags, { messages, cancellation, readers });
    }
    const { target } = chosen;
    const questions = [target.action.settings.prompt?.message ?? []].flat();
    if (!options.dryRun && !(await confirm(questions, options))) return exitCodes.declined;

    return await runChosenAction(workspace, target, options, { messages, cancellation, readers }, verbosity);
  },
});

function shownGraph(chosen: Chosen, { style }: GraphFlags): GraphOutputOptions | undefined {
  if (chosen.kind === "action" || chosen.plan.isSequence) return undefined;
  const { nodes } = chosen.plan;
  const mayFail = new Set([...nodes.keys()].filter((index) => nodes[index]?.allowFailure));
  return { style, names: nodes.map(({ name }) => name), mayFail };
}

/** The workspace is loaded again afterwards, with its new blocks. */
async function installFirst(
  flag: string | undefined,
  { locked, engine: client, context }: Pick<RunOptions, "locked" | "engine" | "context">,
  messages: Messages,
  program: CommandData,
): Promise<void> {
  const { installNeeded, printInstalled } = await import("../installNeeded.ts");
  const { findEngine, openWorkspace } = await import("../runtime.ts");
  const workspace = openWorkspace(messagesTo(program.outputs, { quiet: true }), flag);
  const request = {
    pulled: undefined,
    force: false,
    locked,
    engine: findEngine(workspace, { program: client, flag: context }),
  };
  printInstalled(await installNeeded(workspace, request, messages, program), messages);
}
