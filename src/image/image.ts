import type { BuildContext } from "./buildContext.ts";

/** The image of a run: a reference and, when it is ours to make, how. */
export type Image = { readonly reference: string; readonly build: ImageBuild | undefined };

export type ImageBuild = {
  readonly context: BuildContext;
  readonly noCache: boolean;
  readonly pull: boolean;
  /** `always` builds though the image is there; `never` refuses to. */
  readonly when: "missing" | "always" | "never";
};

/** How much of docker's output a build shows: all, the current step and the end of a failure, or that end alone. */
export type BuildOutput = "whole" | "step" | "failure";

/** The repository of all images that are built from workspaces. */
export const workspaceRepository = "polycrate-workspace";

/** The name of the image that a workspace's last command found or built, for looking into it by hand. */
export const latestImage = `${workspaceRepository}:latest`;

/** Returns the tag of the image that is built from this context: equal contexts give equal tags. */
export function tagOf(context: BuildContext): string {
  return `${workspaceRepository}:${context.hash.slice(0, 32)}`;
}
