import { defineCommand } from "citty";
import type { RunOptions } from "../../plan/runOptions.ts";
import {
  containerFlags,
  contextFlags,
  dryRunFlags,
  imageFlags,
  lockedFlags,
  workspaceFlags,
} from "../flags.ts";
import { messagesTo } from "../output/messages.ts";
import type { CommandData } from "../parseArgs.ts";

export default defineCommand({
  meta: { name: "shell", description: "Open a shell in a container set up like an action's." },
  args: {
    block: { type: "positional", description: "Start in this block's folder.", required: false },
    ...workspaceFlags,
    ...contextFlags,
    ...imageFlags,
    ...lockedFlags,
    ...containerFlags,
    ...dryRunFlags,
  },
  run: async ({ args, data }) => {
    const program: CommandData = data;
    const { findEngine, findTarget, observe, openWithSecrets, planShell, readRunOptions, runOrPrint } =
      await import("../runtime.ts");
    const options = readRunOptions(args, program);
    const workspace = await openWithSecrets(messagesTo(program.outputs), args.workspace, args.block, {
      ...{ need: "required", reveals: !options.dryRun },
    });
    const target = findTarget(workspace, args.block, undefined);
    const engine = findEngine(workspace, { program: args.engine, flag: args.context });
    const plan = async (trust: RunOptions["trust"]) => {
      const trusted = { ...options, trust };
      const facts = await observe(workspace, engine, target, trusted);
      return planShell(workspace, engine, target, facts, trusted);
    };
    return runOrPrint(workspace, plan, options, program);
  },
});
