import { defineCommand } from "citty";
import { blockReference } from "../../registry/blockReference.ts";
import { findEngine } from "../../run/findEngine.ts";
import { contextFlags, lockedFlags, workspaceFlags } from "../flags.ts";
import { installNeeded, printInstalled } from "../installNeeded.ts";
import { openWorkspace } from "../openWorkspace.ts";
import { messagesTo } from "../output/messages.ts";
import type { CommandData } from "../parseArgs.ts";

export default defineCommand({
  meta: {
    name: "block pull",
    description: "Install blocks from a registry, and the blocks that they inherit from.",
  },
  args: {
    ref: {
      type: "positional",
      description: "`REGISTRY/NAME:VERSION`; without a version it is the newest one.",
      required: true,
      valueHint: "…",
    },
    ...workspaceFlags,
    ...contextFlags,
    ...lockedFlags,
    force: { type: "boolean", description: "Replace blocks even if their files were changed here." },
  },
  run: async ({ args, data }) => {
    const program: CommandData = data;
    const messages = messagesTo(program.outputs);
    const pulled = program.positionals.map((text) => ({
      ...blockReference(text),
      by: "the command line",
      position: undefined,
    }));
    // Blocks whose parents are missing are what this repairs.
    const workspace = openWorkspace(messagesTo(program.outputs, { quiet: true }), args.workspace);
    const engine = findEngine(workspace, { program: args.engine, flag: args.context });
    const request = { pulled, force: args.force === true, locked: args.locked, engine };
    const installed = await installNeeded(workspace, request, messages, program);
    printInstalled(installed, messages);
    for (const { block, how } of installed) {
      if (how === "unchanged") messages.notice(`${block.reference} is installed already`);
    }
    return 0;
  },
});
