import { defineCommand } from "citty";
import { writeYaml } from "../../yaml/write.ts";
import { containerFlags, workspaceFlags } from "../flags.ts";
import type { CommandData } from "../parseArgs.ts";
import { openWorkspace, readContainer, subjectOf } from "../running/prepare.ts";

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
    const subject = subjectOf(workspace, args.block, args.action);
    const { snapshot } = readContainer(workspace, subject, checked, false);
    process.stdout.write(writeYaml(snapshot));
    return 0;
  },
});
