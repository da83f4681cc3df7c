import { defineCommand } from "citty";
import { exitCodes, printable } from "../../errors.ts";
import { confirm } from "../confirm.ts";
import { findRecord, shortId } from "../findRecord.ts";
import {
  contextFlags,
  dryRunFlags,
  lockedFlags,
  quietFlags,
  reportFlags,
  workspaceFlags,
  yesFlags,
} from "../flags.ts";
import { messagesTo, readVerbosity } from "../output/messages.ts";
import type { CommandData } from "../parseArgs.ts";
import { readReportFlags } from "../reportFlags.ts";

export default defineCommand({
  meta: {
    name: "rerun",
    description:
      "Repeat a run: the same action, arguments and inputs, with the current files. Secret inputs are asked for again.",
  },
  args: {
    id: { type: "positional", required: true, description: "The transaction's id, or its first characters." },
    ...workspaceFlags,
    ...contextFlags,
    "image-as-then": {
      type: "boolean",
      description: "Run in the image of that run, which the engine must still have.",
    },
    "failed-hosts": {
      type: "boolean",
      description: "Limit the playbook to the hosts that failed or were unreachable.",
    },
    ...lockedFlags,
    ...dryRunFlags,
    ...yesFlags,
    ...quietFlags,
    verbose: { type: "boolean", description: "Show each docker command and all output of a build." },
    ...reportFlags,
  },
  run: async ({ args, data }) => {
    const { outputs, cancellation }: CommandData = data;
    const {
      describeRerun,
      findEngine,
      imageAsThen,
      newTransactionId,
      openReaders,
      openWithSecrets,
      readRecordedInputs,
      readRerun,
      readRunOptions,
      runChosenAction,
    } = await import("../runtime.ts");
    const verbosity = readVerbosity(args);
    const reports = readReportFlags(data.all("report"));
    const messages = messagesTo(outputs, verbosity);
    const read = readRunOptions(args, data);
    const workspace = await openWithSecrets(messages, args.workspace, undefined, {
      ...{ need: "required", reveals: !read.dryRun },
    });
    const recorded = findRecord(workspace, args.id);
    const rerun = readRerun(workspace, recorded, args["failed-hosts"] === true);
    const { target } = rerun;

    const engine = findEngine(workspace, { program: args.engine, flag: args.context });
    const isAsThen = args["image-as-then"] === true;
    const inputs = await readRecordedInputs(workspace, target, rerun.inputs, read);
    const timeout = read.timeout ?? rerun.timeout;
    const given = { ...read, arguments: rerun.arguments, inputs, timeout };
    const image = isAsThen
      ? await imageAsThen(engine, workspace.path, recorded, { asks: !given.dryRun })
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

    const place = { workspace: workspace.path, output: args.output, reports };
    await using open = await openReaders(messages, { ...verbosity, ...place });
    const workflowRun = target.step === undefined ? undefined : newTransactionId();
    const context = { messages, cancellation, readers: open.readers };
    return await runChosenAction(workspace, target, { ...options, workflowRun }, context, verbosity);
  },
});
