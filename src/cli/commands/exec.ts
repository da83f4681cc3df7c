import { defineCommand } from "citty";
import { exitCodes, PolycrateError } from "../../errors.ts";
import type { RunOptions } from "../../plan/runOptions.ts";
import {
  containerFlags,
  contextFlags,
  dryRunFlags,
  imageFlags,
  lockedFlags,
  stdinFlags,
  workspaceFlags,
} from "../flags.ts";
import { messagesTo } from "../output/messages.ts";
import type { CommandData } from "../parseArgs.ts";

export default defineCommand({
  meta: { name: "exec", description: "Run a command in a container set up like an action's." },
  args: {
    block: { type: "string", valueHint: "BLOCK", description: "Start in this block's folder." },
    ...workspaceFlags,
    ...contextFlags,
    ...imageFlags,
    ...lockedFlags,
    ...containerFlags,
    interactive: { type: "boolean", alias: "i", description: "Attach this terminal to the command." },
    ...stdinFlags,
    ...dryRunFlags,
  },
  run: async ({ args, data }) => {
    const program: CommandData = data;
    if (program.rest.length === 0) {
      throw new PolycrateError("missing argument COMMAND for `polycrate exec`", {
        hint: "pass the command after `--`, for example `polycrate exec -- ls -l`",
        exitCode: exitCodes.wrongCommandLine,
      });
    }
    const { findEngine, findTarget, observe, openWithSecrets, planExec, readRunOptions, runOrPrint } =
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
      return planExec(workspace, engine, target, facts, trusted);
    };
    return runOrPrint(workspace, plan, options, program);
  },
});
