import { PolycrateError } from "../../errors.ts";
import { toShell } from "../../host/arg.ts";
import { type Block, blocksOf } from "../../workspace/blocks/overlayBlocks.ts";
import { type ResolvedBlock, resolveFoundBlock } from "../../workspace/blocks/resolveBlock.ts";
import { hostFolderMessage, hostRights, isSocket, socketMessage } from "../../workspace/lint/hostRights.ts";
import { lintVariable } from "../../workspace/lint/lintVariables.ts";
import type { Workspace } from "../../workspace/load.ts";
import { problemsIn } from "../../workspace/poly/polyFile.ts";
import type { PolyFinding } from "../../workspace/poly/problems.ts";
import { assertNoErrors, type Problem } from "../../workspace/poly/problems.ts";
import { valueAt } from "../../yaml/path.ts";
import { isYamlList } from "../../yaml/value.ts";
import { type DockerFlag, type DockerFlags, readDockerFlags } from "./dockerFlag.ts";
import { accessOfFlag } from "./flagAccess.ts";
import { mountsOfFlags } from "./flagMounts.ts";
import { actionLimitProblems, workspaceLimitProblems } from "./limitProblems.ts";
import type { ExpansionContext } from "./splitWords.ts";

/** Returns the workspace's `docker_flags`. Throws (65) with all of their problems, each with its position. */
export function readWorkspaceFlags(workspace: Workspace, context: ExpansionContext): DockerFlags {
  const entries = workspace.settings.config.container.docker_flags;
  const read = readDockerFlags(entries, context, workspace.layout.containerRoot);
  if (read.problems.length > 0) assertNoErrors(flagProblems(workspace, read));
  return read;
}

/**
 * Returns the problems of the workspace's `docker_flags` on any machine, where every variable counts as set, and the
 * access to the host that they give to actions.
 */
export function lintDockerFlags(workspace: Workspace): readonly Problem[] {
  const written = valueAt(workspace.file.value, flagsPath) ?? [];
  const entries = isYamlList(written) && written.every((entry) => typeof entry === "string") ? written : [];
  const read = readDockerFlags(
    entries,
    { uid: 1000, gid: 1000, home: someHome, directory: workspace.path, environment: everySetVariable },
    workspace.layout.containerRoot,
  );
  const found = [
    ...read.flags.flatMap((flag) => rightsOf(workspace, flag)),
    ...read.variables.flatMap(({ name, value, written, index }) =>
      lintVariable(name, written === undefined ? (value ?? fromCaller) : fromCaller, [...flagsPath, index]),
    ),
  ];
  return [
    ...flagProblems(workspace, read),
    ...problemsIn(workspace.file, found),
    ...limitProblems(workspace, read.flags),
  ];
}

/** Those of the workspace, and of the actions of every block that can be resolved. */
function limitProblems(workspace: Workspace, flags: readonly DockerFlag[]): readonly Problem[] {
  const ofActions = blocksOf(workspace).flatMap((block) => {
    const resolved = resolvedIfValid(workspace, block);
    if (resolved === undefined) return [];
    return resolved.settings.actions.flatMap((settings) =>
      actionLimitProblems(workspace, { block: resolved, name: settings.name, settings }, flags),
    );
  });
  // An action that several blocks inherit is reported once.
  const byText = new Map(ofActions.map((problem) => [JSON.stringify(problem), problem]));
  return [...workspaceLimitProblems(workspace, flags), ...byText.values()];
}

function resolvedIfValid(workspace: Workspace, block: Block): ResolvedBlock | undefined {
  try {
    return resolveFoundBlock(workspace, block);
  } catch (error) {
    if (error instanceof PolycrateError) return undefined;
    throw error;
  }
}

/** The value of a variable of the caller is not known, so only its name is checked. */
const fromCaller = new Map();

const someHome = "/home/user";

/** A variable can contain a whole flag. */
const everySetVariable = new Proxy<Record<string, string>>(
  {},
  { get: (_, name) => (name === "HOME" ? someHome : "--label=variable") },
);

const flagsPath = ["config", "container", "docker_flags"];

function flagProblems({ file }: Workspace, { problems }: DockerFlags): readonly Problem[] {
  return problemsIn(
    file,
    problems.map(({ index, message, hint }) => ({
      severity: "error",
      code: "wrong-docker-flag",
      at: [...flagsPath, index],
      message: `\`config.container.docker_flags\`: ${message}`,
      hint,
    })),
  );
}

function rightsOf(workspace: Workspace, flag: DockerFlag): readonly PolyFinding[] {
  const at = [...flagsPath, flag.index];
  const shown = `\`${toShell(flag.words).join(" ")}\``;
  const given = givenBy(flag);
  return [
    ...(given === undefined ? [] : [hostRights(`${shown} ${given}`, at)]),
    ...mountsOfFlags([flag]).flatMap((mount): readonly PolyFinding[] => {
      if (isSocket(mount.source)) return [hostRights(socketMessage, at)];
      const message = hostFolderMessage(mount, workspace.path, someHome);
      return message === undefined ? [] : [hostRights(message, at)];
    }),
  ];
}

/** The access to the host that a flag gives to an action, as the rest of a sentence. */
function givenBy({ name, value }: DockerFlag): string | undefined {
  if (name === "privileged")
    return value === "false" ? undefined : "gives every action root access to the host";
  if (name === "use-api-socket") return "gives every action root access to the host";
  if (name === "device" || name === "device-cgroup-rule")
    return "gives every action access to a device of the host";
  if (name === "cap-add") return "gives every action a capability that containers do not have by default";
  if (name === "security-opt" && unconfined.test(value ?? "")) return "disables a protection of the host";
  const shared = namespaces.get(name);
  if (shared !== undefined && value === "host") return `gives every action access to ${shared}`;
  const [other] = reportedOtherwise.has(name) ? [] : accessOfFlag({ name, value });
  return other === undefined ? undefined : `gives every action ${other.gives}`;
}

/** Mounts have their own messages, and of the others only what is above is a warning. */
const reportedOtherwise: ReadonlySet<string> = new Set(
  "cap-add mount volume publish publish-all network net security-opt label-file pid ipc uts userns cgroupns".split(
    " ",
  ),
);

const unconfined =
  /^(?:(?:seccomp|apparmor|systempaths)[=:]unconfined|label[=:]disable|no-new-privileges[=:]false)$/;

const namespaces: ReadonlyMap<string, string> = new Map([
  ["network", "the host's network, including its loopback interface"],
  ["net", "the host's network, including its loopback interface"],
  ["pid", "the host's processes"],
  ["ipc", "the host's shared memory"],
  ["uts", "the host's hostname"],
  ["userns", "the host's user ids"],
  ["cgroupns", "the host's control groups"],
]);
