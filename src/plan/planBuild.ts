import type { Engine } from "../engine/engine.ts";
import { label } from "../engine/labels.ts";
import { exitCodes, PolycrateError } from "../errors.ts";
import type { Image } from "../image/image.ts";
import { latestImage } from "../image/tag.ts";
import type { Workspace } from "../workspace/load.ts";
import { ignoreFile } from "./ownFiles.ts";
import type { Plan, Step, Warning } from "./plan.ts";

/** Returns the plan of `polycrate build`, without trust. Throws (64) when there is nothing to build. */
export function planBuild(workspace: Workspace, engine: Engine, image: Image): Plan {
  if (image.build === undefined) {
    throw new PolycrateError("the workspace has no Dockerfile", {
      hint: `there is nothing to build: actions run in \`${image.reference}\``,
      exitCode: exitCodes.wrongCommandLine,
    });
  }
  return {
    engine,
    title: "polycrate build",
    workspace: workspace.path,
    warnings: imageWarnings(image),
    record: undefined,
    stopTimeout: workspace.settings.config.container.stop_timeout,
    runDirectory: undefined,
    requires: [],
    folders: [],
    files: [ignoreFile],
    steps: buildSteps(engine, workspace.path, image),
    finally: [],
    trust: undefined,
  };
}

/** Returns what the user should know of the image: what its context lacks, and names that the lock file does not have. */
export function imageWarnings({ build, lock }: Image): readonly Warning[] {
  return [
    ...(build?.context.warnings ?? []),
    ...(lock?.missing ?? []).map((image) => ({
      message: `the image \`${image}\` is not in \`polycrate.lock\`, so its name is used as it is`,
      hint: "`polycrate lock` adds it",
    })),
  ];
}

/**
 * Returns the steps that build an image; none when the image is not built from a workspace. The image is tagged
 * `polycrate-workspace:latest` afterwards, even if it already existed.
 */
export function buildSteps(engine: Engine, workspace: string, image: Image): readonly Step[] {
  const { reference, build } = image;
  if (build === undefined) return [];
  const rename = engine.tagImage(reference, latestImage);
  if (build.when === "never") return [{ kind: "tag", argv: rename, image }];
  const { context, noCache, pull } = build;
  const argv = engine.build({
    tags: [reference, latestImage],
    // Only one, because each label is a step for the classic builder.
    labels: [label("workspace", workspace)],
    noCache,
    pull,
    file: context.file,
    ignoreFile: context.isExact === true ? "/dev/null" : undefined,
    context: context.sentAs === "tar" ? "-" : ".",
  });
  const unless =
    build.when === "always"
      ? undefined
      : {
          argv: engine.inspectImage("{{.Id}} {{.RepoTags}}", [reference]),
          rename: { argv: rename, name: latestImage },
        };
  return [{ kind: "build", argv, context, image, isOfWorkspace: true, unless }];
}
