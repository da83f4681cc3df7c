import { defineCommand } from "citty";
import type { Engine } from "../../engine/engine.ts";
import { workspaceImages } from "../../engine/images.ts";
import { printable } from "../../errors.ts";
import { stderr, stdout } from "../../host/output.ts";
import { thisHost } from "../../host/stdio.ts";
import type { Image } from "../../image/image.ts";
import type { Plan } from "../../plan/plan.ts";
import { planBuild } from "../../plan/planBuild.ts";
import type { ImageOptions } from "../../plan/runOptions.ts";
import { buildReason } from "../../run/buildReason.ts";
import { findEngine } from "../../run/findEngine.ts";
import { assertNotNested } from "../../run/observe.ts";
import { observeImage } from "../../run/observeImage.ts";
import type { Workspace } from "../../workspace/load.ts";
import { contextFlags, dryRunFlags, imageFlags, lockedFlags, quietFlags, workspaceFlags } from "../flags.ts";
import { openWorkspace } from "../openWorkspace.ts";
import { messagesTo, readVerbosity } from "../output/messages.ts";
import { formatTable } from "../output/table.ts";
import type { CommandData } from "../parseArgs.ts";
import { runOrPrint } from "../runOrPrint.ts";

export default defineCommand({
  meta: {
    name: "build",
    description: "Build the workspace's image if its content has changed, and print its reference.",
  },
  args: {
    ...workspaceFlags,
    ...contextFlags,
    dockerfile: imageFlags.dockerfile,
    build: imageFlags.build,
    ...lockedFlags,
    pull: { type: "boolean", description: "Pull newer base images." },
    cache: {
      type: "boolean",
      description: "Use the build cache, which is the default.",
      negativeDescription: "Rebuild the image without the build cache.",
    },
    explain: {
      type: "boolean",
      description: "List the files in the hash that is the image's tag, and what changed, without building.",
    },
    ...dryRunFlags,
    ...quietFlags,
    verbose: {
      type: "boolean",
      description: "Show each docker command, and all of docker's output.",
    },
  },
  run: async ({ args, data }) => {
    const program: CommandData = data;
    const verbosity = readVerbosity(args);
    const workspace = openWorkspace(messagesTo(program.outputs, verbosity), args.workspace);
    const noCache = args.cache === false;
    const dryRun = args["dry-run"] === true;
    const options: ImageOptions = {
      dockerfile: args.dockerfile,
      build: args.build ?? (noCache || undefined),
      pull: args.pull === true ? "always" : undefined,
      locked: args.locked,
      noCache,
    };
    const engine = findEngine(workspace, { program: args.engine, flag: args.context });
    const image = await observeImage(workspace, engine, options, { asks: !dryRun });
    const plan = planBuild(workspace, engine, image);
    if (args.explain === true) return explain(workspace, engine, image);
    if (!dryRun) assertNotNested(workspace);
    const trusted = async (trust: Plan["trust"]) => ({ ...plan, trust });
    const exitCode = await runOrPrint(workspace, trusted, { ...verbosity, dryRun }, program);
    if (exitCode === 0 && !dryRun) stdout.write(`${image.reference}\n`);
    return exitCode;
  },
});

/** Prints the files of the hash and, on standard error, what changed since the last build. */
async function explain(workspace: Workspace, engine: Engine, { reference, build }: Image): Promise<number> {
  if (build === undefined) return 0;
  const { context } = build;
  const rows = Array.from(context.digests, ([path, digest]) => [digest, printable(path)]);
  stdout.write(formatTable(rows, undefined));
  const why = context.wholeContextReason;
  const say = (line: string) => stderr.write(`${printable(line)}\n`);
  if (why !== undefined) say(`the whole workspace is in the hash: line ${why.line}: ${why.reason}`);
  const images = await workspaceImages(engine, workspace.path, thisHost());
  const isBuilt = images.some(({ references }) => references.includes(reference));
  say(
    isBuilt
      ? `${reference} already exists`
      : `${reference} has to be built: ${buildReason(workspace.path, context)}`,
  );
  return 0;
}
