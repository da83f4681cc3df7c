import { streamsVariable, type Variable } from "../workspace/environment.ts";
import type { MissingFile } from "../workspace/runFiles.ts";
import { ansiblePlugin } from "./ansiblePlugin.ts";
import { type Container, filesInContainer } from "./container.ts";
import { type Image, planBuild } from "./image.ts";
import { emptyMountValue, mountValue } from "./mounts.ts";
import { planUsers } from "./person/users.ts";
import type { Plan, PlannedFile, StepVariable } from "./plan.ts";
import { carrierOf, entrypointOf, launcherOf, markOf, type Terminal } from "./script.ts";
import type { Snapshot } from "./snapshot.ts";
import type { Word } from "./words.ts";
import { writeYaml } from "./writeYaml.ts";

/** What a run is planned with beside its container. */
export type RunOptions = {
  readonly title: string;
  readonly workspace: string;
  readonly image: Image;
  readonly terminal: Terminal;
  /** The script, and what stands behind `--` on the command line. */
  readonly script: string;
  readonly arguments: readonly string[];
  readonly pull: "always" | "missing" | "never" | undefined;
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
    title: options.title,
    workspace: options.workspace,
    runDirectory: container.paths.runDirectory,
    requires: options.requires,
    folders: options.folders,
    files: filesOf(container, snapshot, options),
    steps: [
      ...planBuild(options.workspace, options.image),
      ...planUsers(container, { ...options, identity: identityOf(container, options) }),
      {
        name: "run",
        argv: argvOf(container, options),
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

function argvOf(container: Container, options: RunOptions): readonly Word[] {
  const { interactive, size } = options.terminal;
  return [
    "docker",
    "run",
    "--rm",
    "--init",
    "--log-driver=none",
    ...identityOf(container, options),
    ...container.environment.map((variable) => `--env=${environmentValue(variable)}`),
    ...streamsOf(options).map(({ name }) => `--env=${name}`),
    ...container.mounts
      .filter(({ origin }) => origin !== "`docker_flags`")
      .map((mount) => `--mount=${mountValue(mount)}`),
    ...container.hiddenFolders.map((folder) => `--mount=${emptyMountValue(folder)}`),
    ...privateFolderFlags(container),
    `--workdir=${container.workdir}`,
    `--entrypoint=${container.shell}`,
    ...(options.selinux ? ["--security-opt=label=disable"] : []),
    ...(interactive ? ["--interactive"] : []),
    ...(size === undefined ? [] : ["--tty"]),
    ...(interactive && size !== undefined ? [`--detach-keys=${neverTyped}`] : []),
    ...(options.pull === undefined ? [] : [`--pull=${options.pull}`]),
    ...container.person.flags,
    ...container.flags.flatMap(({ words }) => words),
    options.image.reference,
    "-c",
    launcherOf(container),
    `${filesInContainer}/entrypoint`,
    ...options.arguments,
  ];
}

function identityOf(container: Container, { owner }: RunOptions): readonly Word[] {
  return [
    `--name=${container.name}`,
    ...Array.from(container.labels, ([name, value]) => `--label=${name}=${value}`),
    { value: `--label=polycrate.owner=${owner}`, written: "" },
  ];
}

/**
 * With docker's own keys, Ctrl-P Ctrl-Q, its client leaves the container alone and reports success; there is no way to have
 * none. It holds a key back that could be the beginning of them.
 */
const neverTyped = Array.from({ length: 4 }, () => "ctrl-^,ctrl-@").join(",");

/** In memory, because what a tool keeps in a home is nobody else's business; programs may be put there. */
function privateFolderFlags({ person, privateFolders }: Container): readonly string[] {
  const owner = `uid=${person.uid},gid=${person.gid}`;
  return privateFolders.map((folder) => `--tmpfs=${folder}:${owner},mode=0700,exec`);
}

/** A secret stands under its carrier's name only; docker takes the value from its own environment. */
function environmentValue({ name, value, secret }: Variable): string {
  return secret === undefined ? `${name}=${value}` : carrierOf(name);
}

function carriersOf(variables: readonly Variable[]): readonly StepVariable[] {
  return variables.flatMap(({ name, value, secret }) =>
    secret === undefined ? [] : [{ name: carrierOf(name), value, from: secret }],
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
