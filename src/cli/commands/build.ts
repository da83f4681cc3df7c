import { defineCommand } from "citty";
import { docker } from "../../engine/docker.ts";
import { workspaceImages } from "../../engine/images.ts";
import { exitCodes, PolycrateError, printable } from "../../errors.ts";
import { thisHost } from "../../host/stdio.ts";
import type { Image, ImageBuild } from "../../image/image.ts";
import type { Terminal } from "../../plan/entrypoint.ts";
import type { Plan } from "../../plan/plan.ts";
import { planBuild } from "../../plan/planBuild.ts";
import { buildReason } from "../../run/buildReason.ts";
import type { Workspace } from "../../workspace/load.ts";
import { dryRunFlags, imageFlags, quietFlags, workspaceFlags } from "../flags.ts";
import { readLoudness } from "../output/notices.ts";
import { formatTable } from "../output/table.ts";
import { type ImageFlags, openWorkspace, prepareImage, refuseNested } from "../running/prepare.ts";
import { carryOutUnrecorded, printDryRun } from "../running/runAction.ts";

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
    ...quietFlags,
    verbose: {
      type: "boolean",
      description: "Show each docker command as it is run, and all of docker's output.",
    },
  },
  run: async ({ args }) => {
    const loudness = readLoudness(args);
    const workspace = openWorkspace(args.workspace);
    const noCache = args.cache === false;
    const flags = {
      dockerfile: args.dockerfile,
      build: args.build ?? (noCache || undefined),
      pull: args.pull === true ? "always" : undefined,
    };
    const dryRun = args["dry-run"] === true;
    const planned = await planImage(workspace, flags, { noCache, asks: !dryRun });
    if (args.explain === true) return explain(workspace, planned);
    if (dryRun) return printDryRun({ title, plans: [planned.plan], goOn: false });
    refuseNested(workspace);
    const exitCode = await carryOutUnrecorded(workspace, planned, loudness);
    if (exitCode === 0) process.stdout.write(`${planned.image.reference}\n`);
    return exitCode;
  },
});

const title = "polycrate build";

type PlannedImage = {
  readonly plan: Plan;
  readonly image: Image;
  readonly build: ImageBuild;
  readonly terminal: Terminal;
};

async function planImage(
  workspace: Workspace,
  flags: ImageFlags,
  options: { readonly noCache: boolean; readonly asks: boolean },
): Promise<PlannedImage> {
  const image = await prepareImage(workspace, flags, options);
  const { build } = image;
  if (build === undefined) {
    throw new PolycrateError("the workspace has no Dockerfile", {
      hint: `there is nothing to build: actions run in \`${image.reference}\``,
      exitCode: exitCodes.wrongCommandLine,
    });
  }
  const plan: Plan = {
    engine: docker,
    title,
    workspace: workspace.path,
    runDirectory: undefined,
    folders: [],
    files: [{ path: ".polycrate/.gitignore", mode: 0o644, content: "*\n", lifetime: "stays" }],
    steps: planBuild(docker, workspace.path, image),
  };
  return { plan, image, build, terminal: { interactive: false, size: undefined } };
}

/** Prints the files of the hash, and on standard error what is different from the image that was built last. */
async function explain(workspace: Workspace, { image, build }: PlannedImage): Promise<number> {
  const { context } = build;
  const rows = Array.from(context.digests, ([path, digest]) => [digest, printable(path)]);
  process.stdout.write(formatTable(rows, undefined));
  const why = context.wholeContextReason;
  const say = (line: string) => process.stderr.write(`${printable(line)}\n`);
  if (why !== undefined) say(`the whole workspace counts: line ${why.line}: ${why.reason}`);
  const images = await workspaceImages(docker, workspace.path, thisHost());
  const isBuilt = images.some(({ references }) => references.includes(image.reference));
  say(
    isBuilt
      ? `${image.reference} is built`
      : `${image.reference} is to be built: ${buildReason(workspace.path, context)}`,
  );
  return 0;
}
