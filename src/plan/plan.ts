import type { Engine } from "../engine/engine.ts";
import type { Arg } from "../host/arg.ts";
import type { BuildContext } from "../image/buildContext.ts";
import type { Image } from "../image/image.ts";
import type { MissingFile } from "../workspace/blockPaths.ts";
import type { ActionSource } from "../workspace/blocks/actionSource.ts";
import type { SecretSource } from "../workspace/environment.ts";
import type { Terminal } from "./terminal.ts";

/** Everything that will be done, and nothing else: a dry run prints it, a run carries it out. */
export type Plan = {
  readonly engine: Engine;
  /** A sentence for the head of the printed script. */
  readonly title: string;
  /** Absolute; every folder below and every file that stays is relative to it, and every step is started in it. */
  readonly workspace: string;
  /** What the user should know before, in the order of importance. */
  readonly warnings: readonly Warning[];
  /** What a record of the run says; undefined when no record is kept. */
  readonly record: RecordPlan | undefined;
  /** Seconds between a signal and the kill. */
  readonly stopTimeout: number;
  /** The run's own folder, mode 0700, removed at the end; undefined when nothing has to be written. */
  readonly runDirectory: RunDirectory | undefined;
  /** Files that have to be there before anything is done. */
  readonly requires: readonly MissingFile[];
  /** Folders that have to be there, and stay. */
  readonly folders: readonly string[];
  readonly files: readonly PlannedFile[];
  readonly steps: readonly Step[];
};

/** The plan of an action, which is recorded. */
export type ActionPlan = Plan & { readonly record: RecordPlan };

/** Something that is not an error, and what to do about it. */
export type Warning = { readonly message: string; readonly hint: string };

/** What is known of a run's record before the run. */
export type RecordPlan = {
  readonly id: string;
  readonly block: string;
  readonly action: string;
  readonly workflow: string | undefined;
  readonly workflowRun: string | undefined;
  readonly step: string | undefined;
  readonly image: string;
  readonly version: string;
  /** Who runs it, by login name. */
  readonly user: string;
  /** The folder of records and logs, the block's artifacts folder, and the folder the action runs in, relative to the workspace. */
  readonly logsRoot: string;
  readonly artifacts: string;
  readonly blockFolder: string | undefined;
};

/**
 * Where the folders of a workspace's runs are. `root` is there already and not for others to change; `folder` is relative
 * to it.
 */
export type RunPlace = { readonly root: string; readonly folder: string };

/** A folder of one run: `path` is relative to `root`, which is there. */
export type RunDirectory = { readonly root: string; readonly path: string };

/**
 * A file to write. Those of the run are new, and relative to its directory; one that stays is written only when it is not
 * there yet.
 */
export type PlannedFile = {
  readonly path: string;
  readonly mode: number;
  readonly content: string;
  readonly lifetime: "run" | "stays";
};

/** One command of the engine's client, and what surrounds it. */
export type Step = BuildStep | TagStep | ProbeStep | ContainerStep;

/** Builds an image. */
export type BuildStep = {
  readonly kind: "build";
  readonly argv: readonly Arg[];
  /** What the command gets: as a tar on its standard input, or staged in the folder that it is started in. */
  readonly context: BuildContext;
  readonly image: Image;
  /** The image of a workspace is built once for all runs that need it, and what it was built from is remembered. */
  readonly isOfWorkspace: boolean;
  readonly unless: ImageQuery | undefined;
};

/** Gives an image that must exist a second name. */
export type TagStep = { readonly kind: "tag"; readonly argv: readonly Arg[]; readonly image: Image };

/** Asks whether an image exists: the build is left out when the command succeeds. */
export type ImageQuery = {
  readonly argv: readonly Arg[];
  /** Gives the image that was found this name, unless the query printed that it has it. No run waits for it or fails of it. */
  readonly rename: { readonly argv: readonly Arg[]; readonly name: string };
};

/** Reads text from an image, once for each image, and writes files of the run with it. */
export type ProbeStep = {
  readonly kind: "probe";
  readonly argv: readonly Arg[];
  readonly image: Image;
  readonly container: string;
  readonly probe: ImageProbe;
};

/** What becomes of the text that a command prints of an image. */
export type ImageProbe = {
  /** The program of the image that prints the text. */
  readonly shell: string;
  /** Prints the id of the image, by which the text is kept; fails when the image does not exist here. */
  readonly identify: readonly Arg[];
  /** The folder of kept texts; each is named by its image's id. */
  readonly folder: string;
  /** The image may be another by now, so it is read anyway. */
  readonly refresh: boolean;
  /**
   * Files of the run. Each gets its content, and then those lines of the text that begin with its label and a colon, without
   * these.
   */
  readonly files: readonly { readonly path: string; readonly label: string; readonly content: string }[];
};

/** Runs the container. */
export type ContainerStep = {
  readonly kind: "run";
  readonly argv: readonly Arg[];
  /** Variables for the client's own process: the values of secrets. */
  readonly environment: readonly StepVariable[];
  readonly image: Image;
  readonly container: string;
  readonly shell: string;
  /** The items of an action's script, so that a line that failed is found in them; empty for anything else. */
  readonly items: readonly string[];
  /** Where the action's script or playbook is written; undefined for anything else. */
  readonly source: ActionSource | undefined;
  /** The file in which the entrypoint notes how far it came. */
  readonly status: string;
  readonly terminal: Terminal;
  /** Seconds after which the container is stopped, counted from when the engine is asked to run it. */
  readonly timeout: number | undefined;
  /** A shell opens in the container when the script fails; from then on the timeout does not apply. */
  readonly inspects: boolean;
};

/**
 * A variable of a step's process, and how a shell that repeats the step finds its value: `streams` is 1 when standard output
 * and standard error are one file, else 0.
 */
export type StepVariable = {
  readonly name: string;
  readonly value: string;
  readonly from: SecretSource | { readonly streams: true };
};

/** Returns the values that no output, log or record may show. */
export function secretValues({ steps }: Plan): readonly string[] {
  return steps.flatMap((step) => (step.kind === "run" ? step.environment.map(({ value }) => value) : []));
}
