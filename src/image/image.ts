import type { BuildContext } from "./buildContext.ts";

/** The image of a run: a reference and, when it is built from a Dockerfile, how. */
export type Image = {
  readonly reference: string;
  readonly build: ImageBuild | undefined;
  /** What the lock file said of it; undefined when there is none. */
  readonly lock?: ImageLock | undefined;
};

/** The digests by which images are used, by their names, and the images of the workspace that the lock file does not have. */
export type ImageLock = {
  readonly digests: ReadonlyMap<string, string>;
  readonly missing: readonly string[];
};

export type ImageBuild = {
  readonly context: BuildContext;
  readonly noCache: boolean;
  readonly pull: boolean;
  /** `always` builds even if the image exists; `never` does not build. */
  readonly when: "missing" | "always" | "never";
};

/** How much of docker's output a build shows: all, the current step and the end of a failure, or only that end. */
export type BuildOutput = "whole" | "step" | "failure";
