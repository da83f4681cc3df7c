import type { ContainerRequest, Engine } from "../../engine/engine.ts";
import { label } from "../../engine/labels.ts";
import { changeLines } from "../../transfer/changeLines.ts";
import { secretEnvPrefix, streamsVariable } from "../../workspace/variableNames.ts";
import type { Container } from "../container.ts";
import type { AttachStep, ContainerStep, FinalStep, PlannedFile, Step } from "../plan.ts";
import { filesInContainer, snapshotFile, statusFolderInContainer } from "../runPaths.ts";
import type { StepVariable } from "../stepVariable.ts";
import { entrypointThere, isHanding } from "./entrypointThere.ts";
import { parcelOf } from "./parcel.ts";
import type { Handed } from "./steps.ts";
import { engineNote, sentNote, wayBack } from "./wayBack.ts";

/** A run as it would be on this machine, which is planned for another one. */
export type RunHere = {
  readonly engine: Engine;
  readonly workspace: string;
  readonly container: Container;
  readonly request: ContainerRequest;
  readonly step: ContainerStep;
  readonly files: readonly PlannedFile[];
  readonly arguments: readonly string[];
};

/** The steps of a run on another machine, and its files. */
export type RunThere = {
  readonly steps: readonly Step[];
  readonly finally: readonly FinalStep[];
  readonly files: readonly PlannedFile[];
};

const signals = ["SIGHUP", "SIGINT", "SIGTERM", "SIGKILL"] as const;

/** Where the snapshot with the secrets of `secrets.poly` is: in memory. */
const snapshotInMemory = "/dev/shm/polycrate-snapshot.yml";

/**
 * Returns how the run is done on another machine: the container is created, gets all files by one archive, and is started; what
 * it changed comes back by another one, and it is removed.
 */
export function planRemote(run: RunHere): RunThere {
  const { engine, workspace, container, step } = run;
  const { name, transaction, shell } = container;
  const { image, terminal, environment } = step;
  const handed: Handed = { variables: environment.filter(isHanded), files: handedFiles(run.files) };
  const interactive = terminal.interactive || isHanding(handed);
  const parcel = parcelOf(container, workspace);
  const root = `/${parcel.workspace}`;
  const changes = changeLines({ workspace: root, folder: statusFolderInContainer, stays: parcel.stays });
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
  return {
    steps: [
      {
        ...common,
        kind: "create",
        argv: engine.create(requestThere(run, handed, interactive)),
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
        back: wayBack(root, transaction, parcel.stays),
      },
      { ...common, kind: "remove", argv: engine.removeContainer(name) },
    ],
    files: [
      ...filesThere(run.files, entrypointThere({ transaction, shell, terminal, handed, changes })),
      { path: engineNote, mode: 0o600, content: `${engine.endpoint.name}\n`, lifetime: "run" },
    ],
  };
}

/** A file with secrets is sent masked; the real one is handed over. */
function handedFiles(files: readonly PlannedFile[]): Handed["files"] {
  return files.flatMap(({ path, reveal }) =>
    path === snapshotFile && reveal !== undefined ? [{ path: snapshotInMemory, shown: path, reveal }] : [],
  );
}

function filesThere(files: readonly PlannedFile[], entrypoint: string): readonly PlannedFile[] {
  return files.map(({ path, mode, content, lifetime }) => ({
    path,
    mode,
    content: path === "files/entrypoint" ? entrypoint : content,
    lifetime,
  }));
}

/** Nothing is mounted but caches, which are of the engine. */
function requestThere(
  { request, arguments: words }: RunHere,
  { files }: Handed,
  interactive: boolean,
): ContainerRequest {
  const isMoved = (name: string) => files.length > 0 && snapshotVariables.includes(name);
  return {
    ...request,
    labels: [...request.labels, label("delivery", "copy")],
    environment: request.environment
      .filter(({ name }) => !name.startsWith(secretEnvPrefix))
      .map(({ name, value }) => ({ name, value: isMoved(name) ? snapshotInMemory : value })),
    mounts: [],
    hiddenFolders: [],
    tmpfs: [],
    selinux: false,
    interactive,
    command: [`${filesInContainer}/entrypoint`, ...words],
  };
}

const snapshotVariables = ["POLYCRATE_SNAPSHOT_FILE", "POLYCRATE_WORKSPACE_SNAPSHOT_YAML"];

function isHanded({ name }: StepVariable): boolean {
  return name !== streamsVariable;
}
