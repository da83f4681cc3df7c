import type { BuildContext } from "../workspace/buildContext.ts";
import type { Step } from "./plan.ts";
import type { Word } from "./words.ts";

/** The image of a run: a reference and, when it is ours to make, how. */
export type Image = { readonly reference: string; readonly build: DockerBuild | undefined };

export type DockerBuild = {
  readonly context: BuildContext;
  readonly labels: ReadonlyMap<string, string>;
  readonly noCache: boolean;
  readonly pull: boolean;
  /** `always` builds though the image is there; `never` refuses to. */
  readonly when: "missing" | "always" | "never";
};

export const workspaceRepository = "polycrate-workspace";

/** Returns the tag of the image that is built from this context: equal contexts give equal tags. */
export function tagOf(context: BuildContext): string {
  return `${workspaceRepository}:${context.hash.slice(0, 32)}`;
}

/** Returns the docker build of an image, or nothing when the image is somebody else's. */
export function planBuild({ reference, build }: Image): readonly Step[] {
  if (build === undefined || build.when === "never") return [];
  const argv: readonly Word[] = [
    "docker",
    "build",
    `--tag=${reference}`,
    `--tag=${workspaceRepository}:latest`,
    ...Array.from(build.labels, ([name, value]) => `--label=${name}=${value}`),
    ...(build.noCache ? ["--no-cache"] : []),
    ...(build.pull ? ["--pull"] : []),
    `--file=${build.context.dockerfile}`,
    "-",
  ];
  const step: Step = { name: "build", argv, environment: [], stdin: build.context };
  return [build.when === "always" ? step : { ...step, unless: ["docker", "image", "inspect", reference] }];
}
