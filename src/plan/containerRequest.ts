import type { ContainerIdentity, ContainerRequest, ContainerVariable, PullPolicy } from "../engine/engine.ts";
import { label } from "../engine/labels.ts";
import type { Image } from "../image/image.ts";
import type { Variable } from "../workspace/environment.ts";
import { streamsVariable } from "../workspace/variableNames.ts";
import type { Container } from "./container.ts";
import { launcherOf, secretEnvName } from "./entrypoint.ts";
import type { HostFacts } from "./hostFacts.ts";
import type { ImageOptions, RunOptions } from "./runOptions.ts";
import { filesInContainer } from "./runPaths.ts";
import type { StepVariable } from "./stepVariable.ts";
import type { Terminal } from "./terminal.ts";

/** The streams of a command. */
type CommandStreams = {
  readonly terminal: Terminal;
  /** Whether standard output and standard error are one file; undefined when the command always gets two. */
  readonly joined: boolean | undefined;
};

/** Returns what the engine is asked to run. */
export function containerRequest(
  container: Container,
  facts: HostFacts,
  command: CommandStreams,
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

/** Returns the name and labels of the container, and who owns it. */
export function identityOf({ name, labels }: Container, { owner }: HostFacts): ContainerIdentity {
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

/** Returns the variables that carry secrets. */
export function secretVariables(variables: readonly Variable[]): readonly StepVariable[] {
  return variables.flatMap(({ name, value, secret }) =>
    secret === undefined ? [] : [{ name: secretEnvName(name), value, from: secret }],
  );
}

/** Returns the variable that says whether the streams are one; none for a terminal, which always is one. */
export function streamsVariables({ joined, terminal }: CommandStreams): readonly StepVariable[] {
  return joined === undefined || terminal.size !== undefined
    ? []
    : [{ name: streamsVariable, value: joined ? "1" : "0", from: { streams: true } }];
}
