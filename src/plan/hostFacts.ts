import type { DockerFlag } from "../engine/flags/dockerFlag.ts";
import type { Caller } from "../host/user.ts";
import type { Image } from "../image/image.ts";
import type { Variable } from "../workspace/environment.ts";
import type { HostFiles } from "../workspace/hostFiles.ts";
import type { Input } from "../workspace/inputs/values.ts";
import type { LocatedFiles } from "../workspace/locateFiles.ts";
import type { BindMount } from "../workspace/mounts.ts";
import type { YamlMap } from "../yaml/value.ts";
import type { WrittenItem } from "../yaml/write.ts";
import type { RunPlace, Warning } from "./plan.ts";
import type { Stdio } from "./terminal.ts";

/** What a container is planned from in addition to the workspace and the target: read once, from machine and command line. */
export type ContainerFacts = {
  /** The id of the run. */
  readonly transaction: string;
  readonly version: string;
  /** The span that an action's spans belong to, as W3C Trace Context writes it; undefined without tracing. */
  readonly traceparent: string | undefined;
  readonly caller: Caller;
  readonly place: RunPlace;
  /** Where the run's files are if the engine turns out not to see that place; undefined if there is no other. */
  readonly placeInWorkspace?: RunPlace | undefined;
  /** Whether the engine sees the files of this machine as they are. */
  readonly isEngineHere: boolean;
  /** How many ids a rootless engine maps; undefined for another, and if that is not known. */
  readonly mappedIds: number | undefined;
  /** Whether the engine can keep the caches of a workspace. */
  readonly hasCaches: boolean;
  readonly files: HostFiles;
  readonly variables: readonly Variable[];
  /** The inputs of the action that have a value. */
  readonly inputs: readonly Input[];
  /** The mounts of `extramounts` and of `--mount`. */
  readonly extraMounts: readonly BindMount[];
  readonly mountFlags: readonly BindMount[];
  readonly flags: readonly DockerFlag[];
  /** Those of the mounts' sources that are files, not folders. */
  readonly mountedFiles: ReadonlySet<string>;
  /** What the snapshot is taken from. */
  readonly snapshot: SnapshotFacts;
};

/** A block in a snapshot's list of all: its value, or what is written of it already. */
export type SnapshotBlock = YamlMap | WrittenItem;

/** What a snapshot is taken from in addition to the workspace. */
export type SnapshotFacts = {
  readonly files: Pick<LocatedFiles, "workspace" | "toolDefaults">;
  /** Every block of the workspace. */
  readonly blocks: readonly SnapshotBlock[];
  /** Of the folder of the block that runs. */
  readonly checksum: string | undefined;
};

/** What a container that is kept would not see change: which files are mounted, and how names are resolved. */
export type WarmFacts = { readonly inodes: readonly string[]; readonly resolver: string };

/** What a run is planned from in addition to the workspace and the target. */
export type HostFacts = ContainerFacts & {
  readonly image: Image;
  /** The blocks of a registry that the run uses, by their digests, and what the user should know of them. */
  readonly blocks: {
    readonly digests: ReadonlyMap<string, string>;
    readonly warnings: readonly Warning[];
  };
  readonly stdio: Stdio;
  /** Whether SELinux denies containers access to their bind mounts. */
  readonly selinux: boolean;
  /** What a warm container depends on; undefined if none is wanted. */
  readonly warm?: WarmFacts | undefined;
  /** This process, as labels name it. */
  readonly owner: string;
};
