import type { Engine } from "../engine/engine.ts";
import type { Arg } from "../host/arg.ts";
import type { BuildContext } from "../image/buildContext.ts";
import type { MissingFile } from "../workspace/blockPaths.ts";
import type { SecretSource } from "../workspace/environment.ts";

/** Everything that will be done, and nothing else; it is printed by a dry run and executed by a run. */
export type Plan = {
  readonly engine: Engine;
  /** A sentence for the head of the printed script. */
  readonly title: string;
  /** Absolute; every folder below and every file that stays is relative to it, and every step is started in it. */
  readonly workspace: string;
  /** The run's own folder, mode 0700, removed at the end; undefined when nothing has to be written. */
  readonly runDirectory: RunDirectory | undefined;
  /** Files that have to be there before anything is done. */
  readonly requires?: readonly MissingFile[];
  /** Folders that have to be there, and stay. */
  readonly folders: readonly string[];
  readonly files: readonly PlannedFile[];
  readonly steps: readonly Step[];
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

/** One docker command. `build` makes the image of a workspace, once for all runs that need it; `toolchain` makes one for all workspaces. */
export type Step = {
  readonly name: "build" | "toolchain" | "users" | "run";
  readonly argv: readonly Arg[];
  /** Variables for docker's own process: the carriers of secrets. */
  readonly environment: readonly StepVariable[];
  /** A build context that the command gets: as a tar on its standard input, or staged in the folder that it is started in. */
  readonly context?: BuildContext;
  readonly unless?: Probe;
  /** The command reads an image; what it prints is kept, and goes into files of the run. */
  readonly reads?: ImageReading;
};

/** Asks whether a step is needed. The step is left out when the command succeeds. */
export type Probe = {
  readonly argv: readonly Arg[];
  /** Names what was found anew, unless the probe has printed that it has the name. No run waits for it or fails of it. */
  readonly rename: { readonly argv: readonly Arg[]; readonly name: string };
};

/** What becomes of text that a command reads from an image. It is read once for each image. */
export type ImageReading = {
  /** The program of the image that prints the text. */
  readonly shell: string;
  /** Prints the id of the image, by which the text is kept; fails when the image is not here. */
  readonly identify: readonly Arg[];
  /** The folder of kept texts; each is named by its image's id. */
  readonly folder: string;
  /** The image may be another by now, so it is read anyway. */
  readonly anew: boolean;
  /**
   * Files of the run. Each gets its content, and then those lines of the text that begin with its label and a colon, without
   * these.
   */
  readonly files: readonly { readonly path: string; readonly label: string; readonly content: string }[];
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
