import { defineCommand } from "citty";
import { docker } from "../../engine/docker.ts";
import { planShell } from "../../plan/planOneOff.ts";
import { findTarget } from "../../run/findTarget.ts";
import { observe } from "../../run/observe.ts";
import { containerFlags, dryRunFlags, imageFlags, workspaceFlags } from "../flags.ts";
import { openWorkspace } from "../openWorkspace.ts";
import { messagesTo } from "../output/messages.ts";
import type { CommandData } from "../parseArgs.ts";
import { readRunOptions } from "../runOptions.ts";
import { runOrPrint } from "../runOrPrint.ts";

export default defineCommand({
  meta: { name: "shell", description: "Open a shell in the container that an action would get." },
  args: {
    block: { type: "positional", description: "Start in this block's folder.", required: false },
    ...workspaceFlags,
    ...imageFlags,
    ...containerFlags,
    ...dryRunFlags,
  },
  run: async ({ args, data }) => {
    const program: CommandData = data;
    const workspace = openWorkspace(messagesTo(program.outputs), args.workspace, args.block);
    const options = readRunOptions(args, program);
    const target = findTarget(workspace, args.block, undefined);
    const facts = await observe(workspace, docker, target, options);
    return runOrPrint(planShell(workspace, docker, target, facts, options), options, program);
  },
});
