import { defineCommand } from "citty";
import { quote } from "../../host/arg.ts";
import { chooseTerminal } from "../../plan/terminal.ts";
import { containerFlags, dryRunFlags, imageFlags, workspaceFlags } from "../flags.ts";
import type { CommandData } from "../parseArgs.ts";
import { connections, openWorkspace } from "../running/prepare.ts";
import { runInstead } from "../running/runOneOff.ts";

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
    const checked: CommandData = data;
    const workspace = openWorkspace(args.workspace, args.block);
    const shell = workspace.settings.config.container.shell;
    const here = connections();
    const isPerson = here.stdin === "terminal" && here.stdout !== undefined && !here.ci;
    const work = {
      title: `polycrate shell${args.block === undefined ? "" : ` ${args.block}`}`,
      script: `exec ${quote(shell)} "$@"\n`,
      terminal: chooseTerminal(here, isPerson),
      joined: here.joined,
    };
    return runInstead(workspace, { work, block: args.block, args, data: checked });
  },
});
