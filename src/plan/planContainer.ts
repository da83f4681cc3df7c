import type { Engine } from "../engine/engine.ts";
import type { ActionSource } from "../workspace/blocks/actionSource.ts";
import type { Workspace } from "../workspace/load.ts";
import { type Container, describeContainer } from "./container.ts";
import { containerRequest, identityOf, secretVariables, streamsVariables } from "./containerRequest.ts";
import { containerWarnings } from "./containerWarnings.ts";
import type { FailureShell } from "./failureShell.ts";
import type { HostFacts } from "./hostFacts.ts";
import { maskedValues } from "./maskedValues.ts";
import { ownCaches } from "./ownCaches.ts";
import type { ContainerStep, Plan, PlannedFile } from "./plan.ts";
import { buildSteps, imageWarnings } from "./planBuild.ts";
import { planRemote } from "./remote/planRemote.ts";
import { refuseFilesOfThisMachine, refuseReadOnly } from "./remote/refusals.ts";
import { runFiles } from "./runFiles.ts";
import type { RunOptions } from "./runOptions.ts";
import { takeSnapshot } from "./snapshot.ts";
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
    trust: options.trust,
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
  const request = containerRequest(container, facts, command, options);
  const preparation = { engine, image, pull: request.pull, identity: identityOf(container, facts) };
  const before = [...probeUsers(container, preparation), ...ownCaches(container, preparation)];
  const cold: ContainerStep = {
    kind: "run",
    argv: engine.run(request),
    environment: [...secretVariables(container.environment), ...streamsVariables(command)],
    secrets: maskedValues(container),
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
