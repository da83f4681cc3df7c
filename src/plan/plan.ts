import type { Engine } from "../engine/engine.ts";
import type { Arg } from "../host/arg.ts";
import type { BuildContext } from "../image/buildContext.ts";
import type { Image } from "../image/image.ts";
import type { Trust } from "../trust/trust.ts";
import type { MissingFile } from "../workspace/blockPaths.ts";
import type { ActionSource } from "../workspace/blocks/actionSource.ts";
import type { Combination } from "../workspace/matrix.ts";
import type { YamlScalar } from "../yaml/value.ts";
import type { CreateStep, FetchStep, Handed, RemoveStep, SendStep } from "./remote/steps.ts";
import type { StepVariable } from "./stepVariable.ts";
import type { Terminal } from "./terminal.ts";

/** Everything that a run does, and nothing else: a dry run prints it, a run executes it. */
export type Plan = {
  readonly engine: Engine;
  /** A sentence for the head of the printed script. */
  readonly title: string;
  /** Absolute. Folders and files that stay are relative to it, and every step is started in it. */
  readonly workspace: string;
  /** What the user should know before the run, in the order of importance. */
  readonly warnings: readonly Warning[];
  /** The contents of the run's record; undefined when no record is kept. */
  readonly record: RecordPlan | undefined;
  /** Seconds between a signal and the kill. */
  readonly stopTimeout: number;
  /** The run's own folder, mode 0700, removed at the end; undefined when no files are written. */
  readonly runDirectory: RunDirectory | undefined;
  /** Files that must exist before the run. */
  readonly requires: readonly MissingFile[];
  /** Folders that are created and stay. */
  readonly folders: readonly string[];
  readonly files: readonly PlannedFile[];
  readonly steps: readonly Step[];
  /** What is done after the steps, however they ended. */
  readonly finally: readonly FinalStep[];
  /** That the workspace may have what its steps give it; undefined for a plan that is only printed. */
  readonly trust: Trust | undefined;
  /** The same with the run's files in the workspace, for an engine that does not see them where they are in memory. */
  readonly inWorkspace?: () => Plan;
};

/** The plan of an action, which is recorded. */
export type ActionPlan = Plan & { readonly record: RecordPlan };

/** Something that is not an error, and what to do about it. */
export type Warning = { readonly message: string; readonly hint: string };

/** The contents of a run's record that are known before the run. */
export type RecordPlan = {
  readonly id: string;
  readonly block: string;
  readonly action: string;
  readonly workflow: string | undefined;
  readonly workflowRun: string | undefined;
  readonly step: string | undefined;
  /** The combination of the step's matrix, and how often the step has been run with this. */
  readonly matrix: Combination;
  readonly attempt: number;
  readonly image: string;
  /** The digests of images by their names, as the lock file has them; empty without one. */
  readonly locked: ReadonlyMap<string, string>;
  /** What followed `--`. */
  readonly arguments: readonly string[];
  /** The values of the inputs, by name; `***` for a secret. */
  readonly inputs: ReadonlyMap<string, YamlScalar>;
  readonly snapshot: KeptSnapshot;
  readonly version: string;
  /** The caller's login name. */
  readonly user: string;
  /** The folder of records and logs, the block's artifacts folder, and the folder the action runs in, relative to the workspace. */
  readonly logsRoot: string;
  readonly artifacts: string;
  readonly blockFolder: string | undefined;
};

/** The snapshot as it is kept for all runs that have it: masked, and without what differs from run to run. */
export type KeptSnapshot = { readonly content: string; readonly sha256: string };

/**
 * Where the folders of a workspace's runs are. `root` exists and other users cannot change it; `folder` is relative to it.
 */
export type RunPlace = { readonly root: string; readonly folder: string };

/** The folder of one run: `path` is relative to `root`, which exists. */
export type RunDirectory = { readonly root: string; readonly path: string };

/**
 * A file to write. Files of the run are new and relative to its directory; a file that stays is written only if it does not
 * exist.
 */
export type PlannedFile = {
  readonly path: string;
  readonly mode: number;
  /** What may be printed. */
  readonly content: string;
  readonly lifetime: "run" | "stays";
  /**
   * What is written in its place, for a file with secrets: such a file may only be in memory (`needsMemory`), and a plan never has
   * its text.
   */
  readonly reveal?: () => string | Uint8Array;
};

/** Returns what is written to the file. */
export function writtenContent({ content, reveal }: PlannedFile): string | Uint8Array {
  return reveal === undefined ? content : reveal();
}

/** True if the plan has files that may only be in memory. */
export function needsMemory({ files }: Pick<Plan, "files">): boolean {
  return files.some(({ reveal }) => reveal !== undefined);
}

/** One command of the engine's client, with its inputs. */
export type Step =
  | (BuildStep | TagStep | ProbeStep | CacheStep)
  | (ContainerStep | WarmStep)
  | (CreateStep | SendStep | AttachStep);

export type FinalStep = FetchStep | RemoveStep;

/** Builds an image. */
export type BuildStep = {
  readonly kind: "build";
  readonly argv: readonly Arg[];
  /** Passed to the command as a tar on its standard input, or staged in its working directory. */
  readonly context: BuildContext;
  readonly image: Image;
  /** True for the image of a workspace, which is built once for all runs that need it, and whose inputs are remembered. */
  readonly isOfWorkspace: boolean;
  readonly unless: ImageQuery | undefined;
};

/** Gives an image that must exist a second name. */
export type TagStep = { readonly kind: "tag"; readonly argv: readonly Arg[]; readonly image: Image };

/** Checks whether an image exists: the build is skipped when the command succeeds. */
export type ImageQuery = {
  readonly argv: readonly Arg[];
  /** Gives the image this name, unless the query printed that it has it. No run waits for this or fails because of it. */
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

/** How the text that a command reads from an image is used. */
export type ImageProbe = {
  /** The program of the image that prints the text. */
  readonly shell: string;
  /** Prints the id of the image, the key of the cached text; fails when the image does not exist. */
  readonly identify: readonly Arg[];
  /** The folder of cached texts, named by the ids of their images. */
  readonly folder: string;
  /** Read the image even if its text is cached, because its tag may have moved. */
  readonly refresh: boolean;
  /**
   * Files of the run. Each gets its content, followed by the lines of the text that start with its label and a colon, without
   * that prefix.
   */
  readonly files: readonly { readonly path: string; readonly label: string; readonly content: string }[];
};

/** Gives the volumes of new caches to the container's user, in a container of its own. */
export type CacheStep = {
  readonly kind: "caches";
  readonly argv: readonly Arg[];
  readonly image: Image;
  readonly container: string;
  readonly shell: string;
  /** Prints the volumes and when each was created; fails when one does not exist. */
  readonly identify: readonly Arg[];
  /** The file that remembers what was printed last, relative to the workspace: these volumes are the user's. */
  readonly remembered: string;
};

/** Runs the container. */
export type ContainerStep = {
  readonly kind: "run";
  readonly argv: readonly Arg[];
  /** Variables for the client's own process: the values of secrets. */
  readonly environment: readonly StepVariable[];
  /** The values that are masked in the output, those of the variables included. */
  readonly secrets: readonly string[];
  readonly image: Image;
  readonly container: string;
  readonly shell: string;
  /** The items of an action's script, to find the item of a failed line; empty for other commands. */
  readonly items: readonly string[];
  /** Where the action's script or playbook is written; undefined for anything else. */
  readonly source: ActionSource | undefined;
  /** The file in which the entrypoint records its progress. */
  readonly status: string;
  readonly terminal: Terminal;
  /** Seconds after which the container is stopped, counted from when the engine is asked to run it. */
  readonly timeout: number | undefined;
  /** A shell opens in the container when the script fails; from then on the timeout does not apply. */
  readonly inspects: boolean;
  /** Whether the entrypoint records how the script ended, without which no success is believed. */
  readonly notesEnd: boolean;
};

/** Starts a created container, and is connected to it until it has ended. */
export type AttachStep = Omit<ContainerStep, "kind"> & {
  readonly kind: "attach";
  /** Prints the exit code of the container once it has ended. */
  readonly wait: readonly Arg[];
  /** How the container is signalled: the client that is connected to it would not pass all signals on. */
  readonly onSignal: readonly { readonly signal: NodeJS.Signals; readonly argv: readonly Arg[] }[];
  readonly handed: Handed;
  /** The id of the run, by which the entrypoint says that it is ready for that. */
  readonly transaction: string;
};

/**
 * Runs a command in a warm container: in the first slot that no other run has. A run for which there is none, or whose
 * container ended before the command began, is cold.
 */
export type WarmStep = {
  readonly kind: "warm";
  readonly image: Image;
  readonly slots: readonly WarmSlot[];
  /** That of the printed script, which takes no slot from other runs. */
  readonly slotOfScript: WarmSlot;
  /** What comes before a new container. */
  readonly before: readonly (ProbeStep | CacheStep)[];
  readonly cold: ContainerStep;
};

/** A place for one run at a time: its container, and the folder whose files it mounts. */
export type WarmSlot = { readonly folder: RunDirectory; readonly keep: KeepStep; readonly exec: ExecStep };

/** Starts a container that is kept, unless it runs. */
export type KeepStep = {
  readonly kind: "keep";
  readonly argv: readonly Arg[];
  readonly image: Image;
  readonly container: string;
  readonly shell: string;
  /** Prints the image's reference and nothing else if the container can be used. */
  readonly find: readonly Arg[];
  readonly remove: readonly Arg[];
  /** Files of the run directory that the container mounts, and a run does not change. */
  readonly files: readonly string[];
};

/** Runs a command in a container that is kept. A line of its standard input is a signal for the command. */
export type ExecStep = Omit<ContainerStep, "kind"> & { readonly kind: "exec" };

/** Returns the values that must not appear in output, log or record. */
export function secretValues(plan: Pick<Plan, "steps">): readonly string[] {
  return containerStepOf(plan)?.secrets ?? [];
}

/** Returns the step that runs the container, of a warm run the one of a cold run; undefined for a build. */
export function containerStepOf({ steps }: Pick<Plan, "steps">): ContainerStep | AttachStep | undefined {
  for (const step of steps) {
    if (step.kind === "run" || step.kind === "attach") return step;
    if (step.kind === "warm") return step.cold;
  }
  return undefined;
}
