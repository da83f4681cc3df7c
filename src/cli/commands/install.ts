import { defineCommand } from "citty";
import { findEngine } from "../../run/findEngine.ts";
import { contextFlags, lockedFlags, workspaceFlags } from "../flags.ts";
import { installNeeded, printInstalled } from "../installNeeded.ts";
import { openWorkspace } from "../openWorkspace.ts";
import { messagesTo } from "../output/messages.ts";
import type { CommandData } from "../parseArgs.ts";

export default defineCommand({
  meta: {
    name: "install",
    description:
      "Install all blocks from registries that the workspace needs: its dependencies and the parents of blocks. With BLOCK it is short for `polycrate run BLOCK install`.",
  },
  args: {
    block: { type: "positional", description: "Run the action `install` of this block.", required: false },
    ...workspaceFlags,
    ...contextFlags,
    ...lockedFlags,
    force: { type: "boolean", description: "Replace blocks even if their files were changed here." },
  },
  run: async ({ args, data }) => {
    const program: CommandData = data;
    const messages = messagesTo(program.outputs);
    // Blocks whose parents are missing are what this repairs.
    const workspace = openWorkspace(messagesTo(program.outputs, { quiet: true }), args.workspace);
    const engine = findEngine(workspace, { program: args.engine, flag: args.context });
    const request = { pulled: undefined, force: args.force === true, locked: args.locked, engine };
    const installed = await installNeeded(workspace, request, messages, program);
    printInstalled(installed, messages);
    if (installed.every(({ how }) => how === "unchanged")) messages.notice("all blocks are installed");
    return 0;
  },
});
