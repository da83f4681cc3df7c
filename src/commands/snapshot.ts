import { defineCommand } from "citty";
import { writeYaml } from "../plan/writeYaml.ts";
import type { CommandData } from "./commandLine.ts";
import { containerFlags, workspaceFlags } from "./flags.ts";
import { openWorkspace, readContainer, subjectOf } from "./prepare.ts";

export default defineCommand({
  meta: { name: "snapshot", description: "Print the snapshot that an action would get to see." },
  args: {
    block: { type: "positional", description: "A block.", required: false },
    action: { type: "positional", description: "One of its actions.", required: false },
    ...workspaceFlags,
    ...containerFlags,
  },
  run: ({ args, data }) => {
    const checked: CommandData = data;
    const workspace = openWorkspace(args.workspace, args.block);
    const { snapshot } = readContainer(workspace, subjectOf(workspace, args.block, args.action), checked);
    process.stdout.write(writeYaml(snapshot));
    return 0;
  },
});
