import { defineCommand } from "citty";
import { exitCodes, PolycrateError } from "../../errors.ts";
import { containerFlags, dryRunFlags, imageFlags, stdinFlags, workspaceFlags } from "../flags.ts";
import type { CommandData } from "../parseArgs.ts";
import { connections, openWorkspace, terminalFor } from "../running/prepare.ts";
import { runInstead } from "../running/runOneOff.ts";

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
    const checked: CommandData = data;
    if (checked.rest.length === 0) {
      throw new PolycrateError("`polycrate exec` wants a command", {
        hint: "write it behind `--`, like `polycrate exec -- ls -l`",
        exitCode: exitCodes.wrongCommandLine,
      });
    }
    const here = connections();
    const work = {
      title: "polycrate exec",
      script: 'exec "$@"\n',
      terminal: terminalFor(args, false, here, args["dry-run"] === true),
      joined: here.joined,
    };
    return runInstead(openWorkspace(args.workspace, args.block), {
      work,
      block: args.block,
      args,
      data: checked,
    });
  },
});
