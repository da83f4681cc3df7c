import type { Engine } from "../../engine/engine.ts";
import type { DockerFlag } from "../../engine/flags/dockerFlag.ts";
import { mountsOfFlags } from "../../engine/flags/flagMounts.ts";
import { exitCodes, PolycrateError } from "../../errors.ts";
import { actionKeySource } from "../../workspace/blocks/actionSource.ts";
import { type Fail, failAt, failFlag } from "../../workspace/fail.ts";
import type { Workspace } from "../../workspace/load.ts";
import type { BindMount } from "../../workspace/mounts.ts";
import { encryptedEnding } from "../../workspace/secrets/encryptedFiles.ts";
import type { YamlPath } from "../../yaml/value.ts";
import type { Target } from "../target.ts";

/** What a run would mount of this machine beside its workspace. */
export type MountsOfRun = {
  readonly flags: readonly DockerFlag[];
  readonly extraMounts: readonly BindMount[];
  readonly mountFlags: readonly BindMount[];
};

/** Throws (64, 65) for what a container can only have of this machine: an engine that is sent its files would mount its own. */
export function refuseFilesOfThisMachine(
  workspace: Workspace,
  { endpoint }: Pick<Engine, "endpoint">,
  { flags, extraMounts, mountFlags }: MountsOfRun,
): void {
  const at = (path: YamlPath) => failAt(workspace.file, path);
  const refuse = (fail: Fail, what: string) =>
    fail(
      `${what} cannot be mounted: the engine \`${endpoint.name}\` is sent copies of the workspace's files`,
      "remove it; if the engine sees the files of this machine, set `config.container.delivery: mount`",
    );
  const { container } = workspace.settings.config;
  for (const [index, { source }] of extraMounts.entries())
    refuse(at(["extramounts", index]), `\`${source}\``);
  for (const { source } of mountFlags) refuse(failFlag("--mount"), `\`${source}\``);
  for (const flag of flags) {
    const [mount] = mountsOfFlags([flag]).filter(({ source }) => /^[/.~]/.test(source));
    if (mount !== undefined)
      refuse(at(["config", "container", "docker_flags", flag.index]), `\`${mount.source}\``);
  }
  if (container.docker_socket) refuse(at(["config", "container", "docker_socket"]), "the docker socket");
  if (container.ssh_agent) refuse(at(["config", "container", "ssh_agent"]), "your ssh agent");
  const [encrypted] = workspace.secretFiles;
  if (encrypted !== undefined)
    throw new PolycrateError(
      `\`${encrypted.path}${encryptedEnding}\` is not decrypted for an engine on another machine: it would be on a disk there`,
      {
        hint: "put its values into `secrets.poly`, which are handed to the action in memory",
        exitCode: exitCodes.invalidWorkspace,
      },
    );
}

/** Throws (65) for a workspace that the target must not change: what changed in a copy comes back. */
export function refuseReadOnly(
  workspace: Workspace,
  { block, action }: Target,
  { endpoint }: Pick<Engine, "endpoint">,
): void {
  const inWorkspace = { file: workspace.file, at: ["config", "container", "workspace"] };
  const ofAction = block && action && actionKeySource(block.resolved, action.name, ["workspace"]);
  const { file, at } = ofAction ?? inWorkspace;
  failAt(file, at)(
    `\`workspace: read-only\` is not possible: the engine \`${endpoint.name}\` is sent copies of the workspace's files`,
    "remove it; if the engine sees the files of this machine, set `config.container.delivery: mount`",
  );
}
