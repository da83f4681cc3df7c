import type { ContainerRequest, Engine } from "../../engine/engine.ts";
import { label } from "../../engine/labels.ts";
import { changeLines } from "../../transfer/changeLines.ts";
import { secretEnvPrefix, streamsVariable } from "../../workspace/variableNames.ts";
import type { Container } from "../container.ts";
import type { AttachStep, ContainerStep, FinalStep, PlannedFile, Step } from "../plan.ts";
import { filesInContainer, statusFolderInContainer } from "../runPaths.ts";
import type { StepVariable } from "../stepVariable.ts";
import { outerEntrypoint, outerFile } from "./outerEntrypoint.ts";
import { parcelOf } from "./parcel.ts";
import type { Handed } from "./steps.ts";

/** A run as it would be on this machine, which is planned for another one. */
export type RunHere = {
  readonly engine: Engine;
  readonly workspace: string;
  readonly container: Container;
  readonly request: ContainerRequest;
  readonly step: ContainerStep;
  readonly arguments: readonly string[];
};

/** The steps of a run on another machine, and the file of the run that only these have. */
export type RunThere = {
  readonly steps: readonly Step[];
  readonly finally: readonly FinalStep[];
  readonly file: PlannedFile;
};

/** The signals that a container is sent, SIGKILL among them. */
const signals = ["SIGHUP", "SIGINT", "SIGTERM", "SIGKILL"] as const;

/**
 * Returns how the run is done on another machine: the container is created, gets all files by one archive, and is started; what
 * it changed comes back by another one, and it is removed.
 */
export function planRemote(run: RunHere): RunThere {
  const { engine, workspace, container, step } = run;
  const { name, transaction, shell } = container;
  const { image, terminal, environment } = step;
  const handed: Handed = { variables: environment.filter(isHanded) };
  const interactive = terminal.interactive || handed.variables.length > 0;
  const parcel = parcelOf(container, workspace);
  const root = `/${parcel.workspace}`;
  const common = { image, container: name };
  const attach: AttachStep = {
    ...step,
    kind: "attach",
    argv: engine.attach({ name, interactive, terminal: terminal.size !== undefined }),
    wait: engine.waitForContainer(name),
    onSignal: signals.map((signal) => ({ signal, argv: engine.signalContainer(name, signal) })),
    handed,
    transaction,
  };
  const changes = changeLines({ workspace: root, folder: statusFolderInContainer, stays: parcel.stays });
  return {
    steps: [
      {
        ...common,
        kind: "create",
        argv: engine.create(requestThere(run, interactive)),
        environment: environment.filter((one) => !isHanded(one)),
        shell,
      },
      { ...common, kind: "send", argv: engine.copyInto(name), parcel, note: sentNote },
      attach,
    ],
    finally: [
      {
        ...common,
        kind: "fetch",
        argv: engine.copyFrom(name, statusFolderInContainer),
        whole: engine.copyFrom(name, root),
        note: sentNote,
        back: {
          noted: lastName(statusFolderInContainer),
          workspace: lastName(root),
          stays: parcel.stays,
          mergedByLine: ["known_hosts"],
          staging: `.polycrate/run/${transaction}-fetched`,
          conflicts: `.polycrate/conflicts/${transaction}`,
        },
      },
      { ...common, kind: "remove", argv: engine.removeContainer(name) },
    ],
    file: {
      path: `files/${outerFile}`,
      mode: 0o444,
      content: outerEntrypoint({ transaction, shell, terminal, handed, changes }),
      lifetime: "run",
    },
  };
}

/** The file of a run that notes what was sent. */
const sentNote = "sent";

/** Nothing is mounted but caches, which are of the engine. */
function requestThere({ request, arguments: words }: RunHere, interactive: boolean): ContainerRequest {
  return {
    ...request,
    labels: [...request.labels, label("delivery", "copy")],
    environment: request.environment.filter(({ name }) => !name.startsWith(secretEnvPrefix)),
    mounts: [],
    hiddenFolders: [],
    tmpfs: [],
    selinux: false,
    interactive,
    command: [`${filesInContainer}/${outerFile}`, ...words],
  };
}

function isHanded({ name }: StepVariable): boolean {
  return name !== streamsVariable;
}

function lastName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
