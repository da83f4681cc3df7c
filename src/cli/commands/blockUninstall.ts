import { join } from "node:path";
import { defineCommand } from "citty";
import { exitCodes, PolycrateError } from "../../errors.ts";
import { isFolder } from "../../host/fileStatus.ts";
import { blockReference } from "../../registry/blockReference.ts";
import { uninstallBlock } from "../../registry/installBlocks.ts";
import { assertNotNested } from "../../run/observe.ts";
import { workspaceFlags } from "../flags.ts";
import { openWorkspace } from "../openWorkspace.ts";
import { messagesTo } from "../output/messages.ts";
import type { CommandData } from "../parseArgs.ts";
import { untilSignal } from "../untilSignal.ts";

export default defineCommand({
  meta: { name: "block uninstall", description: "Remove the folders of blocks of a registry." },
  args: {
    name: {
      type: "positional",
      description: "`REGISTRY/NAME`, with or without a version.",
      required: true,
      valueHint: "…",
    },
    ...workspaceFlags,
    force: { type: "boolean", description: "Remove blocks even if their files were changed here." },
  },
  run: async ({ args, data }) => {
    const program: CommandData = data;
    const messages = messagesTo(program.outputs);
    const workspace = openWorkspace(messages, args.workspace);
    assertNotNested(workspace);
    const folders = program.positionals.map((text) =>
      join(workspace.layout.blocksRoot, blockReference(text).name),
    );
    const missing = folders.find((folder) => !isFolder(join(workspace.path, folder)));
    if (missing !== undefined) {
      throw new PolycrateError(`\`${missing}\` does not exist`, {
        hint: "`polycrate list` shows the installed blocks",
        exitCode: exitCodes.wrongCommandLine,
      });
    }
    await untilSignal(program, async (cancelled) => {
      for (const folder of folders) {
        await uninstallBlock(workspace, folder, {
          ...{ force: args.force === true, cancelled, onWait: messages.notice },
        });
        messages.notice(`removed ${folder}`);
      }
    });
    return 0;
  },
});
