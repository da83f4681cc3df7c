import { isUtf8 } from "node:buffer";
import type {
  ContainerIdentity,
  ContainerRequest,
  ContainerVariable,
  Engine,
  PullPolicy,
} from "../engine/engine.ts";
import { label } from "../engine/labels.ts";
import type { Image } from "../image/image.ts";
import type { ActionSource } from "../workspace/blocks/actionSource.ts";
import type { Variable } from "../workspace/environment.ts";
import type { Workspace } from "../workspace/load.ts";
import { streamsVariable } from "../workspace/variableNames.ts";
import { type Container, describeContainer } from "./container.ts";
import { containerWarnings } from "./containerWarnings.ts";
import { launcherOf, secretEnvName } from "./entrypoint.ts";
import type { FailureShell } from "./failureShell.ts";
import type { HostFacts } from "./hostFacts.ts";
import { ownCaches } from "./ownCaches.ts";
import type { ContainerStep, Plan, PlannedFile } from "./plan.ts";
import { buildSteps, imageWarnings } from "./planBuild.ts";
import { planRemote } from "./remote/planRemote.ts";
import { refuseFilesOfThisMachine, refuseReadOnly } from "./remote/refusals.ts";
import { runFiles } from "./runFiles.ts";
import type { ImageOptions, RunOptions } from "./runOptions.ts";
import { filesInContainer } from "./runPaths.ts";
import { takeSnapshot } from "./snapshot.ts";
import type { StepVariable } from "./stepVariable.ts";
import { isSupervised } from "./supervisor.ts";
import type { Target } from "./target.ts";
import type { Terminal } from "./terminal.ts";
import { probeUsers } from "./user/userFiles.ts";
import { reasonForCold, warmSeconds, warmStep } from "./warm.ts";

/** The command that a container runs. */
export type ContainerCommand = {
  /** A sentence for the head of the printed script. */
  readonly title: string;
  readonly script: string;
  /** Whether the script runs a playbook, whose recap is recorded. */
  readonly recap: boolean;
  /** The items of the script; empty if it is not an action's. */
  readonly items: readonly string[];
  readonly source: ActionSource | undefined;
  readonly terminal: Terminal;
  /** Opens a shell where the script fails; undefined without. */
  readonly failureShell?: FailureShell | undefined;
  /** Whether standard output and standard error are one file; undefined when the command always gets two. */
  readonly joined: boolean | undefined;
  /** Whether it can run in a container that is kept for others: actions can. */
  readonly canBeWarm?: boolean;
  /** Seconds. */
  readonly timeout: number | undefined;
};

/**
 * Returns the plan of one container: build the image if it is missing, then run the command, with what follows `--` as its
 * arguments. Throws (65) when mounts conflict, and when ssh would refuse the workspace's key.
 */
export function planContainer(
  workspace: Workspace,
  engine: Engine,
  target: Target,
  given: HostFacts,
  command: ContainerCommand,
  options: RunOptions,
): Plan {
  const { placeInWorkspace, ...facts } = given;
  if (engine.kind === "remote") refuseFilesOfThisMachine(workspace, engine, facts);
  const container = describeContainer(workspace, target, facts, options.yes);
  if (engine.kind === "remote" && container.limits.isReadOnly) refuseReadOnly(workspace, target, engine);
  const snapshot = takeSnapshot(workspace, target, container, facts);
  const artifacts = target.block?.places.artifacts;
  const planned = runFiles(workspace, container, snapshot, command);
  const {
    steps,
    finally: last,
    files,
  } = stepsOf({ workspace, engine, container, facts, command, options, files: planned });
  return {
    engine,
    title: command.title,
    workspace: workspace.path,
    warnings: [
      ...containerWarnings({ workspace, engine, container, facts, steps }, options),
      ...imageWarnings(facts.image),
      ...facts.blocks.warnings,
    ],
    record: undefined,
    stopTimeout: workspace.settings.config.container.stop_timeout,
    runDirectory: container.paths.runDirectory,
    requires: target.block?.places.missing ?? [],
    folders: [workspace.layout.logsRoot, ...[artifacts ?? []].flat(), ...container.mountPoints.folders],
    files,
    steps,
    finally: last,
    ...(placeInWorkspace === undefined
      ? {}
      : {
          inWorkspace: () => {
            const inWorkspace = { ...facts, place: placeInWorkspace };
            return planContainer(workspace, engine, target, inWorkspace, command, options);
          },
        }),
  };
}

type PlannedSteps = Pick<Plan, "steps" | "finally" | "files">;

type StepsRequest = {
  readonly workspace: Workspace;
  readonly engine: Engine;
  readonly container: Container;
  readonly facts: HostFacts;
  readonly command: ContainerCommand;
  readonly options: RunOptions;
  readonly files: readonly PlannedFile[];
};

function stepsOf({
  workspace,
  engine,
  container,
  facts,
  command,
  options,
  files,
}: StepsRequest): PlannedSteps {
  const { image } = facts;
  const request = requestOf(container, facts, command, options);
  const preparation = { engine, image, pull: request.pull, identity: identityOf(container, facts) };
  const before = [...probeUsers(container, preparation), ...ownCaches(container, preparation)];
  const cold: ContainerStep = {
    kind: "run",
    argv: engine.run(request),
    environment: [...secretVariables(container.environment), ...streamsVariables(command)],
    secrets: secretValuesOf(container),
    image,
    container: container.name,
    shell: container.shell,
    items: command.items,
    source: command.source,
    status: container.paths.status,
    terminal: command.terminal,
    timeout: command.timeout,
    inspects: command.failureShell !== undefined,
    notesEnd: isSupervised(command.terminal),
  };
  const prepared = [...buildSteps(engine, workspace.path, image), ...before];
  if (engine.kind === "remote") {
    const there = planRemote({
      engine,
      workspace: workspace.path,
      container,
      request,
      step: cold,
      files,
      arguments: options.arguments,
    });
    return { ...there, steps: [...prepared, ...there.steps] };
  }
  const seconds = command.canBeWarm === true ? warmSeconds(workspace, options) : 0;
  const observed = facts.warm;
  const isCold =
    seconds === 0 ||
    observed === undefined ||
    reasonForCold({ engine, container, step: cold }, options) !== undefined;
  const steps = isCold
    ? [...prepared, cold]
    : [
        ...buildSteps(engine, workspace.path, image),
        warmStep({ engine, container, request, facts, observed, before, cold }, seconds),
      ];
  return { steps, finally: [], files };
}

/** Returns the values that are masked in the output: those of secret variables, all of `secrets.poly`, and decrypted texts. */
function secretValuesOf({ environment, secrets, secretFiles }: Container): readonly string[] {
  const contents = secretFiles
    .map(({ reveal }) => Buffer.from(reveal()))
    .filter((content) => isUtf8(content));
  return [
    ...contents.map((content) => content.toString()),
    ...environment.flatMap(({ value, secret }) => (secret === undefined ? [] : [value])),
    ...secrets.flatMap(({ texts }) => texts),
  ];
}

function requestOf(
  container: Container,
  facts: HostFacts,
  command: ContainerCommand,
  options: RunOptions,
): ContainerRequest {
  const { user, tmpfs } = container;
  const { interactive, size } = command.terminal;
  return {
    ...identityOf(container, facts),
    environment: [
      ...container.environment.map(environmentValue),
      ...streamsVariables(command).map(({ name }) => ({ name, value: undefined })),
    ],
    mounts: container.mounts.filter(({ origin }) => origin !== "`docker_flags`"),
    volumes: container.volumes,
    hiddenFolders: container.hiddenFolders,
    tmpfs: tmpfs.map((path) => ({ path, uid: user.uid, gid: user.gid })),
    workdir: container.workdir,
    entrypoint: container.shell,
    selinux: facts.selinux,
    interactive,
    terminal: size !== undefined,
    pull: pullPolicy(facts.image, options),
    user: user.runAs,
    groups: user.groups,
    limits: container.limits,
    flags: container.flags.flatMap(({ words }) => words),
    image: facts.image.reference,
    command: ["-c", launcherOf(container), `${filesInContainer}/entrypoint`, ...options.arguments],
  };
}

function identityOf({ name, labels }: Container, { owner }: HostFacts): ContainerIdentity {
  return { name, labels, ownerLabel: label("owner", owner) };
}

/** The image of a workspace is never pulled: anyone could push its tag to a registry. */
function pullPolicy({ build }: Image, { pull }: ImageOptions): PullPolicy | undefined {
  return build === undefined ? pull : "never";
}

/** A secret is passed by its carrier's name only; the engine's client reads the value from its own environment. */
function environmentValue({ name, value, secret }: Variable): ContainerVariable {
  return secret === undefined ? { name, value } : { name: secretEnvName(name), value: undefined };
}

function secretVariables(variables: readonly Variable[]): readonly StepVariable[] {
  return variables.flatMap(({ name, value, secret }) =>
    secret === undefined ? [] : [{ name: secretEnvName(name), value, from: secret }],
  );
}

/** Not set for a terminal, which is one stream. */
function streamsVariables({ joined, terminal }: ContainerCommand): readonly StepVariable[] {
  return joined === undefined || terminal.size !== undefined
    ? []
    : [{ name: streamsVariable, value: joined ? "1" : "0", from: { streams: true } }];
}
