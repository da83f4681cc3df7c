import { defineCommand } from "citty";
import { exitCodes, PolycrateError } from "../../errors.ts";
import { blocksOf } from "../../workspace/blocks/overlayBlocks.ts";
import { resolveBlock } from "../../workspace/blocks/resolveBlock.ts";
import { isBlockName } from "../../workspace/poly/schema/names.ts";
import { workspaceFlags } from "../flags.ts";
import { derivedBlock, newBlock, schemaFolder } from "../init/templates.ts";
import { pathExists, writeNewFiles } from "../init/writeFiles.ts";
import { openWorkspace } from "../openWorkspace.ts";
import { messagesTo } from "../output/messages.ts";
import type { CommandData } from "../parseArgs.ts";

export default defineCommand({
  meta: { name: "block new", description: "Create a block in the workspace's folder of blocks." },
  args: {
    name: { type: "positional", description: "The name of the block and of its folder.", required: true },
    from: { type: "string", valueHint: "BLOCK", description: "Inherit from this block." },
    ...workspaceFlags,
  },
  run: ({ args, data }) => {
    const { outputs }: CommandData = data;
    const workspace = openWorkspace(messagesTo(outputs), args.workspace);
    const { name, from } = args;
    if (!isBlockName(name) || /\s/.test(name) || name.split("/").some((segment) => segment.startsWith("."))) {
      throw new PolycrateError(`invalid block name \`${name}\``, {
        hint: "use a name like `my-app` or `infra/database`, without spaces, `..`, `//` or hidden folders",
        exitCode: exitCodes.wrongCommandLine,
      });
    }
    if (blocksOf(workspace).some((block) => block.name === name)) {
      throw new PolycrateError(`block \`${name}\` already exists`, {
        hint: `\`polycrate inspect ${name}\` shows it`,
        exitCode: exitCodes.wrongCommandLine,
      });
    }
    const path = `${workspace.layout.blocksRoot}/${name}/${workspace.settings.config.blocksconfig}`;
    if (pathExists(workspace.path, path)) {
      throw new PolycrateError(`\`${path}\` already exists`, {
        hint: "choose another name",
        exitCode: exitCodes.wrongCommandLine,
      });
    }
    const hasSchema = pathExists(workspace.path, `${schemaFolder}/block.json`);
    const up = hasSchema ? path.replace(/\/[^/]*$/, "").replace(/[^/]+/g, "..") : undefined;
    const content =
      from === undefined
        ? newBlock(name, up)
        : derivedBlock(
            name,
            from,
            up,
            resolveBlock(workspace, from).settings.actions.map((one) => one.name),
          );
    writeNewFiles(workspace.path, [{ path, content }]);
    return 0;
  },
});
