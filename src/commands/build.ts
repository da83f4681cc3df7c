import { defineCommand } from "citty";
import { exitCodes, PolycrateError, printable } from "../errors.ts";
import { buildReason, workspaceImages } from "../execution/buildReason.ts";
import { thisHost } from "../execution/host.ts";
import { planBuild } from "../plan/image.ts";
import type { Plan } from "../plan/plan.ts";
import type { BuildContext } from "../workspace/buildContext.ts";
import { carryOutUnrecorded, printOrExecute } from "./carryOut.ts";
import type { CommandData } from "./commandLine.ts";
import { dryRunFlags, imageFlags, workspaceFlags } from "./flags.ts";
import { openWorkspace, prepareImage, readContainer, subjectOf } from "./prepare.ts";
import { formatTable } from "./table.ts";

export default defineCommand({
  meta: {
    name: "build",
    description: "Build the workspace's image if its content has changed, and print its reference.",
  },
  args: {
    ...workspaceFlags,
    dockerfile: imageFlags.dockerfile,
    build: imageFlags.build,
    pull: { type: "boolean", description: "Pull newer base images." },
    cache: {
      type: "boolean",
      description: "Use what earlier builds left, which is the default.",
      negativeDescription: "Build anew, and use nothing of earlier builds.",
    },
    explain: {
      type: "boolean",
      description: "List what the image's tag is the hash of, and what changed; build nothing.",
    },
    ...dryRunFlags,
  },
  run: async ({ args, data }) => {
    const checked: CommandData = data;
    const workspace = openWorkspace(args.workspace);
    const noCache = args.cache === false;
    const image = await prepareImage(
      workspace,
      {
        ...args,
        build: args.build ?? (noCache || undefined),
        pull: args.pull === true ? "always" : undefined,
      },
      noCache,
    );
    if (image.build === undefined) {
      throw new PolycrateError("the workspace has no Dockerfile", {
        hint: `there is nothing to build: actions run in \`${image.reference}\``,
        exitCode: exitCodes.wrongCommandLine,
      });
    }
    if (args.explain === true) return explain(workspace.path, image.reference, image.build.context);
    const plan: Plan = {
      title: "polycrate build",
      workspace: workspace.path,
      runDirectory: undefined,
      folders: [],
      files: [{ path: ".polycrate/.gitignore", mode: 0o644, content: "*\n", lifetime: "stays" }],
      steps: planBuild(image),
    };
    const subject = subjectOf(workspace, undefined, undefined);
    const { container } = readContainer(workspace, subject, checked);
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

/** Prints the files of the hash, and on standard error what is different from the image that was built last. */
async function explain(workspace: string, reference: string, context: BuildContext): Promise<number> {
  const rows = Array.from(context.digests, ([path, digest]) => [digest, printable(path)]);
  process.stdout.write(formatTable(rows, undefined));
  const why = context.wholeContextReason;
  const say = (line: string) => process.stderr.write(`${printable(line)}\n`);
  if (why !== undefined) say(`the whole workspace counts: line ${why.line}: ${why.reason}`);
  const images = await workspaceImages(workspace, thisHost());
  const isBuilt = images.some(({ references }) => references.includes(reference));
  say(
    isBuilt
      ? `${reference} is built`
      : `${reference} is to be built: ${await buildReason(workspace, context, thisHost())}`,
  );
  return 0;
}
