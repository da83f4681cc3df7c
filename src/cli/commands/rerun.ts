import { defineCommand } from "citty";
import { exitCodes, printable } from "../../errors.ts";
import { confirm } from "../confirm.ts";
import { findRecord, shortId } from "../findRecord.ts";
import { dryRunFlags, quietFlags, workspaceFlags, yesFlags } from "../flags.ts";
import { messagesTo, readVerbosity } from "../output/messages.ts";
import type { CommandData } from "../parseArgs.ts";

export default defineCommand({
  meta: {
    name: "rerun",
    description: "Repeat a run: the same action with the same arguments, and today's files.",
  },
  args: {
    id: { type: "positional", required: true, description: "The transaction's id, or its beginning." },
    ...workspaceFlags,
    "image-as-then": {
      type: "boolean",
      description: "Run in the image of that run, as long as the engine has it.",
    },
    "failed-hosts": {
      type: "boolean",
      description: "Limit the playbook to the hosts that failed or were unreachable.",
    },
    ...dryRunFlags,
    ...yesFlags,
    ...quietFlags,
    verbose: { type: "boolean", description: "Show each docker command and all output of a build." },
    output: { type: "enum", options: ["json"], description: "Print the record of the run as JSON." },
  },
  run: async ({ args, data }) => {
    const { outputs, cancellation }: CommandData = data;
    const { openWorkspace } = await import("../openWorkspace.ts");
    const { readRunOptions } = await import("../readRunOptions.ts");
    const { describeRerun, readRerun } = await import("../rerun.ts");
    const verbosity = readVerbosity(args);
    const messages = messagesTo(outputs, verbosity);
    const workspace = openWorkspace(messages, args.workspace);
    const recorded = findRecord(workspace, args.id);
    const rerun = readRerun(workspace, recorded, args["failed-hosts"] === true);
    const { target } = rerun;

    const { docker } = await import("../../engine/docker.ts");
    const { imageAsThen } = await import("../../run/imageAsThen.ts");
    const isAsThen = args["image-as-then"] === true;
    const given = { ...readRunOptions(args, data), arguments: rerun.arguments };
    const image = isAsThen
      ? await imageAsThen(docker, workspace.path, recorded, { asks: !given.dryRun })
      : undefined;
    // An image that is gone meanwhile is not to be replaced by one of a registry.
    const options = image === undefined ? given : { ...given, image, pull: "never" as const };
    const what = `${describeRerun(rerun)}${image === undefined ? "" : ` (in ${printable(image)})`}`;
    const questions = [
      `Repeat ${shortId(recorded.id)}: ${what}`,
      ...[target.action.settings.prompt?.message ?? []].flat(),
    ];
    if (options.yes && !options.dryRun) messages.notice(what);
    if (!options.dryRun && !(await confirm(questions, options))) return exitCodes.declined;

    const { observe } = await import("../../run/observe.ts");
    const { planAction } = await import("../../plan/planAction.ts");
    const { newTransactionId } = await import("../../transactions/transaction.ts");
    const facts = await observe(workspace, docker, target, options);
    const workflowRun = target.step === undefined ? undefined : newTransactionId();
    const plan = planAction(workspace, docker, target, facts, { ...options, workflowRun });
    if (options.dryRun) {
      const { printDryRun } = await import("../dryRun.ts");
      return printDryRun(plan, messages);
    }
    const { runReaders } = await import("../output/runReaders.ts");
    const { runAction } = await import("../../run/runAction.ts");
    const readers = runReaders(messages, { ...verbosity, output: args.output });
    const { transaction } = await runAction(plan, cancellation, readers);
    return transaction.exitCode ?? 0;
  },
});
