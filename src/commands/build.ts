import { defineCommand } from "citty";
import { exitCodes, PolycrateError } from "../errors.ts";
import { planBuild } from "../plan/image.ts";
import type { Plan } from "../plan/plan.ts";
import { carryOutUnrecorded, printOrExecute } from "./carryOut.ts";
import type { CommandData } from "./commandLine.ts";
import { dryRunFlags, imageFlags, workspaceFlags } from "./flags.ts";
import { openWorkspace, prepareContainer, prepareImage, subjectOf } from "./prepare.ts";

export default defineCommand({
  meta: {
    name: "build",
    description: "Build the workspace's image if its content has changed, and print its reference.",
  },
  args: {
    ...workspaceFlags,
    dockerfile: imageFlags.dockerfile,
    build: imageFlags.build,
    pull: imageFlags.pull,
    "no-cache": { type: "boolean", description: "Use nothing of earlier builds." },
    ...dryRunFlags,
  },
  run: async ({ args, data }) => {
    const checked: CommandData = data;
    const workspace = openWorkspace(args.workspace);
    const image = await prepareImage(workspace, args, args["no-cache"] === true);
    if (image.build === undefined) {
      throw new PolycrateError("the workspace has no Dockerfile", {
        hint: `there is nothing to build: actions run in \`${image.reference}\``,
        exitCode: exitCodes.wrongCommandLine,
      });
    }
    const plan: Plan = {
      title: "polycrate build",
      workspace: workspace.path,
      runDirectory: undefined,
      folders: [],
      files: [],
      steps: planBuild(image),
    };
    const subject = subjectOf(workspace, undefined, undefined);
    const { container } = prepareContainer(workspace, subject, checked);
    const terminal = { interactive: false, size: undefined };
    return printOrExecute(
      args["dry-run"] === true,
      async () => ({ title: plan.title, plans: [plan], goOn: false }),
      async () => {
        const exitCode = await carryOutUnrecorded(workspace, plan, { container, image, terminal });
        if (exitCode === 0) process.stdout.write(`${image.reference}\n`);
        return exitCode;
      },
    );
  },
});
