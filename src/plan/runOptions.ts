import type { PullPolicy } from "../engine/engine.ts";

/** What the command line says of the image. */
export type ImageOptions = {
  readonly image?: string | undefined;
  /** Relative to the working directory. */
  readonly dockerfile?: string | undefined;
  /** True builds even if the image exists, false never builds. */
  readonly build?: boolean | undefined;
  readonly pull?: PullPolicy | undefined;
  /** Use nothing of earlier builds. */
  readonly noCache?: boolean | undefined;
};

/** What the command line says of a run. */
export type RunOptions = ImageOptions & {
  /** Values of `--env` and `--mount`, as written. */
  readonly env: readonly string[];
  readonly mounts: readonly string[];
  /** What follows `--`. */
  readonly arguments: readonly string[];
  /** `--interactive` and `--no-stdin`; undefined leaves it to the action and to what standard input is. */
  readonly interactive?: boolean | undefined;
  readonly stdin?: boolean | undefined;
  /** Open a shell where the script fails. */
  readonly shellOnFailure?: boolean | undefined;
  /** Seconds; wins over the action's own timeout. */
  readonly timeout?: number | undefined;
  /** Questions are answered with yes. */
  readonly yes: boolean;
  /** The plan is printed, not carried out: nothing is asked for it. */
  readonly dryRun: boolean;
  /** Standard output is for the record; the action's goes to standard error. */
  readonly report: boolean;
  /** The id that all runs of a workflow share. */
  readonly workflowRun?: string | undefined;
};
