import type { BuildContext } from "./buildContext.ts";

/** The repository of all images that are built from workspaces. */
export const workspaceRepository = "polycrate-workspace";

/** The name of the image that the last command used, to inspect it by hand. */
export const latestImage = `${workspaceRepository}:latest`;

/** Returns the tag of the image that is built from this context: equal contexts give equal tags. */
export function tagOf(context: BuildContext): string {
  return `${workspaceRepository}:${context.hash.slice(0, 32)}`;
}
