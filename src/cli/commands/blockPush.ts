import { defineCommand } from "citty";
import { exitCodes, PolycrateError } from "../../errors.ts";
import { stdout } from "../../host/output.ts";
import { pushBlock } from "../../registry/pushBlock.ts";
import { findEngine } from "../../run/findEngine.ts";
import { assertNotNested } from "../../run/observe.ts";
import { resolveBlock } from "../../workspace/blocks/resolveBlock.ts";
import { contextFlags, workspaceFlags } from "../flags.ts";
import { openWorkspace } from "../openWorkspace.ts";
import { messagesTo } from "../output/messages.ts";
import type { CommandData } from "../parseArgs.ts";
import { untilSignal } from "../untilSignal.ts";

export default defineCommand({
  meta: {
    name: "block push",
    description:
      "Send a block to the registry that its name begins with, under its version and `latest`. A version that exists is never replaced.",
  },
  args: {
    block: { type: "positional", description: "The block (NAME or NAME:VERSION).", required: true },
    ...workspaceFlags,
    ...contextFlags,
  },
  run: async ({ args, data }) => {
    const program: CommandData = data;
    const { notice, ...messages } = messagesTo(program.outputs);
    const workspace = openWorkspace({ notice, ...messages }, args.workspace, args.block);
    assertNotNested(workspace);
    const { lineage } = resolveBlock(workspace, args.block);
    const source = lineage[0].sources.find(({ directory }) => directory !== undefined);
    if (source?.directory === undefined) {
      throw new PolycrateError(`block \`${args.block}\` has no folder`, {
        hint: "move it from `workspace.poly` to a folder of its own, with a `block.poly`",
        exitCode: exitCodes.wrongCommandLine,
      });
    }
    const engine = findEngine(workspace, { program: args.engine, flag: args.context });
    const block = { ...source, directory: source.directory };
    const { reference, digest, isNew, newer } = await untilSignal(program, (cancelled) =>
      pushBlock(workspace, engine, block, { directory: workspace.path, environment: process.env, cancelled }),
    );
    notice(isNew ? `pushed ${reference}` : `${reference} is in the registry already, with the same files`);
    if (newer !== undefined) notice(`\`latest\` is still version ${newer}, which is newer`);
    stdout.write(`${reference}@${digest}\n`);
    return 0;
  },
});
