import type { Arg } from "../host/arg.ts";
import type { Limits } from "../workspace/limits.ts";
import type { BindMount } from "../workspace/mounts.ts";

/** A container engine, known from settings alone: nothing here was asked of it. */
export type Engine = EngineClient & {
  readonly endpoint: Endpoint;
  /**
   * How files get to a container: a `local` engine mounts them where they are, to a `remote` one they are sent, and what was
   * written there is fetched.
   */
  readonly kind: "local" | "remote";
  /** Whether the engine sees all files of this machine as they are. */
  readonly isHere: boolean;
  /** Whether what root in a container writes to a mount belongs to the caller. */
  readonly mapsRootToCaller: boolean;
};

/** Where an engine is. */
export type Endpoint = {
  /** The context that each command names; undefined leaves the choice to the client's own settings. */
  readonly context: string | undefined;
  /** The context's name, else the address in the client's settings, without a password. */
  readonly name: string;
  /** Without a password. */
  readonly address: string;
};

/** The command lines of an engine's client: every function returns the arguments of one command. */
export type EngineClient = {
  /** The client's program. */
  readonly program: ClientProgram;
  /** What not every client can do. */
  readonly can: {
    /** Create a volume with labels where a container mounts it, by which the caches of a workspace are found. */
    readonly labelCaches: boolean;
    /** Tell whether a container that runs still has the image that its reference means. */
    readonly keepWarm: boolean;
    /** Print the digests by which registries know an image. */
    readonly useRegistries: boolean;
    /** Print the triggers (`ONBUILD`) of an image. */
    readonly tellTriggers: boolean;
    /** Pass a signal on to a container that has a terminal. */
    readonly signalAtTerminal: boolean;
    /** Fail a build whose context on standard input ends too early: podman makes an image of what it got (4.3). */
    readonly readTar: boolean;
  };
  readonly build: (request: BuildRequest) => readonly Arg[];
  readonly run: (request: ContainerRequest) => readonly Arg[];
  /** Creates the container of the request, which does not run yet, and prints its id. */
  readonly create: (request: ContainerRequest) => readonly Arg[];
  /** Unpacks a tar on standard input into a container, below `/`; the container need not run. */
  readonly copyInto: (name: string) => readonly Arg[];
  /** Prints a file or folder of a container as a tar, in which it has its last name. */
  readonly copyFrom: (name: string, path: string) => readonly Arg[];
  /** Starts a created container and passes its streams on. Neither its exit code nor signals can be relied on (docker 28.2). */
  readonly attach: (request: ContainerStreams & { readonly name: string }) => readonly Arg[];
  /** Waits until a container has ended, and prints its exit code. */
  readonly waitForContainer: (name: string) => readonly Arg[];
  /** Fails when the container does not run. */
  readonly signalContainer: (name: string, signal: NodeJS.Signals) => readonly Arg[];
  /** Starts a container that is kept, and prints its id. */
  readonly keep: (request: KeepRequest) => readonly Arg[];
  /** Runs a command in a container that runs; its standard input is passed on. */
  readonly exec: (request: ExecRequest) => readonly Arg[];
  /** Prints the reference that the container was made with, if it runs and the reference still means the same image. */
  readonly imageOfRunning: (name: string) => readonly Arg[];
  /** Runs a shell script in an image, without files or variables of the caller, and prints its output. */
  readonly readImage: (request: ImageReadRequest) => readonly Arg[];
  readonly tagImage: (reference: string, name: string) => readonly Arg[];
  /** Prints the Go template for each image; fails when one does not exist locally. */
  readonly inspectImage: (format: string, references: readonly string[]) => readonly Arg[];
  /** Prints the ids of the images with that label, an id once for each name. */
  readonly listImages: (label: string) => readonly Arg[];
  readonly removeImages: (references: readonly string[]) => readonly Arg[];
  /** Asks the image's registry, and prints the digest of what it gets. */
  readonly pullImage: (reference: string) => readonly Arg[];
  /** Sends the image to its registry, and prints the digest that it has there. */
  readonly pushImage: (reference: string) => readonly Arg[];
  /** Prints an image, with its layers, as a tar. */
  readonly saveImage: (reference: string) => readonly Arg[];
  /** Makes an image of one layer from a tar on standard input; labels are plain words. */
  readonly importImage: (reference: string, labels: readonly string[]) => readonly Arg[];
  /** Prints the ids of the containers with that label, ended ones too. */
  readonly listContainers: (label: string) => readonly Arg[];
  /** Prints a JSON array of what is known of the containers; fails when one does not exist. */
  readonly inspectContainer: (...names: readonly string[]) => readonly Arg[];
  /** Prints a line for each time that the container ran out of memory between two moments, in milliseconds since 1970. */
  readonly memoryEvents: (name: string, since: number, until: number) => readonly Arg[];
  /** Signals the container to end, and kills it after that many seconds. */
  readonly stopContainer: (name: string, seconds: number) => readonly Arg[];
  readonly removeContainer: (name: string) => readonly Arg[];
  /** Gives volumes, mounted in a container of their own, to a user of the container. */
  readonly ownVolumes: (request: VolumeOwnRequest) => readonly Arg[];
  /** Prints the Go template for each volume, else a JSON array of what is known of them; fails when one does not exist. */
  readonly inspectVolumes: (format: string | undefined, names: readonly string[]) => readonly Arg[];
  /** Prints the names of the volumes with all of the labels. */
  readonly listVolumes: (labels: readonly string[]) => readonly Arg[];
  readonly removeVolume: (name: string) => readonly Arg[];
  /** Prints all volumes of the engine and their sizes as JSON, which takes time. */
  readonly measureVolumes: readonly Arg[];
  /** Questions about the client and its engine; all but the first print JSON. */
  readonly about: {
    readonly client: readonly Arg[];
    readonly version: readonly Arg[];
    /** Prints the components of the server; undefined for a client that is the engine itself. */
    readonly server: readonly Arg[] | undefined;
    readonly info: readonly Arg[];
    readonly context: readonly Arg[];
    /** Succeeds when the client has the buildx plugin. */
    readonly buildx: readonly Arg[];
  };
};

/** The programs that a client may be. */
export const clientPrograms = ["docker", "podman"] as const;

export type ClientProgram = (typeof clientPrograms)[number];

export type BuildRequest = {
  readonly tags: readonly string[];
  readonly labels: readonly string[];
  readonly arguments?: readonly string[];
  readonly noCache: boolean;
  readonly pull: boolean;
  /** The Dockerfile's path in the context. */
  readonly file: string;
  /** An ignore file in place of the context's, which only podman takes. */
  readonly ignoreFile?: string | undefined;
  /** `-` for a tar on standard input, else a folder. */
  readonly context: string;
};

export type PullPolicy = "always" | "missing" | "never";

/** A container that is kept: what it runs does not read its standard input, and nothing is known of its runs. */
export type KeepRequest = Omit<
  ContainerRequest,
  "ownerLabel" | "environment" | "workdir" | "interactive" | "terminal"
>;

export type ExecRequest = Pick<ContainerRequest, "name" | "environment" | "workdir" | "command">;

/** The name and labels of a container, and its owner. */
export type ContainerIdentity = {
  readonly name: string;
  readonly labels: readonly string[];
  /** A label that identifies the running process, so a dry run does not print it. */
  readonly ownerLabel: string;
};

export type ImageReadRequest = ContainerIdentity & {
  readonly image: string;
  readonly shell: string;
  readonly script: string;
  readonly pull: PullPolicy | undefined;
};

/** A named volume at a path of the container; its labels are set when it is created. */
export type VolumeMount = {
  readonly name: string;
  readonly target: string;
  readonly labels: readonly string[];
  /** Whether a new volume begins with what the image has at that path, and with the owner of that. */
  readonly copiesImage: boolean;
};

export type VolumeOwnRequest = ContainerIdentity & {
  readonly image: string;
  readonly shell: string;
  readonly volumes: readonly VolumeMount[];
  readonly uid: number;
  readonly gid: number;
  readonly pull: PullPolicy | undefined;
};

/** A variable of a container; without a value it is the one of that name in the client's own environment. */
export type ContainerVariable = { readonly name: string; readonly value: string | undefined };

/** Whether a container gets a standard input, and whether its streams are a terminal. */
export type ContainerStreams = { readonly interactive: boolean; readonly terminal: boolean };

/** A container that runs one command and is then removed. Paths are in the container, sources on the host. */
export type ContainerRequest = ContainerIdentity &
  ContainerStreams & {
    readonly environment: readonly ContainerVariable[];
    readonly mounts: readonly BindMount[];
    readonly volumes: readonly VolumeMount[];
    /** Folders that are empty and read-only in the container. */
    readonly hiddenFolders: readonly string[];
    /** Folders in memory that belong to the user. */
    readonly tmpfs: readonly { readonly path: string; readonly uid: number; readonly gid: number }[];
    readonly workdir: string;
    readonly entrypoint: string;
    /** Whether SELinux would block access to the mounts. */
    readonly selinux: boolean;
    readonly pull: PullPolicy | undefined;
    /** `UID:GID`; undefined for the user of the image or of the flags. */
    readonly user: string | undefined;
    readonly groups: readonly number[];
    readonly limits: Limits;
    /** The workspace's own flags, as they are written. */
    readonly flags: readonly Arg[];
    readonly image: string;
    readonly command: readonly string[];
  };
