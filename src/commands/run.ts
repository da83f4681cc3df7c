import { defineCommand } from "citty";
import { thisOwner, writeOwner } from "../execution/owner.ts";
import { planRun } from "../plan/planRun.ts";
import { scriptOf } from "../plan/script.ts";
import { chooseTerminal } from "../plan/terminal.ts";
import { carryOut } from "./carryOut.ts";
import type { CommandData } from "./commandLine.ts";
import { containerFlags, dryRunFlags, imageFlags, workspaceFlags, yesFlags } from "./flags.ts";
import {
  connections,
  isSelinuxEnforcing,
  openWorkspace,
  prepareContainer,
  prepareImage,
  pullPolicy,
  subjectOf,
} from "./prepare.ts";

export default defineCommand({
  meta: { name: "run", description: "Run an action in a container." },
  args: {
    block: { type: "positional", description: "The block: NAME, NAME:VERSION or an alias.", required: true },
    action: { type: "positional", description: "Its action.", required: true },
    ...workspaceFlags,
    ...imageFlags,
    ...containerFlags,
    interactive: { type: "boolean", alias: "i", description: "Connect this terminal to the action." },
    ...dryRunFlags,
    ...yesFlags,
  },
  run: async ({ args, data }) => {
    const { rest }: CommandData = data;
    const workspace = openWorkspace(args.workspace);
    const subject = subjectOf(workspace, args.block, args.action);
    const { block, action } = subject;
    if (block === undefined || action === undefined) throw new Error("a run has a block and an action");
    const { container, snapshot } = prepareContainer(workspace, subject, data);
    const image = await prepareImage(workspace, args);
    const interactive = args.interactive ?? action.settings.interactive ?? false;
    const terminal = chooseTerminal(connections(), interactive);
    const plan = planRun(container, snapshot, {
      title: `polycrate run ${block.resolved.name} ${action.name}`,
      workspace: workspace.path,
      image,
      terminal,
      script: scriptOf(action),
      arguments: rest,
      pull: pullPolicy(image, args),
      folders: [block.places.artifacts],
      owner: writeOwner(thisOwner()),
      selinux: isSelinuxEnforcing(),
    });
    return carryOut(
      plan,
      { workspace, container, image, terminal, transaction: { block, action } },
      args["dry-run"] === true,
    );
  },
});
