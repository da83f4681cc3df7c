import { defineCommand } from "citty";
import { stdout } from "../../host/output.ts";
import { describeContainer } from "../../plan/container.ts";
import { takeSnapshot } from "../../plan/snapshot.ts";
import { findEngine } from "../../run/findEngine.ts";
import { findTarget } from "../../run/findTarget.ts";
import { observeContainer } from "../../run/observe.ts";
import { writeYaml } from "../../yaml/write.ts";
import { readActionInputs } from "../actionInputs.ts";
import { containerFlags, contextFlags, inputFlag, workspaceFlags } from "../flags.ts";
import { openWithSecrets } from "../openWorkspace.ts";
import { messagesTo } from "../output/messages.ts";
import type { CommandData } from "../parseArgs.ts";

export default defineCommand({
  meta: { name: "snapshot", description: "Print the snapshot that an action would read." },
  args: {
    block: { type: "positional", description: "A block.", required: false },
    action: { type: "positional", description: "One of its actions.", required: false },
    ...workspaceFlags,
    ...contextFlags,
    ...inputFlag,
    ...containerFlags,
  },
  run: async ({ args, data }) => {
    const { outputs, all, withInputs }: CommandData = data;
    const workspace = await openWithSecrets(messagesTo(outputs), args.workspace, args.block, {
      need: "if possible",
    });
    const target = findTarget(workspace, args.block, args.action);
    const { block, action } = target;
    const inputs =
      block === undefined || action === undefined
        ? []
        : await readActionInputs({ ...target, block, action }, { all, withInputs }, { dryRun: true });
    const engine = findEngine(workspace, { program: args.engine, flag: args.context });
    const facts = observeContainer(workspace, engine, target, {
      inputs,
      env: all("env"),
      mounts: all("mount"),
      dryRun: true,
    });
    const container = describeContainer(workspace, target, facts, false);
    stdout.write(writeYaml(takeSnapshot(workspace, target, container, facts)));
    return 0;
  },
});
