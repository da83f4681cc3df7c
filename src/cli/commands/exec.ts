import { defineCommand } from "citty";
import { docker } from "../../engine/docker.ts";
import { exitCodes, PolycrateError } from "../../errors.ts";
import { planExec } from "../../plan/planOneOff.ts";
import { findTarget } from "../../run/findTarget.ts";
import { observe } from "../../run/observe.ts";
import { containerFlags, dryRunFlags, imageFlags, stdinFlags, workspaceFlags } from "../flags.ts";
import { openWorkspace } from "../openWorkspace.ts";
import { messagesTo } from "../output/messages.ts";
import type { CommandData } from "../parseArgs.ts";
import { readRunOptions } from "../runOptions.ts";
import { runOrPrint } from "../runOrPrint.ts";

export default defineCommand({
  meta: { name: "exec", description: "Run a command in the container that an action would get." },
  args: {
    block: { type: "string", valueHint: "BLOCK", description: "Start in this block's folder." },
    ...workspaceFlags,
    ...imageFlags,
    ...containerFlags,
    interactive: { type: "boolean", alias: "i", description: "Connect this terminal to the command." },
    ...stdinFlags,
    ...dryRunFlags,
  },
  run: async ({ args, data }) => {
    const program: CommandData = data;
    if (program.rest.length === 0) {
      throw new PolycrateError("`polycrate exec` wants a command", {
        hint: "write it behind `--`, like `polycrate exec -- ls -l`",
        exitCode: exitCodes.wrongCommandLine,
      });
    }
    const workspace = openWorkspace(messagesTo(program.outputs), args.workspace, args.block);
    const options = readRunOptions(args, program);
    const target = findTarget(workspace, args.block, undefined);
    const facts = await observe(workspace, docker, target, options);
    return runOrPrint(planExec(workspace, docker, target, facts, options), options, program);
  },
});
