import { type Arg, quote } from "../host/arg.ts";
import type { Limits } from "../workspace/limits.ts";
import type { BindMount } from "../workspace/mounts.ts";
import type {
  ContainerIdentity,
  ContainerRequest,
  ContainerStreams,
  EngineClient,
  KeepRequest,
  VolumeMount,
} from "./engine.ts";
import { labelFlags } from "./labels.ts";

/** Returns docker's own client, 20.10 and later, for the context of that name; without a name it goes where docker's settings say. */
export function dockerClient(context: string | undefined): EngineClient {
  return commandsOf(["docker", ...(context === undefined ? [] : [`--context=${context}`])], dockerDialect);
}

/** What clients write in different ways. */
export type Dialect = {
  /** A folder in memory that belongs to the container's user, who alone can read it; tools may install programs there. */
  readonly tmpfs: (folder: ContainerRequest["tmpfs"][number]) => Arg;
  readonly readonlyTmpfs: readonly string[];
};

const dockerDialect: Dialect = {
  tmpfs: ({ path, uid, gid }) => `--tmpfs=${path}:uid=${uid},gid=${gid},mode=0700,exec`,
  readonlyTmpfs: ["readonly"],
};

/** Returns the commands of a client that begin with these words. */
export function commandsOf(docker: readonly string[], dialect: Dialect): EngineClient {
  return {
    program: "docker",
    can: {
      labelCaches: true,
      keepWarm: true,
      useRegistries: true,
      tellTriggers: true,
      signalAtTerminal: true,
      readTar: true,
    },
    build: ({ tags, labels, arguments: values = [], noCache, pull, file, ignoreFile, context }) => [
      ...docker,
      "build",
      ...tags.map((tag) => `--tag=${tag}`),
      ...values.map((value) => `--build-arg=${value}`),
      ...labels.map((label) => `--label=${label}`),
      // By default the classic builder keeps the container of an instruction that failed.
      "--force-rm",
      ...(noCache ? ["--no-cache"] : []),
      ...(pull ? ["--pull"] : []),
      `--file=${file}`,
      ...(ignoreFile === undefined ? [] : [`--ignorefile=${ignoreFile}`]),
      context,
    ],
    run: (request) => [
      ...docker,
      "run",
      "--rm",
      ...containerFlags(request, dialect),
      ...detachFlags(request),
      ...imageWords(request),
    ],
    create: (request) => [...docker, "create", ...containerFlags(request, dialect), ...imageWords(request)],
    copyInto: (name) => [...docker, "cp", "-", `${name}:/`],
    copyFrom: (name, path) => [...docker, "cp", `${name}:${path}`, "-"],
    attach: ({ name, ...streams }) => [
      ...docker,
      "start",
      "--attach",
      ...(streams.interactive ? ["--interactive"] : []),
      ...detachFlags(streams),
      name,
    ],
    waitForContainer: (name) => [...docker, "wait", name],
    signalContainer: (name, signal) => [...docker, "kill", `--signal=${signal}`, name],
    keep: (request) => [
      ...docker,
      "run",
      "--detach",
      "--rm",
      "--init",
      "--log-driver=none",
      // A check would look like a process that an action has left.
      "--no-healthcheck",
      `--name=${request.name}`,
      ...request.labels.map((one) => `--label=${one}`),
      ...mountFlags(request, dialect),
      `--entrypoint=${request.entrypoint}`,
      ...(request.selinux ? ["--security-opt=label=disable"] : []),
      ...imageWords(request),
    ],
    exec: (request) => [
      ...docker,
      "exec",
      "--interactive",
      ...environmentFlags(request),
      `--workdir=${request.workdir}`,
      request.name,
      ...request.command,
    ],
    // `docker ps` shows the id in place of a reference that has come to mean another image (docker 20.10 to 28).
    imageOfRunning: (name) => [
      ...docker,
      "ps",
      "--no-trunc",
      `--filter=name=^${name}$`,
      "--format={{.Image}}",
    ],
    readImage: ({ image, shell, script, pull, ...identity }) => [
      ...docker,
      "run",
      "--rm",
      "--log-driver=none",
      "--network=none",
      ...identityFlags(identity),
      `--entrypoint=${shell}`,
      ...(pull === undefined ? [] : [`--pull=${pull}`]),
      image,
      "-c",
      script,
    ],
    tagImage: (reference, name) => [...docker, "image", "tag", reference, name],
    inspectImage: (format, references) => [
      ...docker,
      "image",
      "inspect",
      `--format=${format}`,
      ...references,
    ],
    listImages: (label) => [...docker, "image", "ls", "--quiet", "--no-trunc", `--filter=label=${label}`],
    removeImages: (references) => [...docker, "image", "rm", ...references],
    pullImage: (reference) => [...docker, "image", "pull", reference],
    pushImage: (reference) => [...docker, "image", "push", reference],
    saveImage: (reference) => [...docker, "image", "save", reference],
    importImage: (reference, labels) => [
      ...docker,
      "image",
      "import",
      ...labels.map((one) => `--change=LABEL ${one}`),
      "-",
      reference,
    ],
    listContainers: (label) => [...docker, "ps", "--all", "--quiet", "--no-trunc", `--filter=label=${label}`],
    inspectContainer: (...names) => [...docker, "container", "inspect", ...names],
    // Without a fraction, docker leaves out the second that has begun.
    memoryEvents: (name, since, until) => [
      ...docker,
      "events",
      `--since=${(since / 1000).toFixed(3)}`,
      `--until=${(until / 1000).toFixed(3)}`,
      `--filter=container=${name}`,
      "--filter=event=oom",
      "--format={{.Status}}",
    ],
    stopContainer: (name, seconds) => [...docker, "stop", `--time=${seconds}`, name],
    removeContainer: (name) => [...docker, "rm", "--force", name],
    ownVolumes: ({ image, shell, volumes, uid, gid, pull, ...identity }) => [
      ...docker,
      "run",
      "--rm",
      "--log-driver=none",
      "--network=none",
      ...identityFlags(identity),
      ...volumes.map((volume) => `--mount=${volumeValue(volume)}`),
      `--entrypoint=${shell}`,
      ...(pull === undefined ? [] : [`--pull=${pull}`]),
      "--user=0:0",
      image,
      "-c",
      `chown ${uid}:${gid} ${volumes.map(({ target }) => quote(target)).join(" ")}`,
    ],
    inspectVolumes: (format, names) => [
      ...docker,
      "volume",
      "inspect",
      ...(format === undefined ? [] : [`--format=${format}`]),
      ...names,
    ],
    listVolumes: (labels) => [
      ...docker,
      "volume",
      "ls",
      "--quiet",
      ...labels.map((label) => `--filter=label=${label}`),
    ],
    removeVolume: (name) => [...docker, "volume", "rm", name],
    measureVolumes: [...docker, "system", "df", "--verbose", "--format={{json .Volumes}}"],
    about: {
      client: [...docker, "--version"],
      version: [...docker, "version", "--format={{json .}}"],
      server: [...docker, "version", "--format={{json .Server.Components}}"],
      info: [...docker, "info", "--format={{json .}}"],
      context: [...docker, "context", "inspect", "--format={{json .}}"],
      buildx: [...docker, "buildx", "version"],
    },
  };
}

function containerFlags(request: ContainerRequest, dialect: Dialect): readonly Arg[] {
  return [
    "--init",
    "--log-driver=none",
    ...identityFlags(request),
    ...environmentFlags(request),
    ...mountFlags(request, dialect),
    `--workdir=${request.workdir}`,
    `--entrypoint=${request.entrypoint}`,
    ...(request.selinux ? ["--security-opt=label=disable"] : []),
    ...(request.interactive ? ["--interactive"] : []),
    ...(request.terminal ? ["--tty"] : []),
  ];
}

function detachFlags({ interactive, terminal }: ContainerStreams): readonly Arg[] {
  return interactive && terminal ? [`--detach-keys=${neverTyped}`] : [];
}

function environmentFlags({ environment }: Pick<ContainerRequest, "environment">): readonly Arg[] {
  return environment.map(({ name, value }) => `--env=${value === undefined ? name : `${name}=${value}`}`);
}

function mountFlags(
  { mounts, volumes, hiddenFolders, tmpfs }: KeepRequest,
  dialect: Dialect,
): readonly Arg[] {
  return [
    ...mounts.map((mount) => `--mount=${mountValue(mount)}`),
    ...volumes.map((volume) => `--mount=${volumeValue(volume)}`),
    ...hiddenFolders.map(
      (folder) => `--mount=${csv(["type=tmpfs", `target=${folder}`, ...dialect.readonlyTmpfs])}`,
    ),
    ...tmpfs.map(dialect.tmpfs),
  ];
}

/** Flags that come last, the image and what is run in it. */
function imageWords({ pull, user, groups, limits, flags, image, command }: KeepRequest): readonly Arg[] {
  return [
    ...(pull === undefined ? [] : [`--pull=${pull}`]),
    ...(user === undefined ? [] : [`--user=${user}`]),
    ...groups.map((gid) => `--group-add=${gid}`),
    ...limitFlags(limits),
    ...flags,
    image,
    ...command,
  ];
}

/** Without `--memory-swap` docker would allow as much swap again. */
function limitFlags({ network, memory, cpus, pids, capabilities }: Limits): readonly Arg[] {
  return [
    ...(network === undefined ? [] : [`--network=${network}`]),
    ...(memory === undefined ? [] : [`--memory=${memory}`, `--memory-swap=${memory}`]),
    ...(cpus === undefined ? [] : [`--cpus=${cpus}`]),
    ...(pids === undefined ? [] : [`--pids-limit=${pids}`]),
    ...(capabilities === undefined ? [] : ["--cap-drop=ALL"]),
    ...(capabilities ?? []).map((name) => `--cap-add=${name}`),
  ];
}

function identityFlags({ name, labels, ownerLabel }: ContainerIdentity): readonly Arg[] {
  return [`--name=${name}`, ...labelFlags(labels, ownerLabel)];
}

/**
 * The default keys, Ctrl-P Ctrl-Q, make docker's client detach and report success, and they cannot be disabled. The client
 * holds back a key that could begin the sequence.
 */
const neverTyped = Array.from({ length: 4 }, () => "ctrl-^,ctrl-@").join(",");

/**
 * The value of `--mount` is a line of CSV (RFC 4180): a field with a comma or quote is quoted. Unlike `-v` it accepts any path and
 * does not create a missing source as root.
 */
function mountValue({ source, target, readonly }: BindMount): string {
  return csv(["type=bind", `source=${source}`, `target=${target}`, ...(readonly ? ["readonly"] : [])]);
}

function volumeValue({ name, target, labels, copiesImage }: VolumeMount): string {
  return csv([
    "type=volume",
    `source=${name}`,
    `target=${target}`,
    ...(copiesImage ? [] : ["volume-nocopy"]),
    ...labels.map((label) => `volume-label=${label}`),
  ]);
}

function csv(fields: readonly string[]): string {
  return fields
    .map((field) => (/[",\n\r]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field))
    .join(",");
}
