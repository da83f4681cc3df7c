import type { Word } from "../host/arg.ts";
import type { BuildContext } from "../image/buildContext.ts";
import type { Step } from "./plan.ts";

/** The image of a run: a reference and, when it is ours to make, how. */
export type Image = { readonly reference: string; readonly build: DockerBuild | undefined };

export type DockerBuild = {
  readonly context: BuildContext;
  readonly noCache: boolean;
  readonly pull: boolean;
  /** `always` builds though the image is there; `never` refuses to. */
  readonly when: "missing" | "always" | "never";
};

/** The repository of all images that are built from workspaces. */
export const workspaceRepository = "polycrate-workspace";

/** Returns the tag of the image that is built from this context: equal contexts give equal tags. */
export function tagOf(context: BuildContext): string {
  return `${workspaceRepository}:${context.hash.slice(0, 32)}`;
}

const latest = `${workspaceRepository}:latest`;

/** The label that says which workspace an image was built for: one, because the classic builder makes a step of each. */
export const workspaceLabel = "polycrate.workspace";

/**
 * Returns the docker build of an image, or nothing when the image is not built from a workspace. Found or built, it is
 * `polycrate-workspace:latest` afterwards.
 */
export function planBuild(workspace: string, { reference, build }: Image): readonly Step[] {
  if (build === undefined) return [];
  const rename: readonly Word[] = ["docker", "image", "tag", reference, latest];
  if (build.when === "never") return [{ name: "build", argv: rename, environment: [] }];
  const { context } = build;
  const argv: readonly Word[] = [
    "docker",
    "build",
    `--tag=${reference}`,
    `--tag=${latest}`,
    `--label=${workspaceLabel}=${workspace}`,
    // The classic builder keeps the container of an instruction that failed, unless it is told not to.
    "--force-rm",
    ...(build.noCache ? ["--no-cache"] : []),
    ...(build.pull ? ["--pull"] : []),
    `--file=${context.file}`,
    context.sentAs === "tar" ? "-" : ".",
  ];
  const step: Step = { name: "build", argv, environment: [], context };
  if (build.when === "always") return [step];
  const probe = ["docker", "image", "inspect", "--format={{.Id}} {{.RepoTags}}", reference];
  return [{ ...step, unless: { argv: probe, rename: { argv: rename, name: latest } } }];
}
