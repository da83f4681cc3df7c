import type { ClientProgram, PullPolicy } from "../engine/engine.ts";
import type { Trust } from "../trust/trust.ts";
import type { Input } from "../workspace/inputs/values.ts";

/** The command line's options for the image. */
export type ImageOptions = {
  readonly image?: string | undefined;
  /** Relative to the working directory. */
  readonly dockerfile?: string | undefined;
  /** True builds even if the image exists, false never builds. */
  readonly build?: boolean | undefined;
  readonly pull?: PullPolicy | undefined;
  /** Whether images must be in the lock file; undefined: in CI, if there is one. */
  readonly locked?: boolean | undefined;
  /** Build without the build cache. */
  readonly noCache?: boolean | undefined;
};

/** What was said about warm containers; without seconds, those of the workspace, else 15 minutes. */
export type WarmOption = {
  readonly seconds: number | undefined;
  /** By a flag of this run: the user is told if it cannot be. */
  readonly isFlag: boolean;
};

/** The command line's options for a run. */
export type RunOptions = ImageOptions & {
  /** The client that `--engine` names. */
  readonly engine?: ClientProgram | undefined;
  /** The docker context that `--context` names. */
  readonly context?: string | undefined;
  /** The values of `--env` and `--mount`, as written. */
  readonly env: readonly string[];
  readonly mounts: readonly string[];
  /** What follows `--`. */
  readonly arguments: readonly string[];
  /** The inputs of the action that have a value. */
  readonly inputs: readonly Input[];
  /** `--interactive` and `--no-stdin`; undefined leaves it to the action and to what standard input is. */
  readonly interactive?: boolean | undefined;
  readonly stdin?: boolean | undefined;
  /** Open a shell where the script fails. */
  readonly shellOnFailure?: boolean | undefined;
  /** Seconds; wins over the action's own timeout. */
  readonly timeout?: number | undefined;
  /** Keep the container warm for some seconds; 0 is never, undefined leaves it to the workspace. */
  readonly warm?: WarmOption | undefined;
  /** What the workspace was trusted with; undefined for a dry run. */
  readonly trust?: Trust | undefined;
  /** Answer questions with yes. */
  readonly yes: boolean;
  /** The plan is printed, not executed, so neither the user nor the engine is asked anything. */
  readonly dryRun: boolean;
  /** Standard output is used for the record, so the action's goes to standard error. */
  readonly report: boolean;
  /** It runs beside others, so it has neither a standard input nor a terminal. */
  readonly inGraph?: boolean | undefined;
  /** The id that all runs of a workflow share. */
  readonly workflowRun?: string | undefined;
  /** How often the step of a workflow has been run with this, from 1; 1 if left out. */
  readonly attempt?: number | undefined;
};
