import type {
  ContainerIdentity,
  ContainerRequest,
  ContainerVariable,
  Engine,
  PullPolicy,
} from "../engine/engine.ts";
import { label } from "../engine/labels.ts";
import type { Image } from "../image/image.ts";
import type { MissingFile } from "../workspace/blockPaths.ts";
import type { Variable } from "../workspace/environment.ts";
import { streamsVariable } from "../workspace/variableNames.ts";
import { writeYaml } from "../yaml/write.ts";
import { ansiblePlugin } from "./ansiblePlugin.ts";
import { type Container, filesInContainer } from "./container.ts";
import { entrypointOf, launcherOf, markOf, secretEnvName, type Terminal } from "./entrypoint.ts";
import type { Plan, PlannedFile, StepVariable } from "./plan.ts";
import { planBuild } from "./planBuild.ts";
import type { Snapshot } from "./snapshot.ts";
import { planUsers } from "./user/userFiles.ts";

/** What a run is planned with beside its container. */
export type RunOptions = {
  readonly engine: Engine;
  readonly title: string;
  readonly workspace: string;
  readonly image: Image;
  readonly terminal: Terminal;
  /** The script, and what stands behind `--` on the command line. */
  readonly script: string;
  readonly arguments: readonly string[];
  readonly pull: PullPolicy | undefined;
  /** Whether standard output and standard error are one file; undefined when the action has them apart in any case. */
  readonly joined: boolean | undefined;
  /** Files, and folders, relative to the workspace, that have to be there before the run. */
  readonly requires: readonly MissingFile[];
  readonly folders: readonly string[];
  /** Names the process that looks after the container, so that another one can tell that it is gone. */
  readonly owner: string;
  readonly selinux: boolean;
};

/** Returns the plan of one run: build the image if it is missing, then run the container. */
export function planRun(container: Container, snapshot: Snapshot, options: RunOptions): Plan {
  return {
    engine: options.engine,
    title: options.title,
    workspace: options.workspace,
    runDirectory: container.paths.runDirectory,
    requires: options.requires,
    folders: options.folders,
    files: filesOf(container, snapshot, options),
    steps: [
      ...planBuild(options.engine, options.workspace, options.image),
      ...planUsers(container, { ...options, identity: identityOf(container, options) }),
      {
        name: "run",
        argv: options.engine.run(requestOf(container, options)),
        environment: [...carriersOf(container.environment), ...streamsOf(options)],
      },
    ],
  };
}

function filesOf(container: Container, snapshot: Snapshot, options: RunOptions): readonly PlannedFile[] {
  const { paths, transaction, knownHosts } = container;
  const run = (path: string, mode: number, content: string): PlannedFile => ({
    path: relativeToRun(container, path),
    mode,
    content,
    lifetime: "run",
  });
  const mark = `${markOf(transaction)}\n`;
  const entrypoint = entrypointOf(container, options.terminal, `${filesInContainer}/script`);
  return [
    { path: ".polycrate/.gitignore", mode: 0o644, content: "*\n", lifetime: "stays" },
    { path: ".snapshot.yml", mode: 0o644, content: mountPoint, lifetime: "stays" },
    ...(knownHosts === undefined ? [] : [emptyFile(relativeTo(options.workspace, knownHosts))]),
    run(paths.snapshot, 0o444, mark + writeYaml(snapshot)),
    run(`${paths.files}/entrypoint`, 0o444, mark + entrypoint),
    run(`${paths.files}/script`, 0o444, options.script),
    run(`${paths.files}/${ansiblePlugin.path}`, 0o444, ansiblePlugin.content),
    run(paths.status, 0o666, mark),
  ];
}

function emptyFile(path: string): PlannedFile {
  return { path, mode: 0o644, content: "", lifetime: "stays" };
}

const mountPoint =
  "# the snapshot of each run is mounted here; `polycrate shell` shows it in a container, `polycrate snapshot` prints it\n";

function requestOf(container: Container, options: RunOptions): ContainerRequest {
  const { person, privateFolders } = container;
  const { interactive, size } = options.terminal;
  return {
    ...identityOf(container, options),
    environment: [
      ...container.environment.map(environmentValue),
      ...streamsOf(options).map(({ name }) => ({ name, value: undefined })),
    ],
    mounts: container.mounts.filter(({ origin }) => origin !== "`docker_flags`"),
    hiddenFolders: container.hiddenFolders,
    privateFolders: privateFolders.map((path) => ({ path, uid: person.uid, gid: person.gid })),
    workdir: container.workdir,
    entrypoint: container.shell,
    selinux: options.selinux,
    interactive,
    terminal: size !== undefined,
    pull: options.pull,
    user: person.runAs,
    groups: person.groups,
    flags: container.flags.flatMap(({ words }) => words),
    image: options.image.reference,
    command: ["-c", launcherOf(container), `${filesInContainer}/entrypoint`, ...options.arguments],
  };
}

function identityOf({ name, labels }: Container, { owner }: RunOptions): ContainerIdentity {
  return { name, labels, ownerLabel: label("owner", owner) };
}

/** A secret stands under its carrier's name only; the engine's client takes the value from its own environment. */
function environmentValue({ name, value, secret }: Variable): ContainerVariable {
  return secret === undefined ? { name, value } : { name: secretEnvName(name), value: undefined };
}

function carriersOf(variables: readonly Variable[]): readonly StepVariable[] {
  return variables.flatMap(({ name, value, secret }) =>
    secret === undefined ? [] : [{ name: secretEnvName(name), value, from: secret }],
  );
}

/** A terminal is one stream anyway. */
function streamsOf({ joined }: RunOptions): readonly StepVariable[] {
  return joined === undefined
    ? []
    : [{ name: streamsVariable, value: joined ? "1" : "0", from: { streams: true } }];
}

function relativeTo(workspace: string, path: string): string {
  return path.slice(workspace.length + 1);
}

function relativeToRun({ paths: { runDirectory } }: Container, path: string): string {
  return relativeTo(`${runDirectory.root}/${runDirectory.path}`, path);
}
